//! Who is let in, and what they may do there.

use std::fs;
use std::time::{Duration, Instant};

use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use serde_json::{Value, json};

use super::server::Server;
use super::{ConnectError, Nats, Node};
use crate::backplane::contract::{Following, record, topic, within};
use crate::backplane::{AppendError, Engine, Position};

/// A node that does all that nodes do.
async fn works(options: Nats) -> Node {
    let nats = within(options.node()).await.unwrap();
    let jobs = topic("jobs");
    let last = nats.last(&jobs).await.unwrap();
    let next = nats.append(&jobs, record("1"), last).await.unwrap();
    nats.keep(&jobs, next, record("all")).await.unwrap();
    let mut follower = Following::of(&nats, &jobs);
    follower.until_present().await;
    let next = nats.append(&jobs, record("2"), next).await.unwrap();
    follower.until(next).await;
    nats
}

/// What is said to whoever is not let in, and at once.
async fn denied(options: Nats) -> String {
    let begin = Instant::now();
    let error = within(options.node()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Denied(_)), "{error:?}");
    assert!(begin.elapsed() < Duration::from_secs(3), "nobody has to wait for that: {:?}", begin.elapsed());
    let said = error.to_string();
    let (start, rest) = said.split_once(": ").unwrap();
    assert_eq!(start, "the server does not let us in, or not do what we need");
    rest.to_owned()
}

/// As the server's own URL, with this in it.
fn url(server: &Server, login: &str) -> Nats {
    Nats::new(server.url().replace("//", &format!("//{login}@")), "test")
}

const NOBODY: &str =
    "authorization violation; we came as nobody: no user or token stands in the URL, and no file with credentials or an NKey is named";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_and_a_password_in_the_url_open_a_server() {
    let server = Server::start_with("authorization { users = [{ user: \"ann@home\", password: \"a b:c@d/e%z\" }] }");
    let options = url(&server, "ann%40home:a%20b%3Ac%40d/e%25z");
    assert!(!format!("{options:?}").contains("home"), "whoever looks at the options does not see the password");
    let options = url(&server, "ann%40home:a%20b%3Ac%40d%2Fe%25z");
    let nats = works(options.clone()).await;
    assert_eq!(denied(server.options()).await, NOBODY);
    let wrong = denied(url(&server, "ann%40home:secret")).await;
    assert_eq!(wrong, "authorization violation; we came as the user `ann@home` of the URL, with the password there");
    // It comes back as the same.
    let mut follower = Following::of(&nats, &topic("others"));
    follower.until_present().await;
    server.kill();
    server.start_again();
    follower.until_present().await;
    // One of several URLs says it for all, and each of them may be the one that answers.
    works(Nats::new("nats://127.0.0.1:1", "test").url(server.url()).url("nats://ann%40home:a%20b%3Ac%40d%2Fe%25z@127.0.0.1:1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_in_the_url_opens_a_server() {
    let server = Server::start_with("authorization { token: \"to+ken/1\" }");
    works(url(&server, "to+ken%2F1")).await;
    assert_eq!(denied(server.options()).await, NOBODY);
    let wrong = denied(url(&server, "token")).await;
    assert_eq!(wrong, "authorization violation; we came as whoever has the token of the URL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_nkey_opens_a_server_that_asks_for_one() {
    let ann = KeyPair::new_user();
    let server = Server::start_with(&format!("authorization {{ users = [{{ nkey: {} }}] }}", ann.public_key()));
    let file = |name: &str, text: &str| {
        let path = server.folder().join(name);
        fs::write(&path, text).unwrap();
        server.options().nkey_file(path)
    };
    works(file("ann.nk", &format!("{}\n", ann.seed().unwrap()))).await;
    assert_eq!(denied(server.options()).await, NOBODY);
    let wrong = denied(file("bob.nk", &KeyPair::new_user().seed().unwrap())).await;
    assert!(wrong.starts_with("authorization violation; we came as the user of the NKey in ") && wrong.ends_with("bob.nk"), "{wrong}");
    let error = file("cem.nk", "nonsense").node().await.unwrap_err().to_string();
    assert!(error.ends_with("cem.nk cannot be read: it holds no seed of an NKey"), "{error}");
}

/// What the issuer says of somebody, as `nsc` writes it.
fn jwt(issuer: &KeyPair, of: &KeyPair, nats: &Value, expires: u64) -> String {
    let header = json!({ "typ": "JWT", "alg": "ed25519-nkey" });
    let (iss, sub) = (issuer.public_key(), of.public_key());
    let claim = json!({ "jti": "1", "iat": 1_700_000_000, "exp": expires, "iss": iss, "sub": sub, "name": "test", "nats": nats });
    let [header, claim] = [header, claim].map(|part| BASE64URL_NOPAD.encode(part.to_string().as_bytes()));
    let signed = format!("{header}.{claim}");
    let signature = BASE64URL_NOPAD.encode(&issuer.sign(signed.as_bytes()).unwrap());
    format!("{signed}.{signature}")
}

/// In a time that no test comes to.
const FAR: u64 = 10_000_000_000;

fn credentials(account: &KeyPair, expires: u64) -> String {
    let user = KeyPair::new_user();
    let may_all = json!({ "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1, "type": "user", "version": 2 });
    let (jwt, seed) = (jwt(account, &user, &may_all, expires), user.seed().unwrap());
    let enclosed = |what: &str, text: &str| format!("-----BEGIN {what}-----\n{text}\n------END {what}------\n\n");
    enclosed("NATS USER JWT", &jwt) + &enclosed("USER NKEY SEED", &seed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_credentials_opens_a_server_of_an_operator() {
    let (operator, account, system) = (KeyPair::new_operator(), KeyPair::new_account(), KeyPair::new_account());
    let limits = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
        "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let of_operator = jwt(&operator, &operator, &json!({ "type": "operator", "version": 2 }), FAR);
    let of_account = jwt(&operator, &account, &json!({ "limits": limits, "type": "account", "version": 2 }), FAR);
    let of_system = jwt(&operator, &system, &json!({ "limits": { "subs": -1, "conn": -1 }, "type": "account", "version": 2 }), FAR);
    let server = Server::start_with(&format!(
        "operator: {of_operator}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload: {{ {}: {of_account}, {}: {of_system} }}",
        system.public_key(),
        account.public_key(),
        system.public_key()
    ));
    let file = |name: &str, text: &str| {
        let path = server.folder().join(name);
        fs::write(&path, text).unwrap();
        server.options().credentials_file(path)
    };
    works(file("ann.creds", &credentials(&account, FAR))).await;
    assert_eq!(denied(server.options()).await, NOBODY);
    let wrong = denied(file("bob.creds", &credentials(&KeyPair::new_account(), FAR))).await;
    assert!(wrong.starts_with("authorization violation; we came as the user of the credentials in "), "{wrong}");
    let old = denied(file("old.creds", &credentials(&account, 1_700_000_001))).await;
    assert!(old.starts_with("authorization violation; ") && old.ends_with("old.creds"), "{old}");
    let error = file("cem.creds", "nonsense").node().await.unwrap_err().to_string();
    assert!(error.ends_with("cem.creds cannot be read: cannot parse user JWT from the credentials file"), "{error}");
}

/// What docs/scaling.md says that a node of `test` has to be allowed to publish.
fn publishes() -> String {
    let asked = ["INFO", "CREATE", "UPDATE", "PURGE"].map(|question| format!("STREAM.{question}"));
    let asked = asked.iter().map(String::as_str).chain(["STREAM.MSG.GET", "DIRECT.GET"]);
    let asked = asked.flat_map(|question| ["log", "kept"].map(|stream| format!("\"$JS.API.{question}.test-{stream}\"")));
    asked.collect::<Vec<_>>().join(", ") + ", \"test.log.>\", \"test.kept.>\""
}

/// And to hear.
const HEARS: &str = "\"_INBOX.>\", \"test.live.>\"";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_may_do_what_is_needed_is_enough_and_what_is_not_allowed_is_said() {
    let user = |name: &str, publishes: &str, hears: &str| {
        format!("{{ user: {name}, password: x, permissions: {{ publish: [{publishes}], subscribe: [{hears}] }} }}")
    };
    let users = [
        user("app", &publishes(), HEARS),
        user("mute", "\"other\"", HEARS),
        user("deaf", &publishes(), "\"_INBOX.>\""),
        user("shut", &publishes(), "\"other\""),
        user("reader", &publishes().replace("test.log", "other.log"), HEARS),
    ];
    let server = Server::start_with(&format!("authorization {{ users = [{}] }}", users.join(", ")));
    works(url(&server, "app:x")).await;
    // Also where the streams have lost something.
    let node = url(&server, "app:x").node().await.unwrap();
    assert_ne!(Engine::renewed(&node).await.unwrap().epoch(), node.epoch());
    for (user, said) in [
        ("mute", "Permissions Violation for Publish to \"$JS.API.STREAM.INFO.test-kept\""),
        ("deaf", "Permissions Violation for Subscription to \"test.live."),
        ("shut", "Permissions Violation for Subscription to "),
    ] {
        let text = denied(url(&server, &format!("{user}:x"))).await;
        assert!(text.starts_with(said), "{text}");
    }
    // Nobody has to wait for an answer that does not come.
    let reader = within(url(&server, "reader:x").node()).await.unwrap();
    let refused = reader.append(&topic("jobs"), record("x"), Position(0)).await;
    let expected = "Permissions Violation for Publish to \"test.log.jobs\"";
    assert_eq!(refused, Err(AppendError::Refused(expected.to_owned())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_url_of_a_server_is_said() {
    for (url, expected) in [
        ("http://127.0.0.1", "invalid scheme for NATS server URL: http"),
        ("ws://127.0.0.1", "`ws://` is of something else"),
        ("nats://a:b c", "NATS server URL is invalid"),
        ("nats://%ff@127.0.0.1", "its user or password is no UTF-8"),
        ("", "it has no host"),
    ] {
        let error = Nats::new(url, "test").node().await.unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, ConnectError::Url(_)) && text.contains(expected), "{url}: {text}");
        assert!(text.ends_with("; expected `nats://` or `tls://`, a host and a port"), "{text}");
    }
}
