//! What threads share, from the standard library and tokio; or from loom, which tries every order of their steps.
//!
//! `cargo xtask test` builds the crate once more for that, with `--cfg htmx_ws_loom`. The flag is our own, because tokio and others leave things out under plain `--cfg loom`.
//! Only what is taken from here is tried: an `Arc`, a counter that nothing depends on, and a cell that is set once may be the standard library's.

#[cfg(htmx_ws_loom)]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
#[cfg(htmx_ws_loom)]
pub(crate) use loom::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
#[cfg(htmx_ws_loom)]
pub(crate) use tried::Notify;

#[cfg(not(htmx_ws_loom))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
#[cfg(not(htmx_ws_loom))]
pub(crate) use std::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
#[cfg(not(htmx_ws_loom))]
pub(crate) use tokio::sync::Notify;

/// What tokio promises of these, and no more, made of loom's parts. What waits blocks its thread.
#[cfg(htmx_ws_loom)]
mod tried {
    use std::sync::PoisonError;

    use loom::sync::{Condvar, Mutex, MutexGuard};

    #[derive(Debug)]
    pub(crate) struct Notify {
        permit: Mutex<bool>,
        given: Condvar,
    }

    impl Notify {
        pub(crate) fn new() -> Self {
            Self { permit: Mutex::new(false), given: Condvar::new() }
        }

        fn lock(&self) -> MutexGuard<'_, bool> {
            self.permit.lock().unwrap_or_else(PoisonError::into_inner)
        }

        pub(crate) fn notify_one(&self) {
            *self.lock() = true;
            self.given.notify_one();
        }

        pub(crate) async fn notified(&self) {
            let mut permit = self.lock();
            while !*permit {
                permit = self.given.wait(permit).unwrap_or_else(PoisonError::into_inner);
            }
            *permit = false;
        }
    }

    impl Default for Notify {
        fn default() -> Self {
            Self::new()
        }
    }
}
