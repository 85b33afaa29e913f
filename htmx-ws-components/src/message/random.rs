//! Random bytes.

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without them tickets could be forged and cursors of another life be taken for our own: there is nothing right to go on with.
    if let Err(error) = getrandom::fill(&mut bytes) {
        unreachable!("the operating system gives no random bytes: {error}");
    }
    bytes
}
