//! The newest position of a backplane, asked for once for all pages that come at the same time.

use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};

use crate::backplane::{Position, Unavailable};

type Answer = Shared<BoxFuture<'static, Result<Position, Unavailable>>>;

/// One question is on its way at a time. Whoever comes meanwhile needs an answer to a later one, and shares that.
pub(super) struct Newest {
    question: Question,
    inner: Mutex<Inner>,
}

type Question = Box<dyn Fn() -> BoxFuture<'static, Result<Position, Unavailable>> + Send + Sync>;

#[derive(Debug, Default)]
struct Inner {
    /// Not asked yet.
    next: Option<Answer>,
    /// What the one after that waits for.
    last: Option<Answer>,
}

impl Newest {
    pub(super) fn new(question: impl Fn() -> BoxFuture<'static, Result<Position, Unavailable>> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { question: Box::new(question), inner: Mutex::default() })
    }

    /// As current as if it was asked now. Cancel-safe: those who share it go on.
    pub(super) fn ask(self: &Arc<Self>) -> Answer {
        let mut inner = self.lock();
        if let Some(next) = &inner.next {
            return next.clone();
        }
        let (newest, before) = (Arc::clone(self), inner.last.take());
        let answer = async move {
            if let Some(before) = before {
                let _ = before.await;
            }
            // Whoever comes from now on may ask for something newer than this will find.
            newest.lock().next = None;
            (newest.question)().await
        };
        let answer = answer.boxed().shared();
        inner.next = Some(answer.clone());
        inner.last = Some(answer.clone());
        answer
    }

    /// Short: nothing is awaited under it.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Debug for Newest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Newest").field("inner", &self.inner).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use futures_util::future::join_all;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn those_who_come_while_it_is_asked_share_the_next_answer_and_no_older_one() {
        let asked = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&asked);
        let newest = Newest::new(move || {
            let before = count.fetch_add(1, Ordering::SeqCst);
            sleep(Duration::from_secs(1)).map(move |()| Ok(Position(before))).boxed()
        });
        // The first of them goes before its answer comes.
        let first = tokio::spawn(newest.ask());
        tokio::task::yield_now().await;
        let later: Vec<_> = (0..100).map(|_| newest.ask()).collect();
        first.abort();
        let answers = join_all(later).await;
        assert!(answers.iter().all(|answer| *answer == Ok(Position(1))), "{answers:?}");
        assert_eq!(newest.ask().await, Ok(Position(2)));
        assert_eq!(asked.load(Ordering::SeqCst), 3);
    }
}
