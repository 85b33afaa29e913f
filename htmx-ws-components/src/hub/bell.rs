//! What wakes one task.

#[cfg(not(htmx_ws_loom))]
pub(crate) use real::Bell;

#[cfg(htmx_ws_loom)]
pub(crate) use tried::Bell;

#[cfg(not(htmx_ws_loom))]
mod real {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Poll};

    use futures_util::task::AtomicWaker;

    /// Wakes the one task that waits for it. Rung before that task looks, it is heard when it does; rung twice, it is heard once. A third of the size of tokio's `Notify`, and no list
    /// of who waits.
    #[derive(Debug, Default)]
    pub(crate) struct Bell {
        is_rung: AtomicBool,
        waiting: AtomicWaker,
    }

    impl Bell {
        pub(crate) fn ring(&self) {
            // Who has not heard the last time will hear of both.
            if !self.is_rung.swap(true, Ordering::AcqRel) {
                self.waiting.wake();
            }
        }

        /// Whether it was rung since the last time. Of several tasks that ask, the last one is woken.
        pub(crate) fn poll_rung(&self, context: &mut Context<'_>) -> Poll<()> {
            if self.is_rung.swap(false, Ordering::AcqRel) {
                return Poll::Ready(());
            }
            self.waiting.register(context.waker());
            // It may have been rung before there was anyone to wake.
            if self.is_rung.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
        }
    }
}

/// What the other promises, made of loom's parts: what waits blocks its thread.
#[cfg(htmx_ws_loom)]
mod tried {
    use std::task::{Context, Poll, Waker};

    use crate::hub::sync::Notify;

    #[derive(Debug, Default)]
    pub(crate) struct Bell(Notify);

    impl Bell {
        pub(crate) fn ring(&self) {
            self.0.notify_one();
        }

        pub(crate) fn poll_rung(&self, _: &mut Context<'_>) -> Poll<()> {
            std::pin::pin!(self.0.notified()).poll(&mut Context::from_waker(Waker::noop()))
        }
    }
}

#[cfg(all(test, not(htmx_ws_loom)))]
mod tests {
    use std::sync::Arc;
    use std::task::{Context, Poll, Waker};
    use std::thread;

    use super::*;

    #[test]
    fn rung_twice_it_is_heard_once() {
        let bell = Bell::default();
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(bell.poll_rung(&mut context), Poll::Pending);
        bell.ring();
        bell.ring();
        assert_eq!(bell.poll_rung(&mut context), Poll::Ready(()));
        assert_eq!(bell.poll_rung(&mut context), Poll::Pending);
    }

    #[test]
    fn a_task_that_waits_is_woken_each_time() {
        let (bell, heard) = (Arc::new(Bell::default()), Arc::new(Bell::default()));
        let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        let ringer = {
            let (bell, heard) = (Arc::clone(&bell), Arc::clone(&heard));
            thread::spawn(move || {
                runtime().block_on(async {
                    for _ in 0..10_000 {
                        bell.ring();
                        std::future::poll_fn(|context| heard.poll_rung(context)).await;
                    }
                });
            })
        };
        runtime().block_on(async {
            for _ in 0..10_000 {
                std::future::poll_fn(|context| bell.poll_rung(context)).await;
                heard.ring();
            }
        });
        ringer.join().unwrap();
    }
}
