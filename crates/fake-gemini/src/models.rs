//! Comes next.
pub(crate) struct Models;
impl Models {
    pub(crate) fn load() -> Self {
        Self
    }
}
