//! A real browser, driven through its `WebDriver`: Chromium, or WebKit.
//!
//! A [`Browser`] is one that nobody sees, with a profile of its own; a [`Tab`] is one page in it. Both, and all that was
//! started for them, are gone when the last of them is dropped, also when the test panics.

mod command;
mod display;
mod driver;
mod engine;
mod session;
mod tab;

pub use engine::Engine;
pub use tab::{SHAPE, Tab};

use session::Session;
use std::sync::Arc;

/// One browser with a fresh profile.
#[derive(Debug, Clone)]
pub struct Browser {
    session: Arc<Session>,
}

impl Browser {
    /// Starts chromedriver on a free port and a Chromium under it.
    ///
    /// Both are looked for on the `PATH` unless `CHROMEDRIVER` and `CHROMIUM` name them. Panics with the remedy where one is missing.
    pub async fn start() -> Self {
        Self::start_as(Engine::Chromium).await
    }

    /// Starts this browser under its driver.
    ///
    /// WebKit's driver and Xvfb are looked for on the `PATH` unless `WEBKIT_DRIVER` and `XVFB` name them. Panics with the remedy where one is missing.
    pub async fn start_as(engine: Engine) -> Self {
        Self { session: Arc::new(Session::open(engine).await) }
    }

    /// Opens `url` in a new tab, and waits until it is loaded.
    ///
    /// Each tab has a window of its own, so that all are visible until they are [hidden](Tab::hide).
    pub async fn tab(&self, url: &str) -> Tab {
        let tab = Tab::open(Arc::clone(&self.session)).await;
        tab.goto(url).await;
        tab
    }

    /// The errors that any page logged since this was last asked, here or at a tab: uncaught exceptions, `console.error`, blocked by
    /// the content security policy, failed requests.
    pub async fn console_errors(&self) -> Vec<String> {
        let errors = self.session.new_errors().await;
        errors.unwrap_or_else(|error| panic!("cannot read the console: {error}"))
    }
}
