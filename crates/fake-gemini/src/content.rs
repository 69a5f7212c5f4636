//! The bytes of a file: kept, made up while they are read, or only counted.

use std::sync::LazyLock;

use bytes::{Bytes, BytesMut};

use crate::feed::{Step, Steps};

/// So much is made up at a time.
const BLOCK: usize = 1 << 20;

/// What is in a block that is made up, but for its number, which stands at its beginning.
static PATTERN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    (0..BLOCK as u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
});

/// The bytes of a file.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Held(Bytes),
    /// So many bytes of a pattern.
    Made(u64),
}

impl Default for Content {
    fn default() -> Self {
        Self::Held(Bytes::new())
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Held(bytes)
    }
}

impl Content {
    /// What is kept of it.
    pub(crate) fn held(&self) -> Bytes {
        match self {
            Self::Held(bytes) => bytes.clone(),
            Self::Made(_) => Bytes::new(),
        }
    }

    /// How long it is, and its bytes.
    pub(crate) fn steps(&self) -> (u64, Steps) {
        match self {
            Self::Held(bytes) => {
                (bytes.len() as u64, Box::new(std::iter::once(Step::Send(bytes.clone()))))
            }
            Self::Made(size) => (*size, Box::new(made(*size))),
        }
    }
}

fn made(size: u64) -> impl Iterator<Item = Step> + Send {
    let blocks = size.div_ceil(BLOCK as u64);
    (0..blocks).map(move |number| {
        let mut block = BytesMut::from(PATTERN.as_slice());
        block[..8].copy_from_slice(&number.to_le_bytes());
        let left = size - number * BLOCK as u64;
        block.truncate(usize::try_from(left).unwrap_or(BLOCK));
        Step::Send(block.freeze())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_up_is_as_long_as_it_should_be() {
        let (size, steps) = Content::Made(BLOCK as u64 + 100).steps();
        let blocks: Vec<_> = steps.collect();
        assert_eq!((size, blocks.len()), (1_048_676, 2));
        let [Step::Send(first), Step::Send(last)] = &blocks[..] else { panic!("{blocks:?}") };
        assert_eq!((first.len(), last.len()), (BLOCK, 100));
        assert_eq!((&first[..8], &last[..8]), (&[0; 8][..], &[1, 0, 0, 0, 0, 0, 0, 0][..]));
        assert_eq!(first[8..100], last[8..100]);
    }
}
