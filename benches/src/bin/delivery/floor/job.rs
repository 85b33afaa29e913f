//! Messages that are being published.

use std::time::Instant;

use axum::body::Bytes;

use crate::order::Order;

/// An order, and how far it has come.
pub(super) struct Job {
    order: Order,
    /// The number of the next message.
    next: u64,
    began: Instant,
    /// The place of the client that asked for it.
    asked_by: usize,
}

impl Job {
    pub(super) fn new(order: Order, asked_by: usize) -> Self {
        Self { next: order.first, order, began: Instant::now(), asked_by }
    }

    pub(super) fn topic(&self) -> &str {
        &self.order.topic
    }

    pub(super) fn asked_by(&self) -> usize {
        self.asked_by
    }

    pub(super) fn is_done(&self) -> bool {
        self.next == self.order.end()
    }

    pub(super) fn next_due(&self) -> Instant {
        self.order.due(self.next, self.began)
    }

    /// The frames of the messages that are due, at most so many.
    pub(super) fn take_due(&mut self, most: usize) -> Option<Bytes> {
        let now = Instant::now();
        let mut frames = Vec::new();
        for _ in 0..most {
            if self.is_done() || self.next_due() > now {
                break;
            }
            append_text_frame(&mut frames, self.order.element(self.next).as_bytes());
            self.next += 1;
        }
        (!frames.is_empty()).then(|| frames.into())
    }
}

/// A text message as one frame without a mask, as servers send it.
pub(crate) fn append_text_frame(frames: &mut Vec<u8>, text: &[u8]) {
    frames.push(0x81);
    match (u8::try_from(text.len()), u16::try_from(text.len())) {
        (Ok(length @ ..126), _) => frames.push(length),
        (_, Ok(length)) => {
            frames.push(126);
            frames.extend(length.to_be_bytes());
        }
        _ => {
            frames.push(127);
            frames.extend((text.len() as u64).to_be_bytes());
        }
    }
    frames.extend(text);
}
