//! What people see, in a real browser.

use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::nodes::Nodes;
use htmx_ws_tests::nodes::publisher::{Answer, publish};
use htmx_ws_tests::nodes::server::NatsServer;

use crate::NODE;

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_two_nodes_agree_also_behind_the_end_of_one_with_htmx_2() {
    agree("V2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_two_nodes_agree_also_behind_the_end_of_one_with_htmx_4() {
    agree("V4").await;
}

async fn agree(htmx: &str) {
    let server = NatsServer::start().await;
    let url = server.url();
    let mut nodes = Nodes::start(NODE, &[&url, &url], &[&format!("htmx={htmx}")]).await;
    let addrs = nodes.addrs();
    let browser = Browser::start().await;
    let (one, other) = (open(&browser, &nodes.node(0).url("/")).await, open(&browser, &nodes.node(1).url("/")).await);
    for tab in [&one, &other] {
        let version: String = tab.eval("htmx.version").await;
        assert!(version.starts_with(&htmx[1..]), "htmx {version} is loaded");
    }
    for (key, node) in [(0, addrs[0]), (1, addrs[1])] {
        assert_eq!(publish(node, &format!("/publish/{key}/7")).await, Answer::Acknowledged);
    }
    for tab in [&one, &other] {
        tab.wait_for_text("main", "77000000").await;
    }
    nodes.node(0).kill();
    one.wait_until("it knows", "document.documentElement.dataset.live !== 'open'").await;
    assert_eq!(publish(addrs[1], "/publish/2/8").await, Answer::Acknowledged);
    other.wait_for_text("main", "77800000").await;
    nodes.node(0).restart().await;
    one.wait_for_text("main", "77800000").await;
    assert_eq!(publish(addrs[0], "/publish/3/9").await, Answer::Acknowledged);
    for tab in [&one, &other] {
        tab.wait_for_text("main", "77890000").await;
        assert!(tab.eval::<bool>("window.isFirst").await, "the page was not loaded anew");
    }
    // Lines come each once, also on the page that was away.
    for (count, node) in [(1, addrs[0]), (2, addrs[1])] {
        assert_eq!(publish(node, &format!("/line/0/{count}")).await, Answer::Acknowledged);
    }
    for tab in [&one, &other] {
        tab.wait_for_text("#lines", "12").await;
    }
    assert_eq!(one.shape("main").await, other.shape("main").await);
}

async fn open(browser: &Browser, url: &str) -> Tab {
    let tab = browser.tab(url).await;
    tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
    tab.eval::<bool>("window.isFirst = true").await;
    tab
}
