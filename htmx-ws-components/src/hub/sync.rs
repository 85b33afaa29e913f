//! What threads share, from the standard library and tokio; or from loom, which tries every order of their steps.
//!
//! `cargo xtask test` builds the crate once more for that, with `--cfg htmx_ws_loom`. The flag is our own, because tokio and others leave things out under plain `--cfg loom`.
//! Only what is taken from here is tried: an `Arc`, a counter that nothing depends on, and a cell that is set once may be the standard library's.

#[cfg(htmx_ws_loom)]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
#[cfg(htmx_ws_loom)]
pub(crate) use loom::sync::{Mutex, MutexGuard, RwLock, RwLockWriteGuard};
#[cfg(htmx_ws_loom)]
pub(crate) use tried::{Notify, TaskTracker, TaskTrackerToken};

#[cfg(not(htmx_ws_loom))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
#[cfg(not(htmx_ws_loom))]
pub(crate) use std::sync::{Mutex, MutexGuard, RwLock, RwLockWriteGuard};
#[cfg(not(htmx_ws_loom))]
pub(crate) use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

/// What tokio promises of these, and no more, made of loom's parts. What waits blocks its thread.
#[cfg(htmx_ws_loom)]
mod tried {
    use std::sync::{Arc, PoisonError};

    use loom::sync::{Condvar, Mutex, MutexGuard};

    /// A value that threads wait for.
    #[derive(Debug)]
    struct Watched<T> {
        value: Mutex<T>,
        changed: Condvar,
    }

    impl<T> Watched<T> {
        fn new(value: T) -> Self {
            Self { value: Mutex::new(value), changed: Condvar::new() }
        }

        fn lock(&self) -> MutexGuard<'_, T> {
            self.value.lock().unwrap_or_else(PoisonError::into_inner)
        }

        fn change(&self, change: impl FnOnce(&mut T)) {
            change(&mut self.lock());
            self.changed.notify_all();
        }

        /// Waits until `is_there` says so, then does `take`.
        fn wait(&self, is_there: impl Fn(&T) -> bool, take: impl FnOnce(&mut T)) {
            let mut value = self.lock();
            while !is_there(&value) {
                value = self.changed.wait(value).unwrap_or_else(PoisonError::into_inner);
            }
            take(&mut value);
        }
    }

    #[derive(Debug)]
    pub(crate) struct Notify(Watched<bool>);

    impl Notify {
        pub(crate) fn new() -> Self {
            Self(Watched::new(false))
        }

        pub(crate) fn notify_one(&self) {
            self.0.change(|permit| *permit = true);
        }

        pub(crate) async fn notified(&self) {
            self.0.wait(|permit| *permit, |permit| *permit = false);
        }
    }

    impl Default for Notify {
        fn default() -> Self {
            Self::new()
        }
    }

    #[derive(Debug)]
    pub(crate) struct TaskTracker(Arc<Watched<Tracked>>);

    #[derive(Debug, Default)]
    struct Tracked {
        tokens: usize,
        is_closed: bool,
    }

    #[derive(Debug)]
    pub(crate) struct TaskTrackerToken(Arc<Watched<Tracked>>);

    impl TaskTracker {
        pub(crate) fn new() -> Self {
            Self(Arc::new(Watched::new(Tracked::default())))
        }

        pub(crate) fn token(&self) -> TaskTrackerToken {
            self.0.change(|tracked| tracked.tokens += 1);
            TaskTrackerToken(Arc::clone(&self.0))
        }

        pub(crate) fn close(&self) {
            self.0.change(|tracked| tracked.is_closed = true);
        }

        pub(crate) async fn wait(&self) {
            self.0.wait(|tracked| tracked.is_closed && tracked.tokens == 0, |_| {});
        }
    }

    impl Drop for TaskTrackerToken {
        fn drop(&mut self) {
            self.0.change(|tracked| tracked.tokens -= 1);
        }
    }
}
