//! What every engine must do: one test for each point, the same for all of them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;

pub(crate) use super::following::Following;
use super::{AppendError, Engine, Position, Told};
use crate::message::topic::Topic;

/// An engine as the tests start it, for one of them each.
pub(crate) trait Rig: Sized {
    fn start() -> Self;

    /// One more node on it.
    async fn node(&self) -> Arc<dyn Engine>;
}

/// One that can be made to lose what it had.
pub(crate) trait Loses: Rig {
    /// All of it; and it goes on.
    fn lose_all(&self);
}

/// The tests of this file for an engine.
macro_rules! suite {
    ($engine:ty) => {
        $crate::backplane::contract::suite!($engine:
            positions_ascend_over_topics, behind_what_is_not_the_last_nothing_is_taken, of_two_who_append_at_once_one_wins_each_place,
            a_late_follower_is_told_the_kept_state_and_the_rest, a_topic_that_nobody_wrote_is_present_at_once,
            what_is_kept_while_others_follow_and_append_loses_nothing, an_older_state_changes_nothing, the_newest_is_no_older_than_what_has_been_taken,
            odd_names_do_not_mix, the_largest_record_goes_and_one_byte_more_does_not, a_state_larger_than_a_record_is_told_whole,
            many_states_are_kept_one_after_the_other, of_two_who_keep_at_once_the_newer_stays, a_node_follows_many_topics, all_followers_are_told_the_same_of_a_record,
            the_last_record_stays_behind_a_kept_state, a_long_log_is_told_whole, the_last_one_of_a_topic_is_known,
            behind_a_loss_nodes_meet_in_another_life);
    };
    ($engine:ty: $($point:ident),*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $point() {
                $crate::backplane::contract::within($crate::backplane::contract::$point(&<$engine as $crate::backplane::contract::Rig>::start())).await;
            }
        )*
    };
}
pub(crate) use suite;

/// What takes longer has not come.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it takes too long")
}

pub(crate) fn topic(name: &str) -> Topic {
    Topic::new(name).unwrap()
}

pub(crate) fn record(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

/// Appends as a hub does: again where somebody was before it.
pub(crate) async fn append_behind_all(node: &dyn Engine, topic: &Topic, bytes: &Bytes, mut last: Position) -> Position {
    loop {
        match node.append(topic, bytes.clone(), last).await {
            Ok(position) => return position,
            Err(AppendError::Overtaken { last: newer }) => {
                assert!(newer > last, "what it is behind is the last one");
                last = newer;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

pub(crate) async fn positions_ascend_over_topics(engine: &impl Rig) {
    let node = engine.node().await;
    let (a, b) = (topic("a"), topic("b"));
    assert_eq!(node.newest().await, Ok(Position(0)));
    let first = node.append(&a, record("1"), Position(0)).await.unwrap();
    let second = node.append(&b, record("2"), Position(0)).await.unwrap();
    let third = node.append(&a, record("3"), first).await.unwrap();
    assert!(Position(0) < first && first < second && second < third);
    assert_eq!(node.newest().await, Ok(third));
    assert_eq!(engine.node().await.epoch(), node.epoch());
}

pub(crate) async fn behind_what_is_not_the_last_nothing_is_taken(engine: &impl Rig) {
    let (node, topic) = (engine.node().await, topic("jobs"));
    let future = node.append(&topic, record("x"), Position(9)).await;
    assert_eq!(future, Err(AppendError::Overtaken { last: Position(0) }), "of the future");
    let first = node.append(&topic, record("1"), Position(0)).await.unwrap();
    let second = node.append(&topic, record("2"), first).await.unwrap();
    for wrong in [Position(0), first, Position(second.0 + 1)] {
        assert_eq!(node.append(&topic, record("x"), wrong).await, Err(AppendError::Overtaken { last: second }), "{wrong:?}");
    }
    assert_eq!(node.newest().await, Ok(second));
}

pub(crate) async fn of_two_who_append_at_once_one_wins_each_place(engine: &impl Rig) {
    let topic = topic("jobs");
    let nodes = [engine.node().await, engine.node().await];
    let mut followers = [Following::of(&*nodes[0], &topic), Following::of(&*nodes[1], &topic)];
    for follower in &mut followers {
        follower.until_present().await;
    }
    let appenders = nodes.into_iter().enumerate().map(|(which, node)| {
        let topic = topic.clone();
        tokio::spawn(async move {
            let mut taken = Vec::new();
            for number in 0..40 {
                let bytes = record(&format!("{which}:{number};"));
                let last = taken.last().map_or(Position(0), |(position, _)| *position);
                taken.push((append_behind_all(&*node, &topic, &bytes, last).await, bytes));
            }
            taken
        })
    });
    let mut taken: Vec<_> = join_all(appenders).await.into_iter().flat_map(Result::unwrap).collect();
    taken.sort();
    let last = taken.last().unwrap().0;
    for mut follower in followers.into_iter().chain([Following::of(&*engine.node().await, &topic)]) {
        follower.until(last).await;
        assert_eq!(follower.records(), taken);
    }
}

pub(crate) async fn a_late_follower_is_told_the_kept_state_and_the_rest(engine: &impl Rig) {
    let (node, topic) = (engine.node().await, topic("jobs"));
    let mut last = Position(0);
    let mut all = Vec::new();
    for text in ["1", "2", "3", "4"] {
        last = node.append(&topic, record(text), last).await.unwrap();
        all.push(last);
    }
    node.keep(&topic, all[1], record("12")).await.unwrap();
    let late = engine.node().await;
    let mut follower = Following::of(&*late, &topic);
    assert_eq!(follower.next().await, Told::Kept { position: all[1], state: record("12") });
    follower.until_present().await;
    assert_eq!(follower.records(), [(all[2], record("3")), (all[3], record("4"))]);
    let next = late.append(&topic, record("5"), last).await.unwrap();
    assert!(matches!(follower.next().await, Told::Record(told) if told.position == next), "and then what comes, without another `Present`");
}

pub(crate) async fn a_topic_that_nobody_wrote_is_present_at_once(engine: &impl Rig) {
    let (node, topic) = (engine.node().await, topic("jobs"));
    let mut follower = Following::of(&*node, &topic);
    assert_eq!(follower.next().await, Told::Present);
    let first = engine.node().await.append(&topic, record("1"), Position(0)).await.unwrap();
    follower.until(first).await;
    assert_eq!(follower.records(), [(first, record("1"))]);
}

pub(crate) async fn what_is_kept_while_others_follow_and_append_loses_nothing(engine: &impl Rig) {
    let topic = topic("jobs");
    let (node, other) = (engine.node().await, engine.node().await);
    let mut early = Following::of(&*other, &topic);
    early.until_present().await;
    let (mut last, mut state) = (Position(0), Vec::new());
    let mut late = Vec::new();
    for number in 0..60 {
        let bytes = record(&format!("{number};"));
        last = node.append(&topic, bytes.clone(), last).await.unwrap();
        state.extend_from_slice(&bytes);
        if number % 7 == 3 {
            let (keeper, topic, kept) = (Arc::clone(&other), topic.clone(), Bytes::from(state.clone()));
            let (_, follower) = tokio::join!(keeper.keep(&topic, last, kept), async {
                let mut follower = Following::of(&*node, &topic);
                follower.until_present().await;
                follower
            });
            late.push(follower);
        }
    }
    for mut follower in late.into_iter().chain([early]) {
        follower.until(last).await;
        assert_eq!(follower.all(), state);
    }
}

pub(crate) async fn an_older_state_changes_nothing(engine: &impl Rig) {
    let (node, topic) = (engine.node().await, topic("jobs"));
    let first = node.append(&topic, record("1"), Position(0)).await.unwrap();
    let second = node.append(&topic, record("2"), first).await.unwrap();
    node.keep(&topic, second, record("new")).await.unwrap();
    engine.node().await.keep(&topic, first, record("old")).await.unwrap();
    let mut follower = Following::of(&*node, &topic);
    assert_eq!(follower.next().await, Told::Kept { position: second, state: record("new") });
    assert_eq!(follower.next().await, Told::Present);
}

pub(crate) async fn the_newest_is_no_older_than_what_has_been_taken(engine: &impl Rig) {
    let (node, other) = (engine.node().await, engine.node().await);
    for number in 0..20 {
        let taken = node.append(&topic(&format!("t{number}")), record("x"), Position(0)).await.unwrap();
        assert_eq!(other.newest().await, Ok(taken));
    }
}

pub(crate) async fn odd_names_do_not_mix(engine: &impl Rig) {
    let long = "x".repeat(Topic::MAX_BYTES);
    let wide = |end: &str| format!("{}{end}", "é".repeat(99));
    let plain = [
        "a", "A", "a.b", "a b", "a=2Eb", "a=2eb", "a==", "a=", "*", ">", "a.*", "a.>", ".", "..", "-", "_", "é", "e\u{301}", "日本", "$JS",
        "=3D",
    ];
    let mut names: Vec<String> = plain.into_iter().map(str::to_owned).collect();
    names.extend([long.clone(), format!("{}y", &long[1..]), wide("a"), wide("b"), wide("é")]);
    let mut topics: Vec<Topic> = names.iter().map(|name| topic(name)).collect();
    topics.push(Topic::private("user", &"a").unwrap());
    let (node, other) = (engine.node().await, engine.node().await);
    let mut followers: Vec<Following> = topics.iter().map(|topic| Following::of(&*other, topic)).collect();
    for follower in followers.iter_mut().step_by(2) {
        follower.until_present().await;
    }
    let mut last = Vec::new();
    for topic in &topics {
        let first = node.append(topic, record(&format!("{topic:?}-1")), Position(0)).await.unwrap();
        node.keep(topic, first, record(&format!("{topic:?}-1"))).await.unwrap();
        last.push(node.append(topic, record(&format!("{topic:?}-2")), first).await.unwrap());
    }
    for ((topic, last), follower) in topics.iter().zip(last).zip(&mut followers) {
        follower.until(last).await;
        assert_eq!(follower.all(), format!("{topic:?}-1{topic:?}-2").into_bytes());
    }
}

pub(crate) async fn the_largest_record_goes_and_one_byte_more_does_not(engine: &impl Rig) {
    let (node, topic) = (engine.node().await, topic("jobs"));
    let largest = Bytes::from(vec![7; node.max_bytes()]);
    let too_large = node.append(&topic, Bytes::from(vec![7; node.max_bytes() + 1]), Position(0)).await;
    assert!(matches!(too_large, Err(AppendError::Refused(_))), "{too_large:?}");
    let mut follower = Following::of(&*node, &topic);
    follower.until_present().await;
    let first = node.append(&topic, largest.clone(), Position(0)).await.unwrap();
    follower.until(first).await;
    let mut late = Following::of(&*engine.node().await, &topic);
    late.until_present().await;
    assert!(follower.records() == [(first, largest.clone())] && late.records() == [(first, largest)]);
}

pub(crate) async fn a_state_larger_than_a_record_is_told_whole(engine: &impl Rig) {
    let (node, topic) = (engine.node().await, topic("jobs"));
    let first = node.append(&topic, record("1"), Position(0)).await.unwrap();
    let state: Bytes = (0..3 * node.max_bytes() + 17).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect();
    node.keep(&topic, first, state.clone()).await.unwrap();
    let second = node.append(&topic, record("2"), first).await.unwrap();
    let mut follower = Following::of(&*engine.node().await, &topic);
    follower.until_present().await;
    assert!(follower.kept == Some((first, state)));
    assert_eq!(follower.records(), [(second, record("2"))]);
}

pub(crate) async fn many_states_are_kept_one_after_the_other(engine: &impl Rig) {
    let (node, topic) = (engine.node().await, topic("jobs"));
    let mut last = Position(0);
    for size in [10, 2 * node.max_bytes(), 0, node.max_bytes() + 1, 5] {
        last = node.append(&topic, record("x"), last).await.unwrap();
        let state = Bytes::from(vec![1; size]);
        node.keep(&topic, last, state.clone()).await.unwrap();
        let mut follower = Following::of(&*node, &topic);
        follower.until_present().await;
        assert!(follower.kept == Some((last, state)) && follower.records().is_empty(), "of {size} bytes");
    }
}

pub(crate) async fn of_two_who_keep_at_once_the_newer_stays(engine: &impl Rig) {
    let topic = topic("jobs");
    let (node, other) = (engine.node().await, engine.node().await);
    let mut last = Position(0);
    for round in 0..8 {
        let older = node.append(&topic, record("x"), last).await.unwrap();
        last = node.append(&topic, record("x"), older).await.unwrap();
        // One that needs several records of the engine, and one that does not, each the older one by turns.
        let (large, small) = (Bytes::from(vec![9; node.max_bytes() * 2]), record("small"));
        let (first, second) = if round % 2 == 0 { (large, small) } else { (small, large) };
        let (one, two) = tokio::join!(node.keep(&topic, older, first), other.keep(&topic, last, second.clone()));
        one.and(two).unwrap();
        let mut follower = Following::of(&*node, &topic);
        follower.until_present().await;
        assert!(follower.kept == Some((last, second)), "round {round}");
    }
}

pub(crate) async fn a_node_follows_many_topics(engine: &impl Rig) {
    let (node, other) = (engine.node().await, engine.node().await);
    let topics: Vec<Topic> = (0..300).map(|number| topic(&format!("t{number}"))).collect();
    let mut followers: Vec<Following> = topics.iter().map(|topic| Following::of(&*node, topic)).collect();
    join_all(followers.iter_mut().map(Following::until_present)).await;
    for (index, follower) in followers.iter_mut().enumerate().step_by(3) {
        let first = other.append(&topics[index], record(&index.to_string()), Position(0)).await.unwrap();
        follower.until(first).await;
    }
    for (index, follower) in followers.iter().enumerate() {
        let told = follower.records().iter().map(|(_, bytes)| bytes.clone());
        let expected = (index % 3 == 0).then(|| record(&index.to_string()));
        assert_eq!(told.collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
    }
}

pub(crate) async fn all_followers_are_told_the_same_of_a_record(engine: &impl Rig) {
    let (node, topic) = (engine.node().await, topic("jobs"));
    let mut early = Following::of(&*node, &topic);
    early.until_present().await;
    node.append(&topic, record("1"), Position(0)).await.unwrap();
    let live = early.next().await;
    let read = Following::of(&*engine.node().await, &topic).next().await;
    assert_eq!(live, read, "also when the engine took it");
    let Told::Record(told) = live else { panic!("{live:?}") };
    assert!(told.at.elapsed().is_ok_and(|age| age < Duration::from_secs(60)));
}

pub(crate) async fn the_last_record_stays_behind_a_kept_state(engine: &impl Rig) {
    let (node, topic) = (engine.node().await, topic("jobs"));
    let first = node.append(&topic, record("1"), Position(0)).await.unwrap();
    let second = node.append(&topic, record("2"), first).await.unwrap();
    node.keep(&topic, second, record("12")).await.unwrap();
    assert_eq!(node.append(&topic, record("x"), first).await, Err(AppendError::Overtaken { last: second }));
    let third = node.append(&topic, record("3"), second).await.unwrap();
    let mut follower = Following::of(&*node, &topic);
    follower.until_present().await;
    assert_eq!(follower.all(), b"123");
    assert_eq!(follower.last(), third);
}

pub(crate) async fn a_long_log_is_told_whole(engine: &impl Rig) {
    let (node, topic) = (engine.node().await, topic("jobs"));
    let (mut last, mut taken) = (Position(0), Vec::new());
    for number in 0..600 {
        // Larger than what an engine answers at once, in bytes and in records.
        let bytes = if number % 20 == 0 { Bytes::from(vec![7; 400_000]) } else { record(&number.to_string()) };
        last = node.append(&topic, bytes.clone(), last).await.unwrap();
        taken.push((last, bytes));
    }
    let mut follower = Following::of(&*engine.node().await, &topic);
    follower.until_present().await;
    assert!(follower.records() == taken);
}

pub(crate) async fn the_last_one_of_a_topic_is_known(engine: &impl Rig) {
    let (node, other) = (engine.node().await, engine.node().await);
    let (a, b) = (topic("a"), topic("b"));
    assert_eq!(node.last(&a).await, Ok(Position(0)));
    let first = node.append(&a, record("1"), Position(0)).await.unwrap();
    let second = node.append(&a, record("2"), first).await.unwrap();
    node.append(&b, record("3"), Position(0)).await.unwrap();
    assert_eq!((other.last(&a).await, node.last(&a).await), (Ok(second), Ok(second)));
    node.keep(&a, second, record("12")).await.unwrap();
    assert_eq!(other.last(&a).await, Ok(second));
}

pub(crate) async fn behind_a_loss_nodes_meet_in_another_life(engine: &impl Loses) {
    let (node, other, topic) = (engine.node().await, engine.node().await, topic("jobs"));
    let mut follower = Following::of(&*node, &topic);
    let first = node.append(&topic, record("1"), Position(0)).await.unwrap();
    follower.until(first).await;
    engine.lose_all();
    follower.until_lost().await;
    let refused = node.append(&topic, record("2"), first).await;
    assert!(matches!(refused, Err(AppendError::Refused(_))), "{refused:?}");
    let renewed = renewed(&*node).await;
    assert_ne!(renewed.epoch(), node.epoch());
    let other = renewed_of(&*other, &topic).await;
    assert_eq!((other.epoch(), engine.node().await.epoch()), (renewed.epoch(), renewed.epoch()));
    let mut follower = Following::of(&*other, &topic);
    follower.until_present().await;
    let anew = renewed.append(&topic, record("anew"), Position(0)).await.unwrap();
    follower.until(anew).await;
    assert_eq!(follower.records(), [(anew, record("anew"))]);
    assert!(matches!(node.append(&topic, record("old"), anew).await, Err(AppendError::Refused(_))), "it is of a life that is over");
}

async fn renewed_of(node: &dyn Engine, topic: &Topic) -> Arc<dyn Engine> {
    Following::of(node, topic).until_lost().await;
    renewed(node).await
}

async fn renewed(node: &dyn Engine) -> Arc<dyn Engine> {
    loop {
        if let Ok(renewed) = node.renewed().await {
            return renewed;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
