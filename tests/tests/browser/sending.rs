//! Forms and buttons that send over the socket, and requests that name their page.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use htmx_ws_components::{Component, Htmx, Hub, Inbound, Live, Sender};
use htmx_ws_tests::browser::Browser;
use htmx_ws_tests::proxy::{Kind, Proxy};
use htmx_ws_tests::site::{assets, npm_file};
use htmx_ws_tests::socket::serve;
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vote {
    option: String,
    weight: u32,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Component)]
#[component(id = "said", leaf, render = Self::markup)]
struct Said(String);

impl Said {
    fn markup(&self) -> Markup {
        html! { output { (self.0) } }
    }
}

async fn vote(message: Inbound<Vote>) -> Result<(), &'static str> {
    let Vote { option, weight, tags } = message.value();
    if *weight > 3 {
        return Err("No vote counts <more> than three times");
    }
    let url = message.header("HX-Current-URL").is_some();
    message.hub().publish("t", &Said(format!("{option} {weight} {tags:?} {:?} {url}", message.user())));
    Ok(())
}

#[derive(Deserialize)]
struct Slow {
    /// In milliseconds.
    time: u64,
}

async fn slow(message: Inbound<Slow>) {
    tokio::time::sleep(Duration::from_millis(message.value().time)).await;
    message.hub().publish("t", &Said(format!("worked for {} ms", message.value().time)));
}

async fn page(live: Live, State(_): State<Hub>) -> Response {
    let live = live.topic("t").user("ann");
    let content = html! {
        (live.errors())
        form id="vote" data-ws-send hx-ws:send {
            input type="hidden" name="action" value="vote";
            input name="option" aria-label="Option";
            input name="weight" aria-label="Weight";
            input type="checkbox" name="tags" value="a" checked aria-label="a";
            input type="checkbox" name="tags" value="b" checked aria-label="b";
            input name="headers" value="mine" aria-label="Headers";
            button { "Vote" }
        }
        (Said(String::new()))
        form id="slow" data-ws-send hx-ws:send data-live-busy="1" {
            input type="hidden" name="action" value="slow";
            input name="time" aria-label="Time";
            button { "Work" }
        }
        button id="like" hx-post="/like" hx-target="#said" hx-swap="outerHTML" { "Like" }
    };
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "Sending" } link rel="icon" href="data:,"; (live.head()) }
            body { main { (live.connect_around(&content)) } }
        }
    };
    ([(CONTENT_SECURITY_POLICY, "default-src 'self'; img-src 'self' data:")], body).into_response()
}

/// Everybody else is told; the sender gets the answer.
async fn like(State(hub): State<Hub>, Sender(sender): Sender) -> Markup {
    let Some(page) = sender else { panic!("a live page names itself") };
    hub.batch("t").with(&Said("somebody likes it".to_owned())).except(page).publish().outcome().unwrap();
    html! { (Said("you like it".to_owned())) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sends_over_the_socket_and_sees_what_went_wrong() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).on("vote", vote).build();
        let routes = Router::new().route("/", get(page)).route("/like", post(like)).route("/npm/{*file}", get(npm_file));
        let addr = serve(routes.merge(hub.routes()).with_state(hub.clone())).await;
        let tabs = [browser.tab(&format!("http://{addr}/")).await, browser.tab(&format!("http://{addr}/")).await];
        for tab in &tabs {
            tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
        }
        let [tab, other] = &tabs;
        let fill = |option: &str, weight: &str| {
            let fields = format!(
                "document.querySelector('[name=option]').value = '{option}', document.querySelector('[name=weight]').value = '{weight}'"
            );
            async move { tab.eval::<String>(&fields).await }
        };
        fill("tea", "2").await;
        tab.click("#vote button").await;
        for tab in &tabs {
            tab.wait_for_text("#said", "tea 2 [\"a\", \"b\"] Some(\"ann\") true").await;
        }
        fill("tea", "many").await;
        tab.click("#vote button").await;
        tab.wait_for_text("#htmx-ws-errors", "weight: invalid digit found in string").await;
        fill("tea", "7").await;
        tab.click("#vote button").await;
        tab.wait_for_text("#htmx-ws-errors", "No vote counts <more> than three times").await;
        assert_eq!(other.text("#htmx-ws-errors").await, "", "{htmx:?}: only the sender is told");
        fill("coffee", "3").await;
        tab.click("#vote button").await;
        tab.wait_for_text("#htmx-ws-errors", "").await;

        tab.click("#like").await;
        tab.wait_for_text("#said", "you like it").await;
        other.wait_for_text("#said", "somebody likes it").await;
        hub.publish("t", &Said("the end".to_owned())).outcome().unwrap();
        tab.wait_for_text("#said", "the end").await;
        assert_eq!(tab.console_errors().await, Vec::<String>::new(), "{htmx:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_arrives_without_a_socket_too() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).on("vote", vote).build();
        let routes = Router::new().route("/", get(page)).route("/npm/{*file}", get(npm_file));
        let proxy = Proxy::start(serve(routes.merge(hub.routes()).with_state(hub.clone())).await).await;
        proxy.block(Kind::Upgrade);
        let tab = browser.tab(&proxy.url("/")).await;
        for (weight, blocked) in [(1, None), (2, Some(Kind::EventStream))] {
            if let Some(kind) = blocked {
                proxy.block(kind);
                tab.wait_until("the stream is gone", "document.documentElement.dataset.live !== 'fallback'").await;
            }
            tab.wait_until("there is another way", "document.documentElement.dataset.live === 'fallback'").await;
            let fill = format!(
                "void (document.querySelector('[name=option]').value = 'tea', document.querySelector('[name=weight]').value = '{weight}')"
            );
            tab.eval::<()>(&fill).await;
            tab.click("#vote button").await;
            tab.wait_for_text("#said", &format!("tea {weight} [\"a\", \"b\"] Some(\"ann\") true")).await;
            tab.eval::<()>("void (document.querySelector('[name=weight]').value = '7')").await;
            tab.click("#vote button").await;
            tab.wait_for_text("#htmx-ws-errors", "No vote counts <more> than three times").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_form_waits_for_its_answer_and_not_for_ever() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).on("slow", slow).build();
        let routes = Router::new().route("/", get(page)).route("/npm/{*file}", get(npm_file));
        let addr = serve(routes.merge(hub.routes()).with_state(hub.clone())).await;
        let tab = browser.tab(&format!("http://{addr}/")).await;
        tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
        let listen = "void (() => {
            window.timeouts = 0;
            document.addEventListener('htmx-ws:timeout', ({ target }) => timeouts += target.id === 'slow');
            window.states = [];
            const note = () => states.push([document.querySelector('#slow button').disabled, document.querySelector('#slow').ariaBusy]);
            new MutationObserver(note).observe(document.querySelector('#slow'), { subtree: true, attributes: true, attributeFilter: ['disabled'] });
        })()";
        tab.eval::<()>(listen).await;
        let both = serde_json::json!([[true, "true"], [false, null]]);
        for (time, timeouts) in [("300", 0), ("1600", 1)] {
            tab.eval::<()>(&format!("void (states.length = 0, document.querySelector('[name=time]').value = '{time}')")).await;
            tab.click("#slow button").await;
            tab.wait_until("it was busy and is not any more", "states.length === 2").await;
            assert_eq!(tab.eval::<serde_json::Value>("states").await, both, "{htmx:?}");
            assert_eq!(tab.eval::<u32>("timeouts").await, timeouts, "{htmx:?}: {time} ms");
            let said = tab.text("#said").await;
            assert_eq!(said == format!("worked for {time} ms"), timeouts == 0, "{htmx:?}: {said}");
        }
        // The answer that comes too late does no harm.
        tab.wait_for_text("#said", "worked for 1600 ms").await;
        assert_eq!(tab.eval::<u32>("states.length").await, 2, "{htmx:?}");
        assert_eq!(tab.console_errors().await, Vec::<String>::new(), "{htmx:?}");
    }
}
