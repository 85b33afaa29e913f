//! The demo, as a person sees it: real folders, real files, a real browser.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};

use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::process::Server;
use htmx_ws_tests::workspace;

/// A folder with two folders and a file, one of which cannot be read.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("good/deep")).unwrap();
    fs::create_dir_all(folder.join("bad")).unwrap();
    fs::write(folder.join("top.txt"), "top").unwrap();
    fs::write(folder.join("good/deep/a.txt"), "a".repeat(100_000)).unwrap();
    fs::write(folder.join("good/<b>.txt"), "b").unwrap();
    fs::write(folder.join("bad/fine.txt"), "fine").unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("bad/dangling")).unwrap();
    folder
}

async fn start(name: &str, htmx: &str) -> Server {
    let port = workspace::free_port().to_string();
    let (folder, assets) = (folder(name), workspace::node_modules());
    let arguments = ["--dir", folder.to_str().unwrap(), "--port", &port, "--htmx", htmx, "--assets", assets.to_str().unwrap()];
    Server::start(workspace::example("job"), arguments, "http://").await
}

async fn open(browser: &Browser, server: &Server) -> Tab {
    let tab = browser.tab("about:blank").await;
    tab.watch_policy().await;
    tab.goto(&format!("http://{}", server.announced())).await;
    tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
    tab
}

async fn a_job_runs_to_its_end_in_every_browser(htmx: &str) {
    let mut server = start(&format!("job-{htmx}"), htmx).await;
    let browser = Browser::start().await;
    let (first, second) = (open(&browser, &server).await, open(&browser, &server).await);
    first.click("#job-controls button.is-primary").await;
    for tab in [&first, &second] {
        tab.wait_until("the job is done", "document.querySelector('#job-status').textContent.includes('Done')").await;
        tab.wait_until("there are three steps", "document.querySelectorAll('#job-steps > li').length === 3").await;
        let steps = tab.text("#job-steps").await;
        assert!(steps.contains("1 of 2 files could not be read") && steps.contains("dangling"), "{steps}");
        assert!(tab.text("#job-progress").await.contains("1 unreadable"));
        assert_eq!(tab.attribute("#job-listing", "hidden").await.as_deref(), Some(""));
    }
    assert_eq!(first.shape("main").await, second.shape("main").await);
    let errors = first.console_errors().await;
    let unexpected: Vec<_> = errors.iter().filter(|error| !is_expected(htmx, error)).collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
    for tab in [&first, &second] {
        let policy: String = tab.eval("fetch('/').then((answer) => answer.headers.get('content-security-policy'))").await;
        assert_eq!((policy.as_str(), tab.policy_violations().await), ("default-src 'self'", Vec::new()));
    }

    second.click("#job-controls button.is-primary").await;
    first.wait_until("the job is done again", "document.querySelector('#job-status').textContent.includes('Done')").await;
    drop((first, second, browser));
    assert!(server.interrupt().await.success(), "Ctrl-C stops it cleanly");
}

/// htmx 2 logs that the inserting half of an upsert has no target where the element is there already.
fn is_expected(htmx: &str, error: &str) -> bool {
    htmx != "4" && error.contains("htmx:oobErrorNoTarget")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_runs_to_its_end_in_every_browser_on_htmx_2() {
    a_job_runs_to_its_end_in_every_browser("2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_runs_to_its_end_in_every_browser_on_htmx_2_with_idiomorph() {
    a_job_runs_to_its_end_in_every_browser("2-morph").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_runs_to_its_end_in_every_browser_on_htmx_4() {
    a_job_runs_to_its_end_in_every_browser("4").await;
}
