//! Why a picture does not lie at its host.

/// Why a picture does not lie at its host. Holds no secret: neither addresses, which may have keys in
/// them, nor what the host said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// The settings of the host make no address.
    #[error("the host's address in the settings is none")]
    Address,
    /// It could not be reached.
    #[error("the host could not be reached")]
    Unreachable,
    /// The connection broke.
    #[error("the connection to the host broke")]
    Broken,
    /// It took too long.
    #[error("the host took too long")]
    TooSlow,
    /// It answered with this status.
    #[error("the host answered with status {0}")]
    Status(u16),
    /// Its answer names no address.
    #[error("the host's answer names no picture")]
    Answer,
}
