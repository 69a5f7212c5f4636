/// What requests have in common that ended alike: the label of [`Subject::Kind`](super::Subject::Kind).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKind {
    /// The outcome's label.
    pub outcome: String,
    /// The status of the answer.
    pub status: u16,
    /// The API that the client spoke.
    pub dialect: String,
}

impl RequestKind {
    pub(crate) fn label_of(outcome: &str, status: u16, dialect: &str) -> String {
        format!("{outcome}/{status}/{dialect}")
    }

    /// The kind with this label.
    pub fn from_label(label: &str) -> Option<Self> {
        let mut parts = label.splitn(3, '/');
        let outcome = parts.next()?.to_owned();
        let status = parts.next()?.parse().ok()?;
        Some(Self { outcome, status, dialect: parts.next()?.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_as_they_are_written() {
        let label = RequestKind::label_of("quota_spent", 429, "openai");
        let kind = RequestKind::from_label(&label).unwrap();
        assert_eq!((&*kind.outcome, kind.status, &*kind.dialect), ("quota_spent", 429, "openai"));
        assert_eq!(RequestKind::from_label("served/ok/openai"), None);
        assert_eq!(RequestKind::from_label("served/200"), None);
    }
}
