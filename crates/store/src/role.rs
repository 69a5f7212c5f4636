/// What somebody may do in the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Administrator,
    /// See everything but secrets, change nothing.
    Viewer,
}

impl Role {
    /// The name that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Viewer => "viewer",
        }
    }

    /// The role of this name; what is unknown may change nothing.
    pub fn from_label(label: &str) -> Self {
        if label == Self::Administrator.as_str() { Self::Administrator } else { Self::Viewer }
    }
}
