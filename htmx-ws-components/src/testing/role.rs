//! What someone finds who reads a page by its accessibility tree: roles and names, of the commonest elements.
//!
//! See HTML Accessibility API Mappings, and Accessible Name and Description Computation, of both of which this is a small part.

use scraper::{ElementRef, Selector};

use crate::testing::dom::Dom;
use crate::testing::show::{text, words};

/// The names of all elements of this role.
pub(super) fn names(dom: &Dom, role: &str) -> Vec<String> {
    let of_role = dom.elements().into_iter().filter(|element| role_of(*element).as_deref() == Some(role) && !is_hidden(*element));
    of_role.map(|element| name(dom, element)).collect()
}

fn role_of(element: ElementRef<'_>) -> Option<String> {
    // The first one of a list, as a browser that knows all of them takes it.
    if let Some(role) = element.attr("role").and_then(|roles| roles.split_whitespace().next()) {
        return Some(role.to_owned());
    }
    let has = |name: &str| element.attr(name).is_some();
    let role = match element.value().name() {
        "a" | "area" if has("href") => "link",
        "article" => "article",
        "aside" => "complementary",
        "button" => "button",
        "details" | "fieldset" | "optgroup" => "group",
        "dialog" => "dialog",
        "footer" => "contentinfo",
        "form" => "form",
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => "heading",
        "header" => "banner",
        "hr" => "separator",
        "img" => "img",
        "input" => return input(element.attr("type").unwrap_or("text")).map(str::to_owned),
        "li" => "listitem",
        "main" => "main",
        "meter" => "meter",
        "nav" => "navigation",
        "ol" | "ul" | "menu" => "list",
        "option" => "option",
        "output" => "status",
        "progress" => "progressbar",
        "section" if has("aria-label") || has("aria-labelledby") => "region",
        "select" if has("multiple") => "listbox",
        "select" => "combobox",
        "table" => "table",
        "tbody" | "thead" | "tfoot" => "rowgroup",
        "td" => "cell",
        "textarea" => "textbox",
        "th" if element.attr("scope") == Some("row") => "rowheader",
        "th" => "columnheader",
        "tr" => "row",
        _ => return None,
    };
    Some(role.to_owned())
}

fn input(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "button" | "submit" | "reset" | "image" => "button",
        "checkbox" => "checkbox",
        "radio" => "radio",
        "range" => "slider",
        "number" => "spinbutton",
        "search" => "searchbox",
        "hidden" | "password" | "file" | "color" | "date" | "time" => return None,
        _ => "textbox",
    })
}

fn name(dom: &Dom, element: ElementRef<'_>) -> String {
    let attribute = |name: &str| element.attr(name).map(words).filter(|text| !text.is_empty());
    let by = element.attr("aria-labelledby").map(|ids| {
        let texts = ids.split_whitespace().flat_map(|id| dom.with_id(id)).map(text);
        texts.collect::<Vec<_>>().join(" ")
    });
    let tag = element.value().name();
    let own = || match tag {
        "input" if ["submit", "button", "reset"].contains(&element.attr("type").unwrap_or_default()) => attribute("value"),
        "input" | "select" | "textarea" | "progress" | "meter" | "output" => label(dom, element),
        "img" | "area" => attribute("alt"),
        "fieldset" => first(element, "legend"),
        "table" => first(element, "caption"),
        // Named by whoever writes the page only.
        "ul" | "ol" | "menu" | "nav" | "main" | "form" | "dialog" | "section" | "aside" | "header" | "footer" | "article" => None,
        _ => Some(text(element)),
    };
    by.filter(|name| !name.is_empty()).or_else(|| attribute("aria-label")).or_else(own).or_else(|| attribute("title")).unwrap_or_default()
}

/// The label that names a control, or stands around it.
fn label(dom: &Dom, element: ElementRef<'_>) -> Option<String> {
    let is_label = |other: &ElementRef<'_>| other.value().name() == "label";
    let id = element.value().id();
    let named = dom.elements().into_iter().filter(is_label).find(|label| id.is_some() && label.attr("for") == id);
    named.or_else(|| element.ancestors().filter_map(ElementRef::wrap).find(is_label)).map(text)
}

fn first(element: ElementRef<'_>, css: &str) -> Option<String> {
    let selector = Selector::parse(css).ok()?;
    element.select(&selector).next().map(text)
}

fn is_hidden(element: ElementRef<'_>) -> bool {
    let hides = |element: ElementRef<'_>| element.attr("hidden").is_some() || element.attr("aria-hidden") == Some("true");
    hides(element) || element.ancestors().filter_map(ElementRef::wrap).any(hides)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, role: &str, expected: &[&str]) {
        assert_eq!(names(&Dom::document(html), role), expected, "{html}");
    }

    #[test]
    fn roles_are_those_of_tags_and_of_the_attribute() {
        check("<button>Save</button><a href=x role=button>Go</a><input type=submit value=Send>", "button", &["Save", "Go", "Send"]);
        check("<a>none</a><a href=x>one</a>", "link", &["one"]);
        check("<h2>Some <b>jobs</b></h2>", "heading", &["Some jobs"]);
        check("<div role=progressbar aria-label=Upload></div><progress title=Load></progress>", "progressbar", &["Upload", "Load"]);
    }

    #[test]
    fn a_name_comes_from_the_first_that_gives_one() {
        check("<p id=n>By id</p><button aria-labelledby=n aria-label=no>no</button>", "button", &["By id"]);
        check("<label for=a>Name</label><input id=a><label>Mail <input type=email></label><input>", "textbox", &["Name", "Mail", ""]);
        check("<table><caption>Jobs</caption></table>", "table", &["Jobs"]);
        check("<ul aria-label=Steps><li>one</ul>", "list", &["Steps"]);
    }

    #[test]
    fn what_is_hidden_is_not_found() {
        check("<div hidden><button>a</button></div><button aria-hidden=true>b</button><button>c</button>", "button", &["c"]);
    }
}
