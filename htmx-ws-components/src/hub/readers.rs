//! The readers of one topic.

use std::sync::Arc;

use crate::hub::reader::Reader;

/// Readers, each at a number that stays its own until it leaves. Whoever fans out goes through them in blocks, and others come and go in between.
#[derive(Debug, Default)]
pub(super) struct Readers {
    places: Vec<Option<Arc<Reader>>>,
    free: Vec<usize>,
}

impl Readers {
    /// Adds one, and says its number.
    pub(super) fn add(&mut self, reader: Arc<Reader>) -> usize {
        if let Some(number) = self.free.pop()
            && let Some(place) = self.places.get_mut(number)
        {
            *place = Some(reader);
            return number;
        }
        self.places.push(Some(reader));
        self.places.len() - 1
    }

    /// Takes one away; false where there is none.
    pub(super) fn remove(&mut self, number: usize) -> bool {
        let is_there = self.places.get_mut(number).is_some_and(|place| place.take().is_some());
        if is_there {
            self.free.push(number);
        }
        if self.is_empty() {
            // A topic that was busy once holds no memory for that.
            *self = Self::default();
        }
        is_there
    }

    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Reader>> {
        self.places.iter().flatten()
    }

    /// Those whose numbers are from `begin` on, `count` numbers; none where nobody can be there any more.
    pub(super) fn block(&self, begin: usize, count: usize) -> Option<impl Iterator<Item = &Arc<Reader>>> {
        let end = self.places.len().min(begin.saturating_add(count));
        self.places.get(begin..end).filter(|block| !block.is_empty()).map(|block| block.iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stays_until_its_reader_leaves_and_then_serves_another() {
        let mut readers = Readers::default();
        let numbers: Vec<usize> = (0..3).map(|_| readers.add(Arc::default())).collect();
        assert_eq!(numbers, [0, 1, 2]);
        assert!(readers.remove(1) && !readers.remove(1) && !readers.remove(9));
        assert_eq!((readers.len(), readers.iter().count()), (2, 2));
        assert_eq!(readers.block(1, 5).unwrap().count(), 1);
        assert!(readers.block(3, 5).is_none());
        assert_eq!(readers.add(Arc::default()), 1);
        assert_eq!(readers.block(0, 2).unwrap().count(), 2);
        assert!((0..3).all(|number| readers.remove(number)) && readers.is_empty());
        assert_eq!(readers.add(Arc::default()), 0);
    }
}
