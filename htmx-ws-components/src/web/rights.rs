//! What the tickets of a page are worth.

use std::fmt::Debug;
use std::sync::OnceLock;

use crate::hub::stats::Counter;
use crate::message::cursor::Cursor;
use crate::message::recipient::{PageId, To};
use crate::message::topic::Topic;
use crate::transport::close::Close;
use crate::transport::grants::{Gate, Grant, Regions};
use crate::transport::renewal::Term;
use crate::web::asked::{Asked, earlier};
use crate::web::hub::{Hub, WeakHub};
use crate::web::ticket::{BadTicket, Ticket, now};

/// How a page is told that it is not served; it is counted.
#[derive(Debug)]
pub(super) struct Refused(pub(super) Close);

pub(super) fn refuse(hub: &Hub, counter: Counter, close: Close) -> Refused {
    hub.counters().count(counter);
    tracing::debug!(name: "htmx_ws.refused", target: "htmx_ws", why = counter.name(), code = close.code(), "a connection was refused");
    Refused(close)
}

impl Refused {
    pub(super) fn ticket(hub: &Hub, bad: BadTicket) -> Self {
        if bad == BadTicket::Expired {
            return refuse(hub, Counter::TicketExpired, Close::Expired);
        }
        if hub.counters().get(Counter::TicketForged) == 0 {
            tracing::warn!(
                name: "htmx_ws.ticket_foreign", target: "htmx_ws",
                "a ticket was not signed by this hub, its page refreshes. That is so once behind a restart; where it goes on: are the routes and \
                 the state of one hub, and do all servers share one `HubBuilder::secret`?"
            );
        }
        refuse(hub, Counter::TicketForged, Close::TicketForged)
    }
}

/// What this text says, if it is a ticket.
pub(super) fn verify(hub: &Hub, text: &str) -> Result<Ticket, Refused> {
    hub.settings().key.verify(text, now()).map_err(|bad| Refused::ticket(hub, bad))
}

/// What a ticket grants. It is the one that the page has `shown`, or more than that, where a handler has granted more.
pub(super) fn grant(hub: &Hub, ticket: &Ticket, asked: &Asked, is_fresh: bool, shown: Option<Ticket>) -> Result<Grant, Refused> {
    let (private, present) = (ticket.private(), hub.cursor());
    if hub.is_revoked(&private, ticket.issued) {
        return Err(refuse(hub, Counter::Revoked, Close::Revoked));
    }
    let starts = asked.starts(ticket, &private, is_fresh);
    let mut starts = starts.ok_or_else(|| refuse(hub, Counter::ResumeInvalid, Close::Refused("cursors not valid")))?;
    begin_own_anew(&mut starts, ticket.page, present);
    let is_ahead = |start: &Cursor| start.epoch == present.epoch && !start.is_before(&present);
    if asked.is_cut_off && starts.iter().any(|(_, start)| is_ahead(start)) {
        return Err(refuse(hub, Counter::NodeBehind, Close::Overloaded("behind the other nodes")));
    }
    for (_, start) in &mut starts {
        // One of the future is of no log.
        *start = if start.is_before(&present) { *start } else { present.of_snapshot() };
    }
    hub.seek(&starts);
    let renew = hub.settings().renewals.of(hub, ticket, shown);
    Ok(Grant { page: ticket.page, starts, term: Term::new(ticket.expires.saturating_sub(now()), renew) })
}

/// From where on each topic is read, when so many grant it.
pub(super) fn earliest(grants: &[Grant], present: &Cursor) -> Vec<(Topic, Cursor)> {
    let mut all: Vec<(Topic, Cursor)> = Vec::new();
    for (topic, start) in grants.iter().flat_map(|grant| &grant.starts) {
        match all.iter_mut().find(|(known, _)| known == topic) {
            Some((_, known)) => *known = earlier(*known, *start, present),
            None => all.push((topic.clone(), *start)),
        }
    }
    all
}

/// Behind a restart, nobody can say what was for this page alone: it went with the process, as the page's connection did. So that begins anew, and what the page shows
/// otherwise decides whether it refreshes.
fn begin_own_anew(starts: &mut [(Topic, Cursor)], page: PageId, present: Cursor) {
    if starts.len() < 2 {
        return;
    }
    let Ok(own) = To::page(page).topic() else { return };
    if let Some((_, start)) = starts.iter_mut().find(|(topic, start)| *topic == own && start.epoch != present.epoch) {
        *start = present;
    }
}

/// Lets the regions in that come to a page later.
#[derive(Debug, Default)]
pub(super) struct Door(OnceLock<WeakHub>);

impl Door {
    /// Set as soon as the hub is there, which has this.
    pub(super) fn set_hub(&self, hub: &Hub) {
        let _ = self.0.set(hub.downgrade());
    }
}

impl Gate for Door {
    fn admit(&self, url: &str, known: &[PageId]) -> Result<Regions, Close> {
        let Some(hub) = self.0.get().and_then(WeakHub::upgrade) else { return Err(Close::Draining) };
        let asked = Asked::of_text(url);
        let mut regions = Regions { pages: Vec::new(), new: Vec::new() };
        for shown in asked.tickets() {
            let ticket = match verify(&hub, shown.text) {
                Ok(ticket) => ticket,
                Err(Refused(close)) => return Err(close),
            };
            regions.pages.push(ticket.page);
            if !known.contains(&ticket.page) {
                let grant = grant(&hub, &ticket, &asked, shown.is_fresh, Some(ticket.clone())).map_err(|Refused(close)| close)?;
                regions.new.push(grant);
            }
        }
        Ok(regions)
    }
}
