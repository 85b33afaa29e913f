//! What the address says about the look of the page: `?theme=dark&dir=rtl`.

use std::collections::HashMap;

/// The scheme and the direction of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Look {
    /// `None`: as the reader's system has it.
    pub(crate) theme: Option<&'static str>,
    pub(crate) is_rtl: bool,
}

impl Look {
    /// Reads the query; what it does not know it leaves as it is.
    pub(crate) fn of(query: &HashMap<String, String>) -> Self {
        let theme = query.get("theme").and_then(|theme| ["light", "dark"].into_iter().find(|known| known == theme));
        Self { theme, is_rtl: query.get("dir").is_some_and(|dir| dir == "rtl") }
    }

    pub(crate) fn dir(self) -> &'static str {
        if self.is_rtl { "rtl" } else { "ltr" }
    }

    /// The address of the page with this look.
    pub(crate) fn address(self) -> String {
        let theme = self.theme.map(|theme| format!("&theme={theme}")).unwrap_or_default();
        format!("/?dir={}{theme}", self.dir())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &[(&str, &str)], address: &str) {
        let query = query.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        assert_eq!(Look::of(&query).address(), address);
    }

    #[test]
    fn only_what_is_known_is_taken() {
        check(&[], "/?dir=ltr");
        check(&[("theme", "dark"), ("dir", "rtl")], "/?dir=rtl&theme=dark");
        check(&[("theme", "\"><"), ("dir", "up")], "/?dir=ltr");
    }
}
