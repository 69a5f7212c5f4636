//! The whole body of a request, in one piece or in a few.

use bytes::Bytes;

/// A body that is cheap to keep for another attempt.
///
/// What is long and stands somewhere else already, as a picture does in the client's body, is sent
/// from there: only what lies around it is a text of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    text: Bytes,
    /// Before which byte of the text each belongs, in order. `None` if there is none.
    insets: Option<Box<[(usize, Bytes)]>>,
}

impl<T: Into<Bytes>> From<T> for Payload {
    fn from(whole: T) -> Self {
        Self { text: whole.into(), insets: None }
    }
}

impl Payload {
    /// `text` with each of the insets put in before the byte that it names. They must be in order.
    pub fn new(text: impl Into<Bytes>, insets: Vec<(usize, Bytes)>) -> Self {
        let insets = (!insets.is_empty()).then(|| insets.into_boxed_slice());
        Self { text: text.into(), insets }
    }

    /// What is no inset.
    pub fn text(&self) -> &Bytes {
        &self.text
    }

    /// What was put in: nothing but pictures and the like.
    pub fn insets(&self) -> impl ExactSizeIterator<Item = &Bytes> {
        self.insets.as_deref().unwrap_or_default().iter().map(|(_, inset)| inset)
    }

    /// Bytes of all of it.
    pub fn len(&self) -> usize {
        self.text.len() + self.insets().map(Bytes::len).sum::<usize>()
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it, copied where there are insets.
    pub fn whole(&self) -> Bytes {
        if self.insets.is_none() {
            return self.text.clone();
        }
        self.pieces()
            .fold(Vec::with_capacity(self.len()), |mut whole, piece| {
                whole.extend_from_slice(&piece);
                whole
            })
            .into()
    }

    /// What is sent, piece by piece.
    pub fn pieces(&self) -> impl Iterator<Item = Bytes> {
        let insets = self.insets.as_deref().unwrap_or_default();
        let mut begin = 0;
        let parts = insets.iter().flat_map(move |(at, inset)| {
            let before = self.text.slice(begin..*at);
            begin = *at;
            [before, inset.clone()]
        });
        let last = insets.last().map_or(0, |(at, _)| *at);
        parts.chain([self.text.slice(last..)]).filter(|piece| !piece.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insets_stand_where_they_belong() {
        let inset = |at, text: &'static str| (at, Bytes::from_static(text.as_bytes()));
        let payload = Payload::new("ad", vec![inset(1, "b"), inset(1, "c"), inset(2, "e")]);
        assert_eq!(payload.whole(), "abcde");
        assert_eq!((payload.len(), payload.text().as_ref()), (5, &b"ad"[..]));
        let pieces: Vec<Bytes> = payload.pieces().collect();
        assert_eq!(pieces, ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn most_are_in_one_piece() {
        let payload = Payload::from("abc");
        assert_eq!((payload.whole(), payload.pieces().count()), (Bytes::from("abc"), 1));
        assert!(Payload::default().is_empty() && Payload::default().pieces().next().is_none());
    }
}
