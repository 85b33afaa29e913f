//! The numbers of a hub as Prometheus reads them.

use std::fmt::{self, Display, Formatter};

use crate::hub::stats::{Counter, Stats};

/// What stands in front of every name.
const NAMESPACE: &str = "htmx_ws";

/// The text exposition format of Prometheus, version 0.0.4.
pub(crate) struct Exposition<'a>(pub(crate) &'a Stats);

impl Exposition<'_> {
    /// What a hub holds now: a name, what it says, and the number.
    fn gauges(&self) -> [(&'static str, &'static str, String); 10] {
        let Self(stats) = self;
        let number = |count: usize| count.to_string();
        [
            ("connections", "Connections that are open.", number(stats.connections())),
            ("topics", "Topics that the hub keeps a log of.", number(stats.topics())),
            ("readers", "Places of connections in topics.", number(stats.readers())),
            ("retained_entries", "Entries that all logs retain together.", number(stats.entries())),
            ("retained_bytes", "Memory that the topics take, about.", number(stats.bytes())),
            ("producers", "Tasks of producers that run.", number(stats.producers())),
            ("nodes", "Nodes that share the hub's backplane, as far as it has heard; 1 where it has none.", number(stats.nodes())),
            (
                "backplane_lag_seconds",
                "Time from what the node says to all nodes until it hears it itself, or since it waits for that.",
                stats.backplane_lag().as_secs_f64().to_string(),
            ),
            ("waiting_bytes", "Bytes of patches that wait for the backplane to take them.", number(stats.waiting_bytes())),
            ("version", "Version of the newest change. It begins anew when the process does.", stats.version().to_string()),
        ]
    }
}

impl Display for Exposition<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (name, help, value) in self.gauges() {
            metric(f, &format_args!("{NAMESPACE}_{name}"), help, "gauge", &value)?;
        }
        for counter in Counter::ALL {
            metric(f, &format_args!("{NAMESPACE}_{}_total", counter.name()), counter.description(), "counter", &self.0.get(*counter))?;
        }
        Ok(())
    }
}

fn metric(f: &mut Formatter<'_>, name: &dyn Display, help: &str, kind: &str, value: &dyn Display) -> fmt::Result {
    writeln!(f, "# HELP {name} {}", Help(help))?;
    writeln!(f, "# TYPE {name} {kind}")?;
    writeln!(f, "{name} {value}")
}

/// A help text: the format gives a meaning to the backslash and to the end of the line.
struct Help<'a>(&'a str);

impl Display for Help<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                other => fmt::Write::write_char(f, other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_help_text_stays_on_its_line() {
        assert_eq!(Help("a\\b\nc").to_string(), "a\\\\b\\nc");
    }
}
