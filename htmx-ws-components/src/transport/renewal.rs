//! Until when a connection may be open, and who says whether it may stay.

use std::fmt::{self, Debug};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, timeout_at};

/// Says whether one connection may stay when its time ends.
pub(crate) trait Renew: Debug + Send + Sync {
    /// None where it may not, when so much time is left.
    fn ask(&self, left: Duration) -> BoxFuture<'static, Option<Renewed>>;
}

/// More time for a connection.
#[derive(Debug)]
pub(crate) struct Renewed {
    pub(crate) lifetime: Duration,
    /// What tells the page that it may come back as long; none where it needs nothing for that.
    pub(crate) frame: Option<Bytes>,
}

/// The time of a connection. It asks for more when a quarter of it is left.
pub(crate) struct Term {
    renew: Option<Box<dyn Renew>>,
    ends: Instant,
    /// When to ask; none where that was done.
    ask_at: Option<Instant>,
    /// In a task of its own: what decides is the application's, and may panic.
    asked: Option<JoinHandle<Option<Renewed>>>,
}

impl Term {
    pub(crate) fn new(lifetime: Duration, renew: Option<Box<dyn Renew>>) -> Self {
        let mut term = Self { renew, ends: Instant::now(), ask_at: None, asked: None };
        term.begin(lifetime);
        term
    }

    /// From now on it lasts so long.
    pub(crate) fn begin(&mut self, lifetime: Duration) {
        let now = Instant::now();
        self.ends = now + lifetime;
        self.ask_at = self.renew.is_some().then_some(now + lifetime * 3 / 4);
    }

    pub(crate) fn ends(&self) -> Instant {
        self.ends
    }

    /// When [`Term::ask`] is to be called.
    pub(crate) fn asks(&self) -> Option<Instant> {
        self.ask_at
    }

    /// Asks for more time, if that is due: once for each time.
    pub(crate) fn ask(&mut self, now: Instant) {
        if let (Some(at), Some(renew)) = (self.ask_at, &self.renew)
            && at <= now
        {
            self.ask_at = None;
            // Who is not answered until the end has the answer.
            let (answer, ends) = (renew.ask(self.ends - now), self.ends);
            self.asked = Some(tokio::spawn(async move { timeout_at(ends, answer).await.ok().flatten() }));
        }
    }

    /// Whether there is more time, once that was decided; an error where what decides panicked.
    pub(crate) fn poll_decided(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Renewed>, JoinError>> {
        let Some(asked) = &mut self.asked else { return Poll::Pending };
        let decision = ready!(asked.poll_unpin(context));
        self.asked = None;
        Poll::Ready(decision)
    }
}

impl Drop for Term {
    fn drop(&mut self) {
        if let Some(asked) = &self.asked {
            asked.abort();
        }
    }
}

impl Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Term").field("ends", &self.ends).field("renew", &self.renew).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::time::{sleep, sleep_until};

    use super::*;

    /// Answers each question after so long, with so much more time: none for a no.
    #[derive(Debug)]
    struct Answers {
        after: Duration,
        more: Option<Duration>,
        asked: Arc<AtomicUsize>,
    }

    impl Renew for Answers {
        fn ask(&self, _: Duration) -> BoxFuture<'static, Option<Renewed>> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let (after, more) = (self.after, self.more);
            async move {
                sleep(after).await;
                assert_ne!(more, Some(Duration::ZERO), "as it was told");
                more.map(|lifetime| Renewed { lifetime, frame: None })
            }
            .boxed()
        }
    }

    const MINUTE: Duration = Duration::from_secs(60);

    fn term(after: u64, more: Option<Duration>) -> (Term, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let renew = Answers { after: Duration::from_secs(after), more, asked: Arc::clone(&asked) };
        (Term::new(MINUTE, Some(Box::new(renew))), asked)
    }

    /// As a connection does: asks when it is time, and waits for the answer.
    async fn decision(term: &mut Term) -> Result<Option<Renewed>, JoinError> {
        loop {
            let asks = term.asks();
            tokio::select! {
                decision = std::future::poll_fn(|context| term.poll_decided(context)) => return decision,
                () = sleep_until(asks.unwrap_or_else(Instant::now)), if asks.is_some() => term.ask(Instant::now()),
                () = std::future::pending() => {}
            }
        }
    }

    /// After how many seconds there is a decision, and what it is.
    async fn decided(term: &mut Term) -> (u64, Result<Option<Duration>, ()>) {
        let began = Instant::now();
        let decision = decision(term).await.map(|more| more.map(|renewed| renewed.lifetime)).map_err(|_| ());
        (began.elapsed().as_secs(), decision)
    }

    #[tokio::test(start_paused = true)]
    async fn it_asks_when_a_quarter_is_left_and_again_in_the_next_time() {
        let (mut term, asked) = term(5, Some(2 * MINUTE));
        assert_eq!(decided(&mut term).await, (50, Ok(Some(2 * MINUTE))));
        term.begin(2 * MINUTE);
        assert_eq!(term.ends() - Instant::now(), 2 * MINUTE);
        assert_eq!(decided(&mut term).await, (95, Ok(Some(2 * MINUTE))));
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn it_asks_once_however_often_it_is_waited_for() {
        let (mut term, asked) = term(10, Some(MINUTE));
        for _ in 0..54 {
            assert!(tokio::time::timeout(Duration::from_secs(1), decision(&mut term)).await.is_err());
        }
        assert_eq!(decided(&mut term).await.1, Ok(Some(MINUTE)));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_no_is_one_and_so_is_silence_and_a_panic_is_told() {
        let (mut no, _) = term(1, None);
        assert_eq!(decided(&mut no).await, (46, Ok(None)));
        let (mut silent, _) = term(1 << 20, Some(MINUTE));
        assert_eq!(decided(&mut silent).await, (60, Ok(None)));
        let (mut broken, _) = term(1, Some(Duration::ZERO));
        assert_eq!(decided(&mut broken).await, (46, Err(())));
        for term in [&mut no, &mut silent, &mut broken] {
            assert!(tokio::time::timeout(10 * MINUTE, decision(term)).await.is_err(), "it does not ask again");
        }
    }
}
