//! What keys and channels are called.
//!
//! All keys of an application have one hash tag, as one script looks at several of them: in a cluster they are on one server.

use crate::message::topic::Topic;

/// The longest name of an application.
const MAX_APP_BYTES: usize = 64;

/// The names of an application: those of another one are all different.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// Which life this is, and its newest position.
    pub(super) life: String,
    /// Where each process of the server began.
    pub(super) reigns: String,
    prefix: String,
}

/// The keys of one life: what another one has left behind is not in its way.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) life: String,
    /// The last position of each topic.
    pub(super) last: String,
    prefix: String,
}

/// The keys of a topic. A name may hold any bytes, and stands at the end.
#[derive(Debug, Clone)]
pub(super) struct TopicKeys {
    pub(super) log: String,
    pub(super) kept: String,
    /// Where its records are told. Channels are those of all databases of a server.
    pub(super) channel: String,
}

impl Names {
    /// None where `app` is not plain.
    pub(super) fn of(app: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let is_name = !app.is_empty() && app.len() <= MAX_APP_BYTES && app.bytes().all(is_plain);
        let prefix = format!("htmx-ws:{{{app}}}:");
        is_name.then(|| Self { life: format!("{prefix}life"), reigns: format!("{prefix}reigns"), prefix })
    }

    pub(super) fn of_life(&self, name: &str) -> Keys {
        let prefix = format!("{}{name}:", self.prefix);
        Keys { life: self.life.clone(), last: format!("{prefix}last"), prefix }
    }
}

impl Keys {
    pub(super) fn topic(&self, topic: &Topic) -> TopicKeys {
        let (prefix, topic) = (&self.prefix, topic.as_str());
        TopicKeys { log: format!("{prefix}log:{topic}"), kept: format!("{prefix}kept:{topic}"), channel: format!("{prefix}told:{topic}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_has_a_plain_name() {
        assert_eq!(Names::of("shop-2").unwrap().life, "htmx-ws:{shop-2}:life");
        for wrong in ["", "a.b", "a b", "{", "}", "é", &"x".repeat(65)] {
            assert!(Names::of(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn all_keys_have_the_hash_tag_of_their_application() {
        let keys = Names::of("shop").unwrap().of_life("1f").topic(&Topic::new("a}{b:c").unwrap());
        assert_eq!(keys.log, "htmx-ws:{shop}:1f:log:a}{b:c");
        assert_eq!(keys.kept, "htmx-ws:{shop}:1f:kept:a}{b:c");
        assert_eq!(keys.channel, "htmx-ws:{shop}:1f:told:a}{b:c");
    }
}
