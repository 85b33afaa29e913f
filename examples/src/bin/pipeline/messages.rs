//! What cargo says of a build, a line of JSON each: <https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages>.

use serde::Deserialize;

/// The messages that the pipeline shows.
#[derive(Debug, Deserialize)]
#[serde(tag = "reason")]
pub(crate) enum Message {
    /// A crate is built.
    #[serde(rename = "compiler-artifact")]
    Artifact { target: Target },
    /// The compiler has something to say of a crate.
    #[serde(rename = "compiler-message")]
    Diagnostic { target: Target, message: Diagnostic },
    /// Further ones, and those of a newer cargo.
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Diagnostic {
    /// `error`, `warning`, and so on.
    pub(crate) level: String,
    /// As the compiler prints it, in several lines.
    pub(crate) rendered: Option<String>,
}

/// The crate that a line of cargo's other output says is begun.
pub(crate) fn begun(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("Compiling ")?.split(' ').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_understood() {
        let artifact = r#"{"reason":"compiler-artifact","package_id":"x","target":{"kind":["lib"],"name":"words"},"fresh":false}"#;
        assert!(matches!(serde_json::from_str(artifact).unwrap(), Message::Artifact { target } if target.name == "words"));
        assert!(matches!(serde_json::from_str(r#"{"reason":"build-finished","success":true}"#).unwrap(), Message::Other));
        assert_eq!(begun("   Compiling words v0.1.0 (/tmp/words)"), Some("words"));
        assert_eq!(begun("    Finished `dev` profile"), None);
    }
}
