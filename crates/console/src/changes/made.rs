/// A token that was made just now: the only moment at which it is known.
pub(crate) struct Made<Token> {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) token: Token,
}
