//! The floor: a loop over epoll that writes prebuilt bytes to whoever reads the topic, and does nothing else.
//!
//! One thread, one copy of each frame for all readers, no log, no pacing, no heartbeat. What a socket does not take waits in a queue of its own, so no message is lost
//! either. No server that delivers can cost less, up to what it saves by writing less often; the coalescing way does that as well.

mod client;
mod job;

use std::collections::HashMap;
use std::io;
use std::time::{Duration, Instant};

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};

use crate::Result;
use crate::order::Order;
use client::{Client, Request};
use job::Job;

#[cfg(test)]
pub(crate) use job::append_text_frame;

const LISTENER: Token = Token(usize::MAX);

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Each in a write of its own.
    OneByOne,
    /// Up to so many as are due, in one write.
    Coalescing,
}

impl Way {
    /// How many messages a write takes.
    pub(crate) fn messages(self) -> usize {
        match self {
            Self::OneByOne => 1,
            Self::Coalescing => 16,
        }
    }
}

/// The server.
struct Floor {
    poll: Poll,
    listener: TcpListener,
    way: Way,
    clients: Vec<Option<Client>>,
    /// Places in `clients` that are free.
    free: Vec<usize>,
    /// The places of a topic's readers.
    readers: HashMap<String, Vec<usize>>,
    jobs: Vec<Job>,
}

/// Serves until it is killed. Says its port first.
pub(crate) fn run(way: Way) -> Result<()> {
    let poll = Poll::new()?;
    let mut listener = TcpListener::bind("127.0.0.1:0".parse()?)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);
    let mut floor = Floor { poll, listener, way, clients: Vec::new(), free: Vec::new(), readers: HashMap::new(), jobs: Vec::new() };
    let mut events = Events::with_capacity(4096);
    let mut scratch = vec![0; 64 * 1024];
    loop {
        match floor.poll.poll(&mut events, floor.patience()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            polled => polled?,
        }
        for event in &events {
            match event.token() {
                LISTENER => floor.accept()?,
                Token(place) => floor.serve(place, event.is_writable(), &mut scratch),
            }
        }
        floor.publish_due();
    }
}

impl Floor {
    /// How long there is nothing to publish; for ever where there is no job.
    fn patience(&self) -> Option<Duration> {
        let now = Instant::now();
        self.jobs.iter().map(|job| job.next_due().saturating_duration_since(now)).min()
    }

    fn accept(&mut self) -> Result<()> {
        loop {
            let mut stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            stream.set_nodelay(true)?;
            let place = self.free.pop().unwrap_or(self.clients.len());
            self.poll.registry().register(&mut stream, Token(place), Interest::READABLE | Interest::WRITABLE)?;
            let client = Some(Client::new(stream));
            match self.clients.get_mut(place) {
                Some(free) => *free = client,
                None => self.clients.push(client),
            }
        }
    }

    /// Reads what a client says, and writes what it lacks.
    fn serve(&mut self, place: usize, is_writable: bool, scratch: &mut [u8]) {
        let Some(client) = self.clients.get_mut(place).and_then(Option::as_mut) else { return };
        let written = if is_writable { client.flush(self.way.messages()) } else { Ok(()) };
        match written.and_then(|()| client.read(scratch)) {
            Ok(None) => {}
            Ok(Some(Request::Read(topic))) => {
                client.topic = Some(topic.clone());
                self.readers.entry(topic).or_default().push(place);
            }
            Ok(Some(Request::Publish(order))) => self.begin(place, order),
            Err(_) => self.drop_client(place),
        }
    }

    fn begin(&mut self, place: usize, order: Order) {
        self.jobs.push(Job::new(order, place));
    }

    fn drop_client(&mut self, place: usize) {
        let Some(client) = self.clients.get_mut(place).and_then(Option::take) else { return };
        self.free.push(place);
        if let Some(readers) = client.topic.and_then(|topic| self.readers.get_mut(&topic)) {
            readers.retain(|reader| *reader != place);
        }
    }

    /// Publishes one write's worth of each job that is due.
    fn publish_due(&mut self) {
        let mut jobs = std::mem::take(&mut self.jobs);
        for job in &mut jobs {
            let Some(bytes) = job.take_due(self.way.messages()) else { continue };
            let mut gone = Vec::new();
            for place in self.readers.get(job.topic()).into_iter().flatten() {
                let Some(client) = self.clients.get_mut(*place).and_then(Option::as_mut) else { continue };
                if client.send(&bytes).is_err() {
                    gone.push(*place);
                }
            }
            for place in gone {
                self.drop_client(place);
            }
        }
        for done in jobs.extract_if(.., |job| job.is_done()) {
            if let Some(client) = self.clients.get_mut(done.asked_by()).and_then(Option::as_mut) {
                // It asked to be answered once, and closes.
                let _ = client.send(&client::published());
            }
        }
        self.jobs = jobs;
    }
}
