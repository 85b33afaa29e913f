//! What each generation of htmx reads in `hx-swap-oob`.

use scraper::Selector;

use crate::dialect::Htmx;

/// What one element of a frame does to the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Swap {
    pub(super) style: Style,
    /// A selector of CSS.
    pub(super) target: String,
    /// Whether the element is only the wrapper of what goes into the page.
    pub(super) is_wrapper: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Replace,
    Morph,
    Content,
    LastChild,
    FirstChild,
    Before,
    After,
    Delete,
    None,
}

impl Style {
    /// In the words of a failure.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Morph => "morph",
            Self::Content => "update",
            Self::LastChild => "append to",
            Self::FirstChild => "prepend to",
            Self::Before => "insert before",
            Self::After => "insert after",
            Self::Delete => "remove",
            Self::None => "leave alone",
        }
    }

    fn of(name: &str, htmx: Htmx) -> Result<Self, String> {
        let style = match name {
            "true" | "outerHTML" => Self::Replace,
            "innerHTML" => Self::Content,
            "beforeend" => Self::LastChild,
            "afterbegin" => Self::FirstChild,
            "beforebegin" => Self::Before,
            "afterend" => Self::After,
            "delete" => Self::Delete,
            "none" => Self::None,
            "morph" | "morph-wrapped" if htmx == Htmx::V2Morph => Self::Morph,
            "outerMorph" if htmx == Htmx::V4 => Self::Morph,
            "innerMorph" if htmx == Htmx::V4 => Self::Content,
            "append" if htmx == Htmx::V4 => Self::LastChild,
            "prepend" if htmx == Htmx::V4 => Self::FirstChild,
            _ => {
                let what = if htmx == Htmx::V4 { "throws" } else { "takes it for `innerHTML`" };
                return Err(format!("{} knows no swap style `{name}`, and {what}", name_of(htmx)));
            }
        };
        Ok(style)
    }
}

/// As people call it.
pub(super) fn name_of(htmx: Htmx) -> &'static str {
    match htmx {
        Htmx::V2 => "htmx 2",
        Htmx::V2Morph => "htmx 2 with idiomorph",
        Htmx::V4 => "htmx 4",
    }
}

impl Swap {
    /// Of an element with this attribute, and this id.
    pub(super) fn parse(oob: &str, id: Option<&str>, htmx: Htmx) -> Result<Self, String> {
        let (style, selector, strip) = match oob.split_once(' ') {
            // Modifiers, which stand behind a space: in front of the first `:` there is none in the short form.
            Some((style, modifiers)) if htmx == Htmx::V4 && !style.contains(':') => modified(style, modifiers),
            _ => match oob.split_once(':') {
                Some((style, selector)) => (style, Some(selector), None),
                None => (oob, None, None),
            },
        };
        let is_wrapper_always = style == "morph-wrapped";
        let style = Style::of(style, htmx)?;
        let own = || id.map(|id| format!("#{id}")).ok_or("an element of a frame has neither an id nor a target");
        let target = match selector {
            Some(selector) => selector.to_owned(),
            None => own()?,
        };
        // Only an element that takes the place of another goes into the page itself.
        let is_wrapper = strip.unwrap_or(is_wrapper_always || !matches!(style, Style::Replace | Style::Morph));
        Ok(Self { style, target, is_wrapper })
    }

    pub(super) fn selector(&self) -> Result<Selector, String> {
        Selector::parse(&self.target).map_err(|error| format!("`{}` is no selector: {error}", self.target))
    }

    /// The id of the insertion that is only for pages without it.
    pub(super) fn absent(&self) -> Option<&str> {
        Some(self.target.split_once(":not(:has(#")?.1.split_once(')')?.0)
    }

    /// The id of the element that it is for.
    pub(super) fn id(&self) -> Option<&str> {
        let (_, id) = self.target.rsplit_once('#')?;
        id.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_').then_some(id)
    }
}

/// `style strip:true target:#a b`: the target is the last one, and reaches to the end.
fn modified<'a>(style: &'a str, modifiers: &'a str) -> (&'a str, Option<&'a str>, Option<bool>) {
    let (words, target) = match modifiers.split_once("target:") {
        Some((words, target)) => (words, Some(target)),
        None => (modifiers, None),
    };
    let strip = words.split(' ').find_map(|word| word.strip_prefix("strip:")).map(|strip| strip == "true");
    (style, target, strip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(oob: &str, htmx: Htmx, expected: Result<(Style, &str, bool), &str>) {
        let found = Swap::parse(oob, Some("x"), htmx);
        let found = found.as_ref().map(|swap| (swap.style, swap.target.as_str(), swap.is_wrapper)).map_err(String::as_str);
        assert_eq!(found, expected, "{oob}");
    }

    #[test]
    fn each_generation_reads_its_own_words() {
        for htmx in Htmx::ALL {
            check("true", htmx, Ok((Style::Replace, "#x", false)));
            check("delete", htmx, Ok((Style::Delete, "#x", true)));
            check("innerHTML:#a", htmx, Ok((Style::Content, "#a", true)));
            check("beforeend:html body:not(:has(#x)) #a", htmx, Ok((Style::LastChild, "html body:not(:has(#x)) #a", true)));
        }
        check("morph", Htmx::V2Morph, Ok((Style::Morph, "#x", false)));
        check("morph-wrapped:#x", Htmx::V2Morph, Ok((Style::Morph, "#x", true)));
        check("outerMorph", Htmx::V4, Ok((Style::Morph, "#x", false)));
        check("outerMorph strip:true target:#r", Htmx::V4, Ok((Style::Morph, "#r", true)));
        check("outerMorph", Htmx::V2, Err("htmx 2 knows no swap style `outerMorph`, and takes it for `innerHTML`"));
        check("morph", Htmx::V4, Err("htmx 4 knows no swap style `morph`, and throws"));
    }
}
