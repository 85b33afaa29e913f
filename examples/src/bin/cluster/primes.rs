//! What the job is: it can be cut in pieces, and everybody can check the sum.

use std::ops::Range;

/// How many primes there are in the range.
pub(crate) fn count(range: Range<u64>) -> u64 {
    let Range { start, end } = range;
    let mut is_composite = vec![false; usize::try_from(end.saturating_sub(start)).unwrap_or(0)];
    for factor in (2..).take_while(|factor| factor * factor < end) {
        let first = start.div_ceil(factor).max(factor) * factor;
        for multiple in (first..end).step_by(usize::try_from(factor).unwrap_or(usize::MAX)) {
            // It is in the range, which has a length.
            is_composite[usize::try_from(multiple - start).unwrap_or(0)] = true;
        }
    }
    let primes = (start..end).zip(is_composite).filter(|(number, is_composite)| *number >= 2 && !is_composite);
    primes.count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_have_as_many_as_the_whole() {
        assert_eq!(count(0..10), 4);
        assert_eq!(count(0..100_000), 9_592);
        assert_eq!((0..100).map(|piece| count(piece * 1_000..(piece + 1) * 1_000)).sum::<u64>(), 9_592);
        assert_eq!((count(5..5), count(7..8), count(0..2)), (0, 1, 0));
    }
}
