//! Where something stands in the client's body.

use crate::DialectError;

/// Where a block stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    System {
        block: usize,
    },
    Message {
        message: usize,
        block: usize,
    },
    /// In a list of blocks that is the `member` of a block.
    Inside {
        message: usize,
        block: usize,
        member: &'static str,
        inner: usize,
        depth: usize,
    },
}

/// A document in a result is as deep as it gets; each level is read again.
const MAX_DEPTH: usize = 2;

impl Place {
    /// The place of a block within this one.
    pub(super) fn inside(self, member: &'static str, inner: usize) -> Result<Self, DialectError> {
        match self {
            Self::Message { message, block } => {
                Ok(Self::Inside { message, block, member, inner, depth: 1 })
            }
            // One level deeper, the block around is near enough.
            Self::Inside { message, block, member, inner, depth } if depth < MAX_DEPTH => {
                Ok(Self::Inside { message, block, member, inner, depth: depth + 1 })
            }
            _ => Err(self.invalid(member, "blocks are nested too deeply")),
        }
    }

    /// The path of one of its members.
    pub(super) fn path(self, member: &str) -> String {
        format!("{self}.{member}")
    }

    pub(super) fn missing(self, member: &str) -> DialectError {
        DialectError::missing(self.path(member))
    }

    pub(super) fn invalid(self, member: &str, why: &str) -> DialectError {
        let path = self.path(member);
        let message = format!("Invalid value for '{path}': {why}.");
        DialectError::invalid(path, message)
    }

    pub(super) fn unsupported(self, member: &str, why: &str) -> DialectError {
        let path = self.path(member);
        let message = format!("Unsupported value for '{path}': {why}.");
        DialectError::unsupported(path, message)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::System { block } => write!(formatter, "system[{block}]"),
            Self::Message { message, block } => {
                write!(formatter, "messages[{message}].content[{block}]")
            }
            Self::Inside { message, block, member, inner, .. } => {
                write!(formatter, "messages[{message}].content[{block}].{member}[{inner}]")
            }
        }
    }
}
