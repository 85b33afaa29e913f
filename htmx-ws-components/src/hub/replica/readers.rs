//! Who reads a topic on other nodes.

use std::sync::Arc;

use crate::hub::presence::Presences;
use crate::hub::replica::cluster::{Effect, Notice};
use crate::hub::topics::Topics;
use crate::message::topic::Topic;

impl Presences {
    /// One connection of the user less is here.
    pub(in crate::hub) fn depart(&self, topic: &Topic, user: &Arc<str>) {
        let mut inner = self.lock();
        let key = (topic.clone(), Arc::clone(user));
        let Some(count) = inner.here.get_mut(&key) else { return };
        *count -= 1;
        if *count == 0 {
            inner.here.remove(&key);
            if let Some(members) = &self.0.members {
                drop(members.say(Notice::Leave { topic: topic.to_string(), user: user.to_string() }));
            }
        }
    }

    /// Does what nodes say of who reads where.
    pub(crate) fn hear(&self, effect: &Effect) {
        match effect {
            Effect::Entered(reading) => {
                let number = self.arrive(&reading.topic, &reading.user);
                if let Some(before) = self.lock().said.insert(reading.clone(), number) {
                    self.leave(&reading.topic, before);
                }
            }
            Effect::Left(reading) => {
                let number = self.lock().said.remove(reading);
                if let Some(number) = number {
                    self.leave(&reading.topic, number);
                }
            }
            Effect::Anew => {
                let said = std::mem::take(&mut self.lock().said);
                for (reading, number) in said {
                    self.leave(&reading.topic, number);
                }
            }
            Effect::Forgotten => {
                let Some(members) = &self.0.members else { return };
                for (topic, user) in self.lock().here.keys() {
                    drop(members.say(Notice::Enter { topic: topic.to_string(), user: user.to_string() }));
                }
            }
            Effect::Speaks => {
                let mut inner = self.lock();
                inner.changed = inner.rosters.keys().cloned().collect();
                inner.is_retold = true;
                self.attend(&mut inner);
            }
            Effect::Called(_) | Effect::Revoked { .. } | Effect::Moved | Effect::Reach | Effect::Lost(..) => {}
        }
    }
}

impl Topics {
    /// What nodes say of who reads where.
    pub(crate) fn hear_of_readers(&self, effect: &Effect) {
        if let Some(presences) = self.0.presences.get() {
            presences.hear(effect);
        }
    }
}
