//! What is for one person, on whichever node they are; and rights that are taken back.

use futures_util::future::join_all;
use htmx_ws_tests::nodes::Nodes;
use htmx_ws_tests::nodes::people::notes;
use htmx_ws_tests::nodes::post::post;
use htmx_ws_tests::nodes::publisher::{Answer, publish};
use htmx_ws_tests::nodes::server::NatsServer;
use htmx_ws_tests::nodes::watcher::{Heard, Watcher, rendered};

use crate::NODE;

/// The connection's rights are gone.
const NOT_ALLOWED: u16 = 1008;

/// Finds that the last note is this one.
fn shows(note: &str) -> impl Fn(&Heard) -> Option<()> {
    move |heard| (notes(heard).last()? == note).then_some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_a_user_comes_to_their_pages_on_other_nodes_and_to_nobody_else() {
    let server = NatsServer::start().await;
    let url = server.url();
    let nodes = Nodes::start(NODE, &[&url, &url, &url], &[]).await;
    let [one, other, third] = nodes.addrs().try_into().unwrap();
    let (ann, bob) = (Watcher::open(other, "/user/ann").await, Watcher::open(other, "/user/bob").await);
    let neighbour = Watcher::open(one, "/user/bob").await;
    let later = rendered(one, "/user/ann").await;
    assert_eq!(publish(one, "/tell/ann/first").await, Answer::Acknowledged);
    ann.until("it is told", shows("first")).await;
    // A page that was rendered before, and connects afterwards: to a node where nobody of that name has been, and nobody has asked for them.
    let late = Watcher::connect(third, &later, "").await;
    late.until("it is told what it lacks", shows("first")).await;
    // One that was away meanwhile, and comes back to another node.
    let places = ann.heard().places();
    drop((ann, late));
    assert_eq!(publish(third, "/tell/ann/second").await, Answer::Acknowledged);
    assert_eq!(publish(third, "/tell/ann/third").await, Answer::Acknowledged);
    let [back, whole] = [(one, places.as_str()), (other, "")].map(|(node, places)| Watcher::connect(node, &later, places));
    for page in [back.await, whole.await] {
        page.until("it is told what it lacks", shows("third")).await;
        assert!(!page.heard().is_refreshed());
    }
    // Whoever had got what was hers would have it in front of this.
    assert_eq!(publish(third, "/tell/bob/his").await, Answer::Acknowledged);
    for page in [&bob, &neighbour] {
        page.until("it is told", shows("his")).await;
        assert_eq!(notes(&page.heard()), ["his"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_one_node_takes_back_end_on_all_and_on_those_that_start_later() {
    let server = NatsServer::start().await;
    let url = server.url();
    let nodes = Nodes::start(NODE, &[&url, &url], &[]).await;
    let [one, other] = nodes.addrs().try_into().unwrap();
    assert_eq!(publish(one, "/tell/ann/secret").await, Answer::Acknowledged);
    let ticket = rendered(other, "/user/ann").await;
    let pages = join_all([one, other].map(|node| Watcher::connect(node, &ticket, ""))).await;
    let bob = Watcher::open(other, "/user/bob").await;
    let (status, ended) = post(one, "/revoke/ann").await.unwrap();
    assert_eq!((status, ended.as_str()), (200, "1"), "that of the same node ends at once");
    for page in &pages {
        assert_eq!(page.until("the connection ends", |heard| heard.end).await, NOT_ALLOWED);
        assert!(page.heard().is_refreshed(), "the application is asked what she may read now");
    }
    let later = Nodes::start(NODE, &[&url], &[]).await;
    let late = later.addrs()[0];
    assert_eq!(publish(other, "/tell/ann/more").await, Answer::Acknowledged);
    for node in [one, other, late] {
        let page = Watcher::connect(node, &ticket, "").await;
        assert_eq!(page.until("the ticket is refused", |heard| heard.end).await, NOT_ALLOWED, "the ticket of before");
        assert!(notes(&page.heard()).is_empty(), "nothing is told before that");
    }
    // Whom it does not concern goes on, and so does she with what is rendered from now on.
    let again = Watcher::open(one, "/user/ann").await;
    for (user, page) in [("ann", again), ("bob", bob)] {
        assert_eq!(publish(other, &format!("/tell/{user}/still")).await, Answer::Acknowledged);
        page.until("it is told", shows("still")).await;
    }
}
