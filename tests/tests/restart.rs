//! A server that restarts under many pages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use htmx_ws_components::{Component, Counter, Hub, Live};
use htmx_ws_tests::process::allow_open_files;
use htmx_ws_tests::socket::{Socket, socket_path};
use maud::{Markup, html};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const PAGES: usize = 2_000;
const WINDOW: Duration = Duration::from_secs(2);

#[derive(Component)]
#[component(id = "build", leaf, render = Self::markup)]
struct Build(u32);

impl Build {
    fn markup(&self) -> Markup {
        html! { output { "build " (self.0) } }
    }
}

/// An application: what its database has, and the process that serves it now.
struct Site {
    addr: SocketAddr,
    build: AtomicU32,
    hub: Mutex<Hub>,
}

impl Site {
    fn hub(&self) -> Hub {
        self.hub.lock().unwrap().clone()
    }

    fn publish(&self, build: u32) {
        self.build.store(build, Ordering::SeqCst);
        self.hub().publish("build", &Build(build));
    }

    /// A page as it is rendered now: the URL of its socket, and what it shows.
    fn page(&self) -> (String, u32) {
        let path = socket_path(&Live::of(&self.hub()).topic("build"));
        (path, self.build.load(Ordering::SeqCst))
    }
}

fn hub() -> Hub {
    Hub::builder().secret("the same behind the restart, long enough to be one").drain_window(WINDOW).build()
}

fn serve(listener: TcpListener, hub: &Hub) -> JoinHandle<()> {
    let router: Router = hub.routes().with_state(());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() })
}

/// What a page saw of the restart.
struct Seen {
    shown: u32,
    shown_at_the_drain: u32,
    drained: Instant,
}

/// A page that does what our script does, until it shows `last`.
async fn browse(site: Arc<Site>, last: u32) -> Seen {
    let mut seen = None;
    let mut attempts = 0;
    let (mut path, mut shown) = site.page();
    while shown != last {
        let Ok(mut socket) = Socket::attempt(Some(&format!("http://{}", site.addr)), site.addr, &path).await else {
            // As htmx does: from a quarter of a second on, each attempt later than the one before.
            attempts = (attempts + 1).min(4);
            tokio::time::sleep(Duration::from_millis(125 << attempts)).await;
            continue;
        };
        attempts = 0;
        while shown != last {
            match socket.text_or_end().await {
                Ok(refresh) if refresh.starts_with("<!--htmx-ws! ") => (path, shown) = site.page(),
                Ok(frame) => {
                    let (_, build) = frame.split_once(">build ").unwrap();
                    shown = build.split_once('<').unwrap().0.parse().unwrap();
                }
                Err(code) => {
                    if code == 1012 {
                        seen.get_or_insert((shown, Instant::now()));
                    }
                    break;
                }
            }
        }
    }
    let (shown_at_the_drain, drained) = seen.expect("every page was there when the server went");
    Seen { shown, shown_at_the_drain, drained }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_come_back_behind_a_restart_and_not_all_at_once() {
    allow_open_files(3 * PAGES as u64);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = Arc::new(Site { addr: listener.local_addr().unwrap(), build: AtomicU32::new(0), hub: Mutex::new(hub()) });
    let before = site.hub();
    let server = serve(listener, &before);
    let pages: Vec<_> = (0..PAGES).map(|_| tokio::spawn(browse(Arc::clone(&site), 3))).collect();
    while before.stats().connections() < PAGES {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    site.publish(1);
    before.drain().await;
    assert_eq!(before.stats().get(Counter::Drained), PAGES as u64);
    assert!(before.stats().get(Counter::DrainRefused) > 0, "the first that come back find the old server draining");
    server.abort();
    let _stopped = server.await;

    *site.hub.lock().unwrap() = hub();
    site.publish(2);
    let _server = serve(TcpListener::bind(site.addr).await.unwrap(), &site.hub());
    while site.hub().stats().connections() < PAGES {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    site.publish(3);
    let mut drained = Vec::new();
    for page in pages {
        let seen = page.await.unwrap();
        assert_eq!((seen.shown_at_the_drain, seen.shown), (1, 3));
        drained.push(seen.drained);
    }
    drained.sort_unstable();
    let quarters = [1, 2, 3].map(|quarter| drained[quarter * PAGES / 4] - drained[0]);
    assert!(quarters[1] > WINDOW / 4 && quarters[2] > WINDOW / 2, "a quarter, a half and three quarters of them ended within {quarters:?}");
    println!("connections ended within {quarters:?}, {:?}", drained[PAGES - 1] - drained[0]);
}
