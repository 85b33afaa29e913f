//! What a page is told to do, beside the changes of its elements.

use std::sync::Arc;

use serde::Serialize;

/// A named event with a value, for the page's own script.
///
/// Our script dispatches it on the document, as a `CustomEvent` whose `detail` is the value, once the patches that were published before it are in the page:
///
/// ```js
/// document.addEventListener("job-finished", (event) => play(event.detail.sound));
/// ```
///
/// A page without our script gets it as a message of htmx's own WebSocket extension: the JSON `{"htmx-ws": …, "event": name, "detail": value}`.
///
/// ```
/// use htmx_ws_components::{Hub, Patch};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Finished { sound: &'static str }
///
/// let event = Patch::event("job-finished", &Finished { sound: "bell" })?;
/// Hub::new().publish("job-7", &event);
///
/// assert_eq!(Patch::event("htmx:load", &()).unwrap_err().to_string(), "`htmx:load` cannot be the name of an event: names that begin with `htmx` are htmx's own");
/// # Ok::<(), htmx_ws_components::InvalidEvent>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    name: Arc<str>,
    /// Both as members of a JSON object, without a `<`: htmx 2 looks for HTML in whatever comes.
    members: Arc<str>,
}

impl Event {
    pub(crate) fn new(name: &str, detail: &impl Serialize) -> Result<Self, InvalidEvent> {
        let invalid = |problem| InvalidEvent { name: name.to_owned(), problem };
        if name.is_empty() || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(invalid(NameProblem::NoWord));
        }
        if name.starts_with("htmx") {
            return Err(invalid(NameProblem::Reserved));
        }
        Self::written(name, detail).map_err(|error| invalid(NameProblem::NotJson(error.to_string())))
    }

    /// One for our script, `htmx-ws:name`, which no page can publish under this name.
    pub(crate) fn own(name: &str, detail: &(impl Serialize + ?Sized)) -> Self {
        let Ok(event) = Self::written(&format!("htmx-ws:{name}"), detail) else { unreachable!("texts have a JSON form") };
        event
    }

    fn written(name: &str, detail: &(impl Serialize + ?Sized)) -> serde_json::Result<Self> {
        let (name, detail) = (serde_json::to_string(name)?, serde_json::to_string(detail)?);
        // A `<` stands in texts only, where this means the same.
        let members = format!("\"event\":{name},\"detail\":{detail}").replace('<', "\\u003c");
        Ok(Self { name: name.into(), members: members.into() })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// As it was written by another process.
    pub(crate) fn read(name: &str, members: &str) -> serde_json::Result<Self> {
        serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&format!("{{{members}}}"))?;
        Ok(Self { name: name.into(), members: members.replace('<', "\\u003c").into() })
    }

    /// `"event":…,"detail":…`
    pub(crate) fn members(&self) -> &str {
        &self.members
    }
}

/// A name or a value that cannot be an event, and why.
///
/// ```
/// let error = htmx_ws_components::Patch::event("", &7).unwrap_err();
/// assert_eq!(error.to_string(), "`` cannot be the name of an event: it must be a word, as in `job-finished`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` cannot be the name of an event: {problem}")]
pub struct InvalidEvent {
    name: String,
    problem: NameProblem,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum NameProblem {
    #[error("it must be a word, as in `job-finished`")]
    NoWord,
    #[error("names that begin with `htmx` are htmx's own")]
    Reserved,
    #[error("its value has no JSON form: {0}")]
    NotJson(String),
}

/// Where a page can be sent to: a path of its own site, or a URL with `http` or `https`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location(Arc<str>);

impl Location {
    pub(crate) fn new(url: &str) -> Result<Self, InvalidLocation> {
        let is_path = url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\");
        let is_http = ["http://", "https://"].iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
        // Within quotes of either kind in an attribute.
        let is_plain = !url.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>'));
        if (is_path || is_http) && is_plain { Ok(Self(url.into())) } else { Err(InvalidLocation(url.to_owned())) }
    }

    /// As [`Location::new`], for paths only.
    pub(crate) fn of_site(path: &str) -> Result<Self, InvalidLocation> {
        Self::new(path).ok().filter(|location| location.0.starts_with('/')).ok_or_else(|| InvalidLocation(path.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that no page is sent to.
///
/// ```
/// let error = htmx_ws_components::Patch::redirect("javascript:alert(1)").unwrap_err();
/// assert!(error.to_string().starts_with("`javascript:alert(1)` is no place to send a page to"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no place to send a page to; use a path that begins with `/`, or a URL with `http` or `https`, percent-encoded")]
pub struct InvalidLocation(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_json_without_a_sign_that_could_begin_an_element() {
        let event = Event::new("a<b", &["</script><p>", "\"\n\u{2028}"]).unwrap();
        assert_eq!(event.members(), "\"event\":\"a\\u003cb\",\"detail\":[\"\\u003c/script>\\u003cp>\",\"\\\"\\n\u{2028}\"]");
    }

    #[test]
    fn what_has_no_json_form_is_refused() {
        let keys = std::collections::HashMap::from([((1, 2), 3)]);
        assert!(Event::new("a", &keys).unwrap_err().to_string().contains("its value has no JSON form"));
        for name in ["", "a b", "a\nb", "htmx", "htmx-ws:state"] {
            assert!(Event::new(name, &()).is_err(), "{name}");
        }
    }

    #[test]
    fn a_page_is_sent_to_paths_and_to_other_sites() {
        for url in ["/", "/jobs/7?tab=log#end", "https://example.com", "http://example.com/a%20b"] {
            assert_eq!(Location::new(url).unwrap().as_str(), url);
        }
        assert!(Location::of_site("/jobs/7").is_ok() && Location::of_site("https://example.com").is_err());
        for url in ["", "jobs", "//example.com", "/\\example.com", "https://", "data:text/html,x", "/a b", "/\"", "/'", "/<", "/\n"] {
            assert!(Location::new(url).is_err(), "{url}");
        }
    }
}
