//! Whether a page may go on reading when its ticket ends.

use std::fmt::{self, Debug};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::dialect::renewed;
use crate::message::recipient::PageId;
use crate::message::topic::Topic;
use crate::transport::renewal::{Renew, Renewed};
use crate::web::builder::{HubBuilder, bounded};
use crate::web::hub::Hub;
use crate::web::ticket::{Ticket, now};

/// A page whose ticket ends soon, for [`HubBuilder::renew_tickets`] to say whether it may go on.
///
/// ```
/// use htmx_ws_components::{Hub, Renewal};
///
/// async fn is_logged_in(session: &str) -> bool {
///     // … asks the store of the sessions
///     # !session.is_empty()
/// }
///
/// let hub = Hub::builder().renew_tickets(async |page: Renewal| match page.session() {
///     Some(session) => is_logged_in(session).await,
///     None => false,
/// });
/// ```
#[derive(Debug, Clone)]
pub struct Renewal {
    page: PageId,
    user: Option<String>,
    session: Option<String>,
    topics: Vec<Topic>,
    issued: Duration,
}

impl Renewal {
    /// The page.
    pub fn page(&self) -> PageId {
        self.page
    }

    /// Whose page it is.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The session that the page is of.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// The topics that the page reads.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// How long ago the page was rendered.
    pub fn age(&self) -> Duration {
        now().saturating_sub(self.issued)
    }
}

type Decide = dyn Fn(Renewal) -> BoxFuture<'static, bool> + Send + Sync;

/// What the builder knows of renewals.
#[derive(Clone)]
pub(super) struct RenewalSettings {
    decide: Option<Arc<Decide>>,
    /// Since the page was rendered.
    at_most: Duration,
}

impl Default for RenewalSettings {
    fn default() -> Self {
        Self { decide: None, at_most: Duration::from_secs(7 * 24 * 60 * 60) }
    }
}

impl Debug for RenewalSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenewalSettings").field("decides", &self.decide.is_some()).field("at_most", &self.at_most).finish()
    }
}

/// The renewals of one connection.
#[derive(Debug)]
struct Renewer {
    hub: Hub,
    /// Signed again with another end, as it is. What a handler granted for this connection is in `page` only: a ticket would grant it everywhere.
    ticket: Ticket,
    /// Whether the page came with that ticket.
    is_shown: bool,
    page: Renewal,
}

impl RenewalSettings {
    /// What asks for one connection, if anything does: it reads what `granted` says, and came with `shown`.
    pub(super) fn of(&self, hub: &Hub, granted: &Ticket, shown: Option<Ticket>) -> Option<Box<dyn Renew>> {
        self.decide.as_ref()?;
        let Ticket { page, user, session, topics, issued, .. } = granted.clone();
        let page = Renewal { page, user, session, topics, issued };
        let (is_shown, ticket) = (shown.is_some(), shown.unwrap_or_else(|| granted.clone()));
        Some(Box::new(Renewer { hub: hub.clone(), ticket, is_shown, page }))
    }
}

impl Renew for Renewer {
    fn ask(&self, left: Duration) -> BoxFuture<'static, Option<Renewed>> {
        let (hub, ticket, is_shown, page) = (self.hub.clone(), self.ticket.clone(), self.is_shown, self.page.clone());
        async move {
            let settings = hub.settings();
            let decide = Arc::clone(settings.renewals.decide.as_ref()?);
            let (lifetime, last) = (settings.ticket_lifetime, ticket.issued + settings.renewals.at_most);
            let expires = || Duration::from_secs((now() + lifetime).min(last).as_secs());
            // Tickets end with a second. What would end with the same one is not asked about.
            let is_longer = expires() > now() + left + Duration::from_millis(500);
            if !is_longer || !decide(page).await || hub.is_revoked(&ticket.private(), ticket.issued) {
                return None;
            }
            let expires = expires();
            let frame = is_shown.then(|| renewed(ticket.page, &settings.key.sign(&Ticket { expires, ..ticket })).into());
            Some(Renewed { lifetime: expires.saturating_sub(now()), frame })
        }
        .boxed()
    }
}

impl HubBuilder {
    /// Asks, some time before a page's ticket ends while the page is connected, whether it may go on: then the ticket is renewed, and the connection stays as it is.
    ///
    /// Without this no ticket is renewed. A ticket ends because its handler granted it for [`HubBuilder::ticket_lifetime`], and only the application knows whether it would again: whether
    /// the session is still open, and the user still allowed to. So with this, tickets can end after minutes instead of a day, and a right that has gone is noticed. What is
    /// not renewed ends at its time: the page loads itself anew, and its handler decides.
    ///
    /// `decide` is asked when a quarter of the time is left, and has that quarter to answer. A panic is counted, and is a no. A renewed ticket grants what the old one did, no more, and
    /// is as [revocable](Hub::revoke); to take a right back at once, revoke it. No ticket is renewed beyond [`HubBuilder::renew_tickets_for`].
    ///
    /// ```
    /// use std::time::Duration;
    /// use htmx_ws_components::{Hub, Renewal};
    ///
    /// let hub = Hub::builder()
    ///     .ticket_lifetime(Duration::from_secs(15 * 60))
    ///     .renew_tickets(async |page: Renewal| page.user().is_some())
    ///     .build();
    /// ```
    pub fn renew_tickets<F, Fut>(mut self, decide: F) -> Self
    where
        F: Fn(Renewal) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        self.renewals.decide = Some(Arc::new(move |page| decide(page).boxed()));
        self
    }

    /// How long after its rendering a page's ticket may be renewed at the most; then the page loads itself anew. Default: 7 days.
    pub fn renew_tickets_for(mut self, at_most: Duration) -> Self {
        self.renewals.at_most = bounded(at_most);
        self
    }
}
