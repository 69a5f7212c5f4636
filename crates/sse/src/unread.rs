use bytes::{Bytes, BytesMut};

/// Puts `chunk` behind what is `unread`.
///
/// Nothing is copied if everything before has been read. Else the rest is copied to a buffer of its
/// own, once: that buffer then grows in place, until an event taken from it shares it.
pub(crate) fn append(unread: &mut Bytes, chunk: Bytes) {
    if unread.is_empty() {
        *unread = chunk;
        return;
    }
    let mut joined = std::mem::take(unread)
        .try_into_mut()
        .unwrap_or_else(|shared| BytesMut::from(shared.as_ref()));
    joined.extend_from_slice(&chunk);
    *unread = joined.freeze();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_after_nothing_is_not_copied() {
        let chunk = Bytes::from(vec![1, 2, 3]);
        let mut unread = Bytes::new();
        append(&mut unread, chunk.clone());
        assert_eq!(unread.as_ptr(), chunk.as_ptr());
    }

    #[test]
    fn many_small_chunks_move_the_buffer_a_few_times_only() {
        let mut unread = Bytes::from_static(b"x");
        let mut moves = 0;
        for _ in 0..10_000 {
            let before = unread.as_ptr();
            append(&mut unread, Bytes::from_static(b"0123456789"));
            moves += usize::from(unread.as_ptr() != before);
        }
        assert_eq!(unread.len(), 100_001);
        assert!(moves < 30, "{moves} moves");
    }
}
