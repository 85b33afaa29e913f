//! The load client: one thread, thousands of sockets, and as little work for each message as tells whether it came, in order, once, and when.

mod frames;
mod handshake;
mod publication;
mod reader;

use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::SockRef;

use crate::Result;
use crate::latencies::Latencies;
use crate::order::Order;
use handshake::Handshake;
use publication::Publication;
use reader::{Notes, Reader};

pub(crate) use publication::publish_to_topics;
pub(crate) use reader::Tally;

const PUBLICATION: Token = Token(usize::MAX);

/// How many handshakes are under way at a time: those that a server's queue of connections has room for, as what it drops comes again a second later.
const AT_ONCE: usize = 1_000;

/// How long the load client rests where little has come. It does not wait for its sockets: then each write of a server would wake it, on the server's time, the more
/// often the less the server writes at once; readers elsewhere do not take that from it. So every latency is up to this much longer.
const NAP: Duration = Duration::from_micros(500);
/// How many sockets with something to read are much.
const MUCH: usize = 1_000;

/// How many readers' latencies are noted.
const SAMPLED: usize = 64;

/// Readers of one server, and what they are to get.
pub(crate) struct Load {
    poll: Poll,
    events: Events,
    addr: SocketAddr,
    readers: Vec<Reader>,
    publication: Option<Publication>,
    notes: Notes,
    scratch: Vec<u8>,
}

impl Load {
    /// Without readers, yet.
    pub(crate) fn new(addr: SocketAddr) -> Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(4096),
            addr,
            readers: Vec::new(),
            publication: None,
            notes: Notes { end: 0, latencies: Latencies::default(), ended: 0, open: 0 },
            scratch: vec![0; 256 * 1024],
        })
    }

    /// Opens so many more readers of a topic, as fast as the server takes them, and waits until all have their answers.
    pub(crate) fn connect(&mut self, count: usize, topic: &str) -> Result<()> {
        let (all, deadline) = (self.readers.len() + count, Instant::now() + Duration::from_secs(60));
        let request = handshake::request(self.addr, topic);
        while self.notes.open < all {
            while self.readers.len() < all && self.readers.len() - self.notes.open < AT_ONCE {
                let mut stream = TcpStream::connect(self.addr)?;
                // Closing leaves nothing behind: thousands of sockets that wait would be in the way of the next ones.
                SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
                let token = Token(self.readers.len());
                self.poll.registry().register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
                self.readers.push(Reader::new(stream, Handshake::new(request.clone())));
            }
            if Instant::now() > deadline {
                return Err(format!("only {} of {all} readers are connected after a minute", self.notes.open).into());
            }
            self.turn()?;
        }
        let every = (all / SAMPLED).max(1);
        self.sample(|place| place % every == 0);
        Ok(())
    }

    /// Notes the latencies of these readers.
    pub(crate) fn sample(&mut self, which: impl Fn(usize) -> bool) {
        self.readers.iter_mut().enumerate().for_each(|(place, reader)| reader.is_sampled = which(place));
    }

    /// Has the server publish, and begins to count. Numbers go on from one order to the next.
    pub(crate) fn publish(&mut self, order: &Order) -> Result<()> {
        let order = Order { first: self.notes.end + 1, ..order.clone() };
        self.expect(&order);
        let mut publication = Publication::ask(self.addr, &order)?;
        self.poll.registry().register(publication.stream(), PUBLICATION, Interest::READABLE)?;
        self.publication = Some(publication);
        Ok(())
    }

    /// Forgets what has come, and expects what is ordered.
    fn expect(&mut self, order: &Order) {
        self.notes.end = order.end() - 1;
        self.notes.ended = 0;
        self.notes.latencies = Latencies::default();
        let tally = Tally { last: order.first - 1, ..Tally::default() };
        self.readers.iter_mut().for_each(|reader| reader.tally = tally);
    }

    /// Reads until it is said to be done, or late.
    pub(crate) fn run_until(&mut self, deadline: Instant, is_done: impl Fn(&Self) -> bool) -> Result<()> {
        while !is_done(self) && Instant::now() < deadline {
            self.turn()?;
        }
        Ok(())
    }

    /// Whether the server has published all.
    pub(crate) fn is_published(&self) -> bool {
        self.publication.is_none()
    }

    /// How many readers got the last message.
    pub(crate) fn ended(&self) -> usize {
        self.notes.ended
    }

    pub(crate) fn latencies(&self) -> &Latencies {
        &self.notes.latencies
    }

    /// The number of the last message.
    pub(crate) fn end(&self) -> u64 {
        self.notes.end
    }

    /// What has come to each of these readers.
    pub(crate) fn tallies(&self, places: Range<usize>) -> impl Iterator<Item = Tally> + '_ {
        self.readers[places].iter().map(|reader| reader.tally)
    }

    pub(crate) fn len(&self) -> usize {
        self.readers.len()
    }

    /// These readers read no more: their sockets fill.
    pub(crate) fn stall(&mut self, places: Range<usize>) -> Result<()> {
        for reader in &mut self.readers[places] {
            self.poll.registry().deregister(&mut reader.stream)?;
        }
        Ok(())
    }

    /// These readers read again.
    pub(crate) fn resume(&mut self, places: Range<usize>) -> Result<()> {
        for place in places {
            let token = Token(place);
            self.poll.registry().register(&mut self.readers[place].stream, token, Interest::READABLE | Interest::WRITABLE)?;
        }
        Ok(())
    }

    /// Reads what has come, and then lets something come.
    fn turn(&mut self) -> Result<()> {
        match self.poll.poll(&mut self.events, Some(Duration::ZERO)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        for event in &self.events {
            let Token(place) = event.token();
            if event.token() == PUBLICATION {
                if let Some(publication) = &mut self.publication
                    && publication.is_done()?
                {
                    self.publication = None;
                }
            } else if let Some(reader) = self.readers.get_mut(place) {
                reader.read(&mut self.scratch, &mut self.notes).map_err(|error| format!("reader {place} is cut off: {error}"))?;
            }
        }
        if self.events.iter().nth(MUCH).is_none() {
            thread::sleep(NAP);
        }
        Ok(())
    }
}
