//! `GET /v1/models` and `GET /v1/models/{id}`.

/// The list object: all models of Gemini's list pages that `keep` accepts (by id, without
/// `models/`), in their order, without repetitions.
pub fn list<'a>(pages: impl IntoIterator<Item = &'a [u8]>, keep: &dyn Fn(&str) -> bool) -> Vec<u8> {
    let _ = (pages.into_iter().count(), keep);
    Vec::new()
}

/// One model object, for the id that the client asked for.
pub fn one(id: &str) -> Vec<u8> {
    let _ = id;
    Vec::new()
}
