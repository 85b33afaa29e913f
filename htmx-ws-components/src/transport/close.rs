//! How a connection is closed: the codes are API, since each generation of htmx comes back on its own set of them.
//!
//! htmx 2 reconnects on 1006, 1011, 1012 and 1013; htmx 4 also on 1001, 1005 and 1014. RFC 6455 section 7.4 defines the numbers below 3000.

use crate::hub::stats::Counter;

/// Why the hub closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Close {
    /// Nothing more is to come; stay away.
    Complete,
    /// Not allowed, and no refresh would help.
    Refused(&'static str),
    /// A ticket that this hub did not sign. It may be of an earlier process, so the page refreshes.
    TicketForged,
    /// The bytes were not the protocol.
    Protocol,
    /// A text was no UTF-8.
    NotText,
    /// A message was too large.
    TooLarge,
    /// The server goes away; come back.
    Draining,
    /// What it is to read does not fit to what was sent before; come back, and begin with all.
    Anew,
    /// Somebody cut it, to see what happens; come back.
    Cut,
    /// Over a limit; come back later.
    Overloaded(&'static str),
    /// The ticket is behind its time; the page refreshes.
    Expired,
    /// The log does not reach back; the page refreshes.
    Gap,
    /// The right to read was taken back; the page refreshes, and its handler says what it may see now.
    Revoked,
}

impl Close {
    pub(crate) fn code(self) -> u16 {
        match self {
            Self::Complete => 1000,
            Self::Refused(_) | Self::TicketForged | Self::Revoked => 1008,
            Self::Protocol => 1002,
            Self::NotText => 1007,
            Self::TooLarge => 1009,
            Self::Draining | Self::Cut | Self::Anew => 1012,
            Self::Overloaded(_) => 1013,
            Self::Expired => 4401,
            Self::Gap => 4409,
        }
    }

    /// What it counts as; the others are counted where the decision is made.
    pub(crate) fn counter(self) -> Option<Counter> {
        match self {
            Self::Complete => Some(Counter::Completed),
            Self::Draining => Some(Counter::Drained),
            Self::Cut => Some(Counter::CutByHand),
            Self::Expired => Some(Counter::TicketExpired),
            Self::Revoked => Some(Counter::Revoked),
            _ => None,
        }
    }

    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Refused(reason) | Self::Overloaded(reason) => reason,
            Self::Complete => "complete",
            Self::TicketForged => "ticket not valid here, refresh the page",
            Self::Protocol => "not the WebSocket protocol",
            Self::NotText => "text that is no UTF-8",
            Self::TooLarge => "message too large",
            Self::Anew => "come back with all regions",
            Self::Cut => "cut by hand, come back",
            Self::Draining => "restarting, come back",
            Self::Expired => "ticket expired, refresh the page",
            Self::Revoked => "no longer allowed, refresh the page",
            Self::Gap => "too far behind, refresh the page",
        }
    }

    /// Whether the page gets on by loading itself anew.
    pub(crate) fn wants_refresh(self) -> bool {
        matches!(self, Self::TicketForged | Self::Expired | Self::Gap | Self::Revoked)
    }
}
