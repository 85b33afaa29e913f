//! What each derive understands: the keys of its struct and the roles of its fields. Whatever names a word of a derive names it from here.

/// The attribute on the struct of every component.
pub(crate) const COMPONENT_ATTRIBUTE: &str = "component";

/// The attribute on an enum and on its variants.
pub(crate) const STATUS_ATTRIBUTE: &str = "status";

/// The attribute on the struct of a topic.
pub(crate) const TOPIC_ATTRIBUTE: &str = "topic";

/// A derive that makes a component.
pub(crate) struct Derive {
    /// As written in `#[derive(...)]`; also the name of the view that it builds.
    pub(crate) name: &'static str,
    /// `component`, and the attribute that gives roles to fields.
    attributes: &'static [&'static str],
    /// In the order of the view's constructor: the required ones are its arguments.
    pub(crate) roles: &'static [Role],
}

/// What a field is in a component.
pub(crate) struct Role {
    pub(crate) name: &'static str,
    pub(crate) presence: Presence,
    pub(crate) needs: Needs,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    Optional,
    /// Any number of fields, each with a label: `stat = "Files found"`.
    Repeatable,
}

/// What a role asks of its field's type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Status,
    Progress,
    Tone,
    Flag,
    /// `Display`.
    Text,
    /// `Display`, or an `Option` of it.
    OptionalText,
    /// `Timestamp`, or an `Option` of it.
    OptionalTime,
    /// `Ordinal`.
    Order,
}

/// A key of `#[component(...)]`.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    owner: Owner,
}

/// Which derives have a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    All,
    One(&'static str),
    /// Those whose markup is the library's.
    BuiltIn,
}

pub(crate) const ID: &str = "id";
pub(crate) const CRATE: &str = "crate";
pub(crate) const LIST: &str = "list";
pub(crate) const RENDER: &str = "render";
pub(crate) const LEAF: &str = "leaf";
pub(crate) const CLASSES: &str = "classes";
pub(crate) const BAR_CLASSES: &str = "bar_classes";

/// What a field of a component of one's own can be: `#[component(part)]`.
pub(crate) const PART: &str = "part";

/// The derive for markup of one's own.
pub(crate) const OWN: &str = "Component";

pub(crate) const KEYS: [Key; 7] = [
    Key { name: ID, owner: Owner::All },
    Key { name: LIST, owner: Owner::All },
    Key { name: RENDER, owner: Owner::One(OWN) },
    Key { name: LEAF, owner: Owner::One(OWN) },
    Key { name: CLASSES, owner: Owner::BuiltIn },
    Key { name: BAR_CLASSES, owner: Owner::One("Overlay") },
    Key { name: CRATE, owner: Owner::All },
];

pub(crate) const LABEL: &str = "label";
pub(crate) const TONE: &str = "tone";
pub(crate) const ICON: &str = "icon";
pub(crate) const ACTIVE: &str = "active";
pub(crate) const TERMINAL: &str = "terminal";

pub(crate) const NAME: &str = "name";
pub(crate) const CARRIES: &str = "carries";

/// The keys of `#[topic(...)]`.
pub(crate) const TOPIC_KEYS: [&str; 3] = [NAME, CARRIES, CRATE];

/// The keys of `#[status(...)]` on a variant.
pub(crate) const VARIANT_KEYS: [&str; 5] = [TONE, ICON, ACTIVE, TERMINAL, LABEL];

/// The words of `tone = ...`, each with the variant of the library's `Tone` that it stands for.
pub(crate) const TONES: [(&str, &str); 5] =
    [("neutral", "Neutral"), ("info", "Info"), ("success", "Success"), ("warning", "Warning"), ("danger", "Danger")];

pub(crate) static STATUS_BADGE: Derive = Derive {
    name: "StatusBadge",
    attributes: &[COMPONENT_ATTRIBUTE, "badge"],
    roles: &[required("status", Needs::Status), optional("label", Needs::OptionalText), optional("title", Needs::OptionalText)],
};

pub(crate) static PROGRESS_BAR: Derive = Derive {
    name: "ProgressBar",
    attributes: &[COMPONENT_ATTRIBUTE, "progress"],
    roles: &[
        required("value", Needs::Progress),
        optional("max", Needs::Progress),
        optional("label", Needs::OptionalText),
        optional("detail", Needs::OptionalText),
        optional("tone", Needs::Tone),
    ],
};

pub(crate) static TIMELINE_STEP: Derive = Derive {
    name: "TimelineStep",
    attributes: &[COMPONENT_ATTRIBUTE, "step"],
    roles: &[
        required("title", Needs::Text),
        required("status", Needs::Status),
        optional("detail", Needs::OptionalText),
        optional("at", Needs::OptionalTime),
        optional("order", Needs::Order),
    ],
};

pub(crate) static OVERLAY: Derive = Derive {
    name: "Overlay",
    attributes: &[COMPONENT_ATTRIBUTE, "overlay"],
    roles: &[
        required("open", Needs::Flag),
        required("title", Needs::Text),
        optional("message", Needs::OptionalText),
        optional("progress", Needs::Progress),
        optional("dismiss", Needs::OptionalText),
        Role { name: "stat", presence: Presence::Repeatable, needs: Needs::Text },
    ],
};

pub(crate) static COMPONENT: Derive = Derive { name: "Component", attributes: &[COMPONENT_ATTRIBUTE], roles: &[] };

const fn required(name: &'static str, needs: Needs) -> Role {
    Role { name, presence: Presence::Required, needs }
}

const fn optional(name: &'static str, needs: Needs) -> Role {
    Role { name, presence: Presence::Optional, needs }
}

impl Derive {
    /// All attributes that the derive reads.
    pub(crate) fn attributes(&self) -> &'static [&'static str] {
        self.attributes
    }

    /// The attribute that gives roles to fields.
    pub(crate) fn role_attribute(&self) -> Option<&'static str> {
        self.attributes.get(1).copied()
    }

    pub(crate) fn role(&self, name: &str) -> Option<&'static Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    pub(crate) fn has(&self, key: &Key) -> bool {
        match key.owner {
            Owner::All => true,
            Owner::One(owner) => owner == self.name,
            Owner::BuiltIn => self.name != OWN,
        }
    }

    pub(crate) fn role_names(&self) -> Vec<String> {
        self.roles.iter().map(|role| role.name.to_owned()).collect()
    }

    pub(crate) fn key_names(&self) -> Vec<String> {
        KEYS.iter().filter(|key| self.has(key)).map(|key| key.name.to_owned()).collect()
    }
}

impl Key {
    /// The one derive that has it, if it is one.
    pub(crate) fn owner(&self) -> Option<&'static str> {
        match self.owner {
            Owner::One(owner) => Some(owner),
            Owner::All | Owner::BuiltIn => None,
        }
    }
}

/// The key of `#[component(...)]` called `name`, whichever derive has it.
pub(crate) fn key(name: &str) -> Option<&'static Key> {
    const { &KEYS }.iter().find(|key| key.name == name)
}
