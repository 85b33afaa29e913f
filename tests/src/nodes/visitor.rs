//! Those who look at a board: they speak as our script does, and go on at another node when theirs is gone.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::CELLS;
use super::post::get;
use super::publisher::{Notes, Outcome};
use crate::random::Random;
use crate::socket::Socket;
use crate::{PATIENCE, POLL_INTERVAL};

/// The longest pause in front of a next attempt; the script's first ones are of this kind.
const LONGEST_PAUSE_MS: u64 = 300;

/// What a visitor's page shows.
#[derive(Debug, Default)]
struct Page {
    counts: [u64; CELLS],
    /// By cell and number, in their order.
    lines: Vec<(usize, u64)>,
    /// What must not be: a number that went back, a line that came twice.
    mistakes: Vec<String>,
    is_open: bool,
    /// How often it was loaded anew. The lines from before are gone then.
    reloads: usize,
}

/// The visitors of a test.
#[derive(Debug)]
pub struct Visitors {
    pages: Vec<Arc<Mutex<Page>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Visitors {
    /// So many at these nodes, each at the next one. They are there when this returns.
    pub async fn start(count: usize, nodes: &[SocketAddr], notes: &Arc<Notes>) -> Self {
        let pages: Vec<Arc<Mutex<Page>>> = (0..count).map(|_| Arc::default()).collect();
        let visit = |(number, page): (usize, &Arc<Mutex<Page>>)| {
            let visitor = Visitor {
                nodes: (0..nodes.len()).map(|node| nodes[(number + node) % nodes.len()]).collect(),
                page: Arc::clone(page),
                places: BTreeMap::new(),
                notes: Arc::clone(notes),
                random: Random::new(number as u64),
            };
            tokio::spawn(visitor.stay())
        };
        let tasks = pages.iter().enumerate().map(visit).collect();
        let visitors = Self { pages, tasks };
        visitors.until("are connected", |page| page.is_open, |_| "it is not open".to_owned()).await;
        visitors
    }

    /// Waits until every page shows what was acknowledged. Then no number has ever gone back, and all have the same lines in the same order, each once; who was loaded anew, those since then.
    pub async fn until_all_show(&self, outcome: &Outcome) {
        let Outcome { counts, lines, perhaps } = outcome;
        let shows = |page: &Page| page.counts == counts[..] && (page.reloads > 0 || lines.is_subset(&page.lines.iter().copied().collect()));
        self.until(&format!("show {counts:?} and {} lines", lines.len()), shows, |page| {
            let missing: Vec<_> = lines.iter().filter(|line| !page.lines.contains(line)).collect();
            format!("it shows {:?}, lacks the lines {missing:?}, and is {}", page.counts, if page.is_open { "open" } else { "not open" })
        })
        .await;
        let whole = self.pages.iter().find(|page| page.lock().unwrap().reloads == 0).map(|page| page.lock().unwrap().lines.clone());
        let whole = whole.unwrap_or_default();
        let more: Vec<_> = whole.iter().filter(|line| !lines.contains(line) && !perhaps.contains(line)).collect();
        assert!(more.is_empty(), "lines that were not published: {more:?}");
        for (number, page) in self.pages.iter().enumerate() {
            let page = page.lock().unwrap();
            assert!(page.mistakes.is_empty(), "page {number}: {:#?}", page.mistakes);
            let has_all = if page.reloads == 0 { page.lines == whole } else { whole.ends_with(&page.lines) || whole.is_empty() };
            assert!(has_all, "page {number} has other lines than others: {:?}\n{whole:?}", page.lines);
        }
    }

    /// How many pages had to be loaded anew.
    pub fn reloads(&self) -> usize {
        self.pages.iter().map(|page| page.lock().unwrap().reloads).sum()
    }

    async fn until(&self, what: &str, holds: impl Fn(&Page) -> bool, said: impl Fn(&Page) -> String) {
        let deadline = Instant::now() + 2 * PATIENCE;
        loop {
            let missing: Vec<usize> =
                self.pages.iter().enumerate().filter(|(_, page)| !holds(&page.lock().unwrap())).map(|(number, _)| number).collect();
            if missing.is_empty() {
                return;
            }
            if Instant::now() > deadline {
                let first = said(&self.pages[missing[0]].lock().unwrap());
                panic!("{} of {} pages do not {what}: {missing:?}, the first: {first}", missing.len(), self.pages.len());
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }
}

impl Drop for Visitors {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

struct Visitor {
    /// Where it tries, one after the other.
    nodes: Vec<SocketAddr>,
    page: Arc<Mutex<Page>>,
    /// How far it came with each topic.
    places: BTreeMap<String, String>,
    notes: Arc<Notes>,
    random: Random,
}

impl Visitor {
    async fn stay(mut self) {
        let mut path = None;
        let mut gone = None;
        for node in (0..self.nodes.len()).cycle() {
            let addr = self.nodes[node];
            if path.is_none() {
                path = self.load(addr).await;
            }
            if let Some(page) = &path
                && let Some(socket) = self.open(addr, page).await
            {
                if let Some(gone) = gone.take() {
                    self.notes.reconnected.lock().unwrap().push(Instant::elapsed(&gone));
                }
                let is_reload = self.read(socket).await;
                self.page.lock().unwrap().is_open = false;
                gone = Some(Instant::now());
                if is_reload {
                    let mut page = self.page.lock().unwrap();
                    page.reloads += 1;
                    page.lines.clear();
                    // What a node renders that cannot ask the others is older.
                    page.counts = [0; CELLS];
                    self.places.clear();
                    path = None;
                }
            }
            let pause = self.random.of(0..=LONGEST_PAUSE_MS);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Loads the page: the path of its socket, and what it shows.
    async fn load(&self, addr: SocketAddr) -> Option<String> {
        let page = timeout(PATIENCE, get(addr, "/socket")).await.ok()?.ok()?;
        let (path, html) = page.split_once('\n')?;
        self.show(html);
        Some(path.to_owned())
    }

    /// As our script: with its places.
    async fn open(&self, addr: SocketAddr, path: &str) -> Option<Socket> {
        let places: Vec<String> = self.places.iter().map(|(topic, cursor)| format!("{topic}~{cursor}")).collect();
        let path = format!("{path}&at={}", places.join(","));
        let origin = format!("http://{addr}");
        let attempt = Socket::attempt(Some(&origin), addr, &path);
        // A stopped process takes connections, and says nothing.
        timeout(PATIENCE, attempt).await.ok()?.ok()
    }

    /// Reads until the connection ends; true where the page is to be loaded anew.
    async fn read(&mut self, mut socket: Socket) -> bool {
        while let Ok(frame) = socket.text_or_end().await {
            let Some((word, rest)) = frame.strip_prefix("<!--htmx-ws").and_then(|frame| frame.split_once(' ')) else { continue };
            let (said, html) = rest.split_once("-->").unwrap_or((rest, ""));
            match word {
                "!" => return true,
                "-at" => {
                    self.page.lock().unwrap().is_open = true;
                    // Behind them the state of the connection stands.
                    let places = said.split(' ').next().unwrap_or_default();
                    let places = places.split(',').filter_map(|place| place.split_once('~'));
                    self.places.extend(places.map(|(topic, cursor)| (topic.to_owned(), cursor.to_owned())));
                }
                "" => {
                    let (topic, cursor) = said.split_once(' ').unwrap_or((said, ""));
                    self.show(html);
                    self.places.insert(topic.to_owned(), cursor.to_owned());
                }
                _ => {}
            }
        }
        false
    }

    fn show(&self, html: &str) {
        let mut page = self.page.lock().unwrap();
        for cell in html.split("id=\"cell-").skip(1) {
            let key: usize = cell.split('"').next().and_then(|key| key.parse().ok()).expect("a cell has a number");
            let count = cell.split_once('>').and_then(|(_, text)| text.split('<').next()).and_then(|count| count.parse().ok());
            let count: u64 = count.unwrap_or_else(|| panic!("no count in {cell}"));
            if count < page.counts[key] {
                let mistake = format!("cell {key} went from {} back to {count}", page.counts[key]);
                page.mistakes.push(mistake);
            }
            page.counts[key] = count;
            self.arrived(key, count);
        }
        for line in html.split("id=\"line-").skip(1) {
            let name = line.split('"').next().and_then(|name| name.split_once('-')).expect("a line has a name");
            let (key, count) = (name.0.parse().expect("a cell"), name.1.parse().expect("a number"));
            if page.lines.contains(&(key, count)) {
                page.mistakes.push(format!("line {key}-{count} came twice"));
            }
            page.lines.push((key, count));
            self.arrived(key, count);
        }
    }

    fn arrived(&self, key: usize, count: u64) {
        self.notes.since(key, count).into_iter().for_each(|since| self.notes.shown.lock().unwrap().push(since));
    }
}
