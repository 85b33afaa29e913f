//! What there is no connection for, and why.

use std::time::Duration;

use futures_util::future::join_all;

use super::server::{Server, followed};
use super::{ConnectError, Redis};
use crate::backplane::certificates::Root;
use crate::backplane::contract::{Following, record, topic, within};
use crate::backplane::{Engine as _, Position};

async fn error(options: Redis) -> String {
    options.node().await.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_there_is_no_server_for_is_an_error() {
    let server = Server::start();
    assert!(error(Redis::new(server.url(), "a.b")).await.starts_with("`a.b` is not the name of an application"));
    assert!(error(Redis::new("http://127.0.0.1", "test")).await.starts_with("that is no URL of a server"));
    assert!(error(server.options().root_certificates("/nowhere/a.pem")).await.starts_with("/nowhere/a.pem cannot be read"));
    let away = Redis::new("redis://127.0.0.1:1", "test");
    assert!(error(away).await.starts_with("there is no server: "));
    // Of several servers one is enough.
    Redis::new("redis://127.0.0.1:1", "test").url(server.url()).node().await.unwrap();
    server.signal("STOP");
    let silent = error(server.options().connection_timeout(Duration::from_millis(200))).await;
    server.signal("CONT");
    assert!(silent.starts_with("there is no server: "), "{silent}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_opens_a_server_that_asks_for_one() {
    let server = Server::start_with(&["--requirepass", "a b:c@d"]);
    let denied = async |options: Redis| matches!(options.node().await, Err(ConnectError::Denied(_)));
    assert!(denied(server.options()).await);
    assert!(denied(server.options().user("default", "wrong")).await);
    let redis = server.options().user("default", "a b:c@d").node().await.unwrap();
    redis.append(&topic("jobs"), record("1"), Position(0)).await.unwrap();
    let url = server.url().replace("redis://", "redis://:a%20b%3Ac%40d@");
    let options = Redis::new(url, "test");
    assert!(!format!("{options:?}").contains("a%20b"));
    options.node().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_may_do_what_is_needed_is_enough() {
    let server = Server::start();
    let may = "+eval +evalsha +hmget +hget +hset +hincrby +llen +lindex +lrange +rpush +ltrim +del +time +publish +subscribe +unsubscribe +info +ping";
    server.tell(&format!("ACL SETUSER app on >secret ~htmx-ws:{{test}}:* &htmx-ws:{{test}}:* -@all +hello +client {may}")).await;
    server.tell(&format!("ACL SETUSER mute on >secret ~htmx-ws:{{test}}:* resetchannels -@all +hello +client {may}")).await;
    let redis = server.options().user("app", "secret").node().await.unwrap();
    let topic = topic("jobs");
    let first = redis.append(&topic, record("1"), Position(0)).await.unwrap();
    redis.keep(&topic, first, record("1")).await.unwrap();
    let mut follower = Following::of(&redis, &topic);
    follower.until_present().await;
    let mute = error(server.options().user("mute", "secret")).await;
    assert!(mute.starts_with("the server does not let us in, or not do what we need: "), "{mute}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encrypted_server_has_to_show_who_it_is() {
    let (root, other) = (Root::new(), Root::new());
    let server = Server::start_with_tls(&root);
    for options in [server.options(), server.options().root_certificates(other.file())] {
        let unknown = error(options).await;
        assert!(unknown.starts_with("there is no server: ") && unknown.contains("invalid peer certificate"), "{unknown}");
    }
    let plain = server.url().replace("rediss://", "redis://");
    assert!(error(Redis::new(plain, "test").root_certificates(root.file())).await.starts_with("there is no server: "));
    let (redis, topic, mut follower) = followed(server.options().root_certificates(root.file())).await;
    let first = redis.append(&topic, record("1"), Position(0)).await.unwrap();
    follower.until(first).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_throws_keys_away_is_an_error() {
    let server = Server::start_with(&["--maxmemory-policy", "allkeys-lru"]);
    let text = "the server throws keys away when its memory is full; set its `maxmemory-policy` from `allkeys-lru` to `noeviction`";
    assert_eq!(error(server.options()).await, text);
    server.tell("CONFIG SET maxmemory-policy noeviction").await;
    server.redis().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_share_their_life() {
    let server = Server::start();
    let nodes = join_all((0..8).map(|_| server.redis())).await;
    let topic = topic("jobs");
    for (node, before) in nodes.iter().zip(0..) {
        assert_eq!(node.epoch(), nodes[0].epoch());
        assert_eq!(node.newest().await, Ok(Position(before)));
        node.append(&topic, record("x"), Position(before)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applications_and_databases_share_nothing() {
    let server = Server::start();
    let topic = topic("jobs");
    let one = server.redis().await;
    let others = [Redis::new(server.url(), "test-2"), Redis::new(format!("{}/1", server.url()), "test")];
    for (options, is_database) in others.into_iter().zip([false, true]) {
        let other = options.node().await.unwrap();
        let mut follower = Following::of(&other, &topic);
        follower.until_present().await;
        let last = if is_database { Position(1) } else { Position(0) };
        one.append(&topic, record("x"), last).await.unwrap();
        let own = other.append(&topic, record("y"), Position(0)).await.unwrap();
        follower.until(own).await;
        assert_eq!(follower.records(), [(Position(1), record("y"))]);
    }
}

/// Two servers that share the keys of all applications.
async fn cluster() -> [Server; 2] {
    let settings = ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"];
    let servers = [Server::start_with(&settings), Server::start_with(&settings)];
    servers[0].tell("CLUSTER ADDSLOTSRANGE 0 8191").await;
    servers[1].tell("CLUSTER ADDSLOTSRANGE 8192 16383").await;
    servers[0].tell(&format!("CLUSTER MEET 127.0.0.1 {}", servers[1].port())).await;
    let is_whole = async {
        for server in &servers {
            let whole = "cluster_state:ok";
            while !redis::cmd("CLUSTER").arg("INFO").query_async::<String>(&mut server.client().await).await.unwrap().contains(whole) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    within(is_whole).await;
    servers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_cluster_the_server_that_has_the_keys_is_found() {
    let [one, two] = cluster().await;
    let topic = topic("jobs");
    let nodes = [one.options().url(two.url()).node().await.unwrap(), two.options().url(one.url()).node().await.unwrap()];
    let mut follower = Following::of(&nodes[0], &topic);
    follower.until_present().await;
    let first = nodes[1].append(&topic, record("1"), Position(0)).await.unwrap();
    nodes[1].keep(&topic, first, record("1")).await.unwrap();
    follower.until(first).await;
    assert_eq!(nodes[0].newest().await, Ok(first));
}
