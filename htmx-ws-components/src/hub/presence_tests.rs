//! Who is there and who is told of it, in paused time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::sleep;

use crate::hub::log::Retention;
use crate::hub::presence::{Presences, Show};
use crate::hub::stats::{Counter, Counters};
use crate::hub::subscription::Subscriptions;
use crate::hub::topics::{TopicLimits, Topics};
use crate::message::cursor::Epoch;
use crate::message::topic::Topic;

const GRACE: Duration = Duration::from_secs(10);

/// A hub, and what was told of its readers.
struct World {
    topics: Topics,
    told: Arc<Mutex<Vec<String>>>,
    counters: Arc<Counters>,
}

fn world() -> World {
    let retention =
        Retention { states: 9, state_bytes: 999, fences: 9, fence_bytes: 999, fences_for: GRACE, part_patches: 9, part_bytes: 999 };
    let limits =
        TopicLimits { retention, topics: 9, patch_bytes: 999, bytes: 1 << 20, forget_idle_after: GRACE, pass_interval: Duration::ZERO };
    let (counters, told) = (Arc::<Counters>::default(), Arc::<Mutex<Vec<String>>>::default());
    let topics = Topics::new(Epoch(1), limits, Arc::clone(&counters));
    let list = Arc::clone(&told);
    let show: Show = Arc::new(move |presence| {
        let words = |users: Vec<&str>| users.join(" ");
        let [users, joins, leaves] = [presence.users().collect(), presence.joins().collect(), presence.leaves().collect()].map(words);
        list.lock().unwrap().push(format!("{}: {users} | +{joins} -{leaves}", presence.topic()));
        assert_ne!(users, "panic");
    });
    topics.set_presences(Presences::new(vec![show], GRACE, Arc::clone(&counters), None));
    World { topics, told, counters }
}

impl World {
    fn read(&self, user: &str, names: &[&str]) -> Subscriptions {
        let start = |name: &&str| (Topic::new(name).unwrap(), self.topics.cursor());
        Subscriptions::new(&self.topics, names.iter().map(start)).unwrap().of_user(Some(user))
    }

    fn listed(&self, name: &str) -> String {
        self.topics.presence(&Topic::new(name).unwrap()).users().collect::<Vec<_>>().join(" ")
    }

    /// What was told until so many seconds from now, and since it was last looked at.
    async fn told(&self, seconds: u64) -> Vec<String> {
        sleep(Duration::from_secs(seconds)).await;
        std::mem::take(&mut *self.told.lock().unwrap())
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_counts_once_and_is_gone_when_the_last_page_has_been_for_a_while() {
    let world = world();
    let tabs = [world.read("ann", &["t"]), world.read("ann", &["t", "u"])];
    let bob = world.read("bob", &["t"]);
    assert_eq!(world.told(1).await, ["t: ann bob | +ann bob -", "u: ann | +ann -"]);
    let [first, second] = tabs;
    drop(first);
    assert_eq!(world.told(60).await, [""; 0]);
    drop(second);
    assert_eq!(world.told(9).await, [""; 0]);
    assert_eq!((world.listed("t"), world.listed("u")), ("ann bob".to_owned(), "ann".to_owned()));
    assert_eq!(world.told(2).await, ["t: bob | + -ann", "u:  | + -ann"]);
    drop(bob);
    assert_eq!(world.told(11).await, ["t:  | + -bob"]);
    assert_eq!(world.listed("t"), "");
}

#[tokio::test(start_paused = true)]
async fn a_reconnect_is_neither_a_join_nor_a_leave() {
    let world = world();
    let mut ann = world.read("ann", &["t"]);
    assert_eq!(world.told(1).await.len(), 1);
    for seconds in [0, 1, 9] {
        drop(ann);
        sleep(Duration::from_secs(seconds)).await;
        ann = world.read("ann", &["t"]);
    }
    assert_eq!(world.told(60).await, [""; 0]);
    drop(ann);
    assert_eq!(world.told(11).await, ["t:  | + -ann"]);
    let _ann = world.read("ann", &["t"]);
    assert_eq!(world.told(11).await, ["t: ann | +ann -"]);
}

#[tokio::test(start_paused = true)]
async fn a_crowd_is_told_of_in_few_steps_and_in_its_order() {
    let world = world();
    let first = world.read("0", &["t"]);
    tokio::task::yield_now().await;
    let crowd: Vec<_> = (1..1000).map(|n| world.read(&n.to_string(), &["t"])).collect();
    let told = world.told(1).await;
    assert_eq!(told.len(), 2, "the first at once, and then all others");
    assert!(told[1].starts_with("t: 0 1 2 3 ") && told[1].contains("| +1 2 3 "));
    drop((first, crowd));
    assert!(world.told(11).await.iter().any(|told| told.starts_with("t:  | + -0 1 2")));
}

#[tokio::test(start_paused = true)]
async fn one_who_comes_back_to_be_told_of_again_stands_behind_the_others() {
    let world = world();
    let (ann, _bob) = (world.read("ann", &["t"]), world.read("bob", &["t"]));
    drop(ann);
    assert_eq!(world.told(11).await.len(), 2);
    let _ann = world.read("ann", &["t"]);
    assert_eq!(world.told(1).await, ["t: bob ann | +ann -"]);
}

#[tokio::test(start_paused = true)]
async fn what_shows_the_list_may_panic() {
    let world = world();
    let readers = [world.read("panic", &["t"]), world.read("ann", &["u"])];
    assert_eq!(world.told(1).await.len(), 2);
    assert_eq!(world.counters.get(Counter::PresencePanicked), 1);
    drop(readers);
    assert_eq!(world.told(11).await.len(), 2);
}

#[test]
fn without_a_runtime_nothing_is_told_and_nothing_breaks() {
    let world = world();
    drop(world.read("ann", &["t"]));
    assert_eq!(world.listed("t"), "");
}
