//! One page in a browser, and what a test asks of it.

use super::{
    command::Vendor,
    session::{Session, Turn},
};
use crate::{PATIENCE, POLL_INTERVAL};
use fantoccini::{Locator, error::CmdError, wd::WindowHandle};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{fs, path::Path, sync::Arc, time::Instant};

/// How much of a page's HTML a failure's message shows.
const SHOWN_HTML_CHARS: usize = 6_000;

/// The page's markup without what nobody reads in a failure's message.
const SHOWN_HTML: &str = "(() => {
    const page = document.documentElement.cloneNode(true);
    page.querySelectorAll('script, style, link').forEach(element => element.remove());
    return page.outerHTML;
})()";

/// A JavaScript function from an element to its HTML, with what is no difference taken away: the order of attributes (a morph keeps the old one), and what htmx
/// leaves on elements that it has swapped or processed.
pub const SHAPE: &str = "(element) => {
    const copy = element.cloneNode(true);
    for (const node of [copy, ...copy.querySelectorAll('*')]) {
        node.classList.remove('htmx-added', 'htmx-settling', 'htmx-swapping');
        const attributes = [...node.attributes].filter(({ name, value }) => name !== 'data-htmx-powered' && (name !== 'class' || value));
        for (const { name } of [...node.attributes]) node.removeAttribute(name);
        attributes.sort((a, b) => (a.name < b.name ? -1 : 1)).forEach(({ name, value }) => node.setAttribute(name, value));
    }
    return copy.outerHTML;
}";

/// One page of a [`Browser`](super::Browser), in a window of its own.
///
/// Every method that cannot do what it says panics, and shows the page as it was then. JavaScript is given as an *expression*; where its value is
/// a promise, the promise's value is what counts.
#[derive(Debug)]
pub struct Tab {
    session: Arc<Session>,
    window: WindowHandle,
}

impl Tab {
    pub(super) async fn open(session: Arc<Session>) -> Self {
        match session.new_window().await {
            Ok(window) => Self { session, window },
            Err(error) => panic!("no tab can be opened: {error}\n{}", session.driver_output()),
        }
    }

    /// Goes to `url`, and waits until the page is loaded.
    pub async fn goto(&self, url: &str) {
        let gone = async { self.turn().await?.goto(url).await };
        self.expect(&format!("go to {url}"), gone.await).await;
    }

    /// Loads the page again, and waits until it is loaded.
    pub async fn reload(&self) {
        let reloaded = async { self.turn().await?.refresh().await };
        self.expect("reload", reloaded.await).await;
    }

    /// The back button.
    pub async fn back(&self) {
        let gone = async { self.turn().await?.back().await };
        self.expect("go back", gone.await).await;
    }

    /// The forward button.
    pub async fn forward(&self) {
        let gone = async { self.turn().await?.forward().await };
        self.expect("go forward", gone.await).await;
    }

    /// Closes the tab as a user does.
    pub async fn close(self) {
        let closed = async { self.turn().await?.close().await };
        self.expect("close", closed.await).await;
    }

    /// Clicks the first element that matches `css`, as a mouse does: it must be visible and not covered.
    pub async fn click(&self, css: &str) {
        let clicked = async { self.turn().await?.find(Locator::Css(css)).await?.click().await };
        self.expect(&format!("click `{css}`"), clicked.await).await;
    }

    /// The text of the first element that matches `css`, white space collapsed and trimmed.
    pub async fn text(&self, css: &str) -> String {
        let text: String = self.of_first(css, "element.textContent").await;
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The HTML of the first element that matches `css`, with its own tags.
    pub async fn html(&self, css: &str) -> String {
        self.of_first(css, "element.outerHTML").await
    }

    /// The value of an attribute of the first element that matches `css`, or none where it has no such attribute.
    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.of_first(css, &format!("element.getAttribute({})", json!(name))).await
    }

    /// How many elements match `css`.
    pub async fn count(&self, css: &str) -> usize {
        self.eval(&format!("document.querySelectorAll({}).length", json!(css))).await
    }

    /// What the first element that matches `css` shows, in one form whatever way it came to be: see [`SHAPE`].
    pub async fn shape(&self, css: &str) -> String {
        self.eval(&format!("({SHAPE})(document.querySelector({}))", json!(css))).await
    }

    /// The value of the JavaScript expression `js`.
    pub async fn eval<T: DeserializeOwned>(&self, js: &str) -> T {
        let value = self.try_eval(js).await;
        let value = self.expect(&format!("evaluate `{js}`"), value).await;
        serde_json::from_value(value.clone())
            .unwrap_or_else(|error| panic!("`{js}` is `{value}`, which is not of the wanted type: {error}"))
    }

    /// Waits until the JavaScript expression `js` is truthy; `what` says in words what is waited for.
    ///
    /// An expression that throws is not true yet: the page may be on its way to another one.
    pub async fn wait_until(&self, what: &str, js: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = match self.try_eval(&format!("!!({js})")).await {
                Ok(Value::Bool(true)) => return,
                Ok(_) => "it is false".to_owned(),
                Err(error) => format!("it throws: {error}"),
            };
            if Instant::now() >= deadline {
                self.fail(&format!("waited {PATIENCE:?} until {what}: `{js}`; {seen}")).await;
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Waits until the [text](Self::text) of the first element that matches `css` is `text`.
    pub async fn wait_for_text(&self, css: &str, text: &str) {
        let found = format!("document.querySelector({})?.textContent.trim().replace(/\\s+/g, ' ')", json!(css));
        self.wait_until(&format!("`{css}` says `{text}`"), &format!("{found} === {}", json!(text))).await;
    }

    /// Hides the page as minimising its window does, and waits until it knows: `document.visibilityState` is `hidden`, animation frames
    /// stop, timers are throttled. It stays hidden through scripts, reloads and turns of other tabs.
    pub async fn hide(&self) {
        self.set_window_state("minimized").await;
        self.wait_until("the page is hidden", "document.visibilityState === 'hidden'").await;
    }

    /// Shows the page again after [`hide`](Self::hide), and waits until it knows.
    pub async fn show(&self) {
        self.set_window_state("normal").await;
        self.wait_until("the page is visible", "document.visibilityState === 'visible'").await;
    }

    /// Makes the page's viewport `width` by `height` CSS pixels, smaller than a window could be, too.
    pub async fn resize(&self, width: u16, height: u16) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Shows the page as to a user who prefers a dark colour scheme.
    pub async fn prefer_dark(&self) {
        let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        self.cdp("Emulation.setEmulatedMedia", scheme).await;
    }

    /// Writes a picture of what the window shows to `path`, as PNG. The tab must not be [hidden](Self::hide): a hidden page is not painted.
    pub async fn screenshot(&self, path: impl AsRef<Path>) {
        let visibility: String = self.eval("document.visibilityState").await;
        assert_eq!(visibility, "visible", "only a visible page can be pictured");
        let picture = async { self.turn().await?.screenshot().await };
        let picture = self.expect("take a screenshot", picture.await).await;
        let path = path.as_ref();
        fs::write(path, picture).unwrap_or_else(|error| panic!("{} cannot be written: {error}", path.display()));
    }

    /// The errors that the browser's pages logged since this was last asked, at any tab: the log does not say which page wrote it.
    ///
    /// Errors that a test expects, such as those of a cut socket, are taken away by asking for them.
    pub async fn console_errors(&self) -> Vec<String> {
        let errors = self.session.new_errors().await;
        self.expect("read the console", errors).await
    }

    /// From now on, every page of this tab notes what its content security policy forbids, from its first byte on.
    pub async fn watch_policy(&self) {
        let source = "window.forbidden = [];
            document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sample, sourceFile, lineNumber }) =>
                forbidden.push([effectiveDirective, blockedURI, sample, sourceFile, lineNumber].join(' ')));";
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
    }

    /// What the policy of the page forbade, since it was loaded under [`watch_policy`](Self::watch_policy).
    pub async fn policy_violations(&self) -> Vec<String> {
        self.eval("forbidden").await
    }

    /// Calls a method of the `DevTools` protocol for this page.
    pub async fn cdp(&self, method: &str, params: Value) -> Value {
        let command = Vendor::cdp(method, &params);
        let answer = async { self.turn().await?.issue_cmd(command).await };
        self.expect(&format!("call {method}"), answer.await).await
    }

    async fn set_window_state(&self, state: &str) {
        let window = self.cdp("Browser.getWindowForTarget", json!({})).await;
        let bounds = json!({ "windowId": window["windowId"], "bounds": { "windowState": state } });
        self.cdp("Browser.setWindowBounds", bounds).await;
    }

    /// The value of `js`, which sees the first element that matches `css` as `element`.
    async fn of_first<T: DeserializeOwned>(&self, css: &str, js: &str) -> T {
        // Wrapped in an array, so that `null` as a value differs from no element.
        let script = format!("(element => element && [{js}])(document.querySelector({}))", json!(css));
        let Some((value,)) = self.eval::<Option<(T,)>>(&script).await else { self.fail(&format!("no element matches `{css}`")).await };
        value
    }

    async fn try_eval(&self, js: &str) -> Result<Value, CmdError> {
        self.turn().await?.execute(&format!("return (\n{js}\n);"), Vec::new()).await
    }

    async fn turn(&self) -> Result<Turn<'_>, CmdError> {
        self.session.turn(&self.window).await
    }

    async fn expect<T>(&self, doing: &str, result: Result<T, CmdError>) -> T {
        match result {
            Ok(value) => value,
            Err(error) => self.fail(&format!("cannot {doing}: {error}")).await,
        }
    }

    async fn fail(&self, why: &str) -> ! {
        let shown = |value: Result<Value, CmdError>| match value {
            Ok(Value::String(text)) => text,
            Ok(value) => value.to_string(),
            Err(error) => format!("({error})"),
        };
        let page = shown(self.try_eval("location.href + ' (' + document.visibilityState + ')'").await);
        let html: String = shown(self.try_eval(SHOWN_HTML).await).chars().take(SHOWN_HTML_CHARS).collect();
        let console = self.session.whole_console().await;
        panic!("{why}\npage: {page}\nconsole:\n{console}html: {html}");
    }
}
