//! What is set for some models only.

/// Values by the name of a model. A name may end with `*`, which stands for anything; of several
/// names that fit, the first one counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patterns<T>(Vec<(String, T)>);

impl<T> Default for Patterns<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> FromIterator<(String, T)> for Patterns<T> {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl<T> Patterns<T> {
    /// What is set for a model (without `models/`).
    pub fn get(&self, model: &str) -> Option<&T> {
        let fits = |name: &str| match name.strip_suffix('*') {
            Some(start) => model.starts_with(start),
            None => name == model,
        };
        self.0.iter().find(|(name, _)| fits(name)).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_that_fits_counts() {
        let names = [("gemini-2.5-pro", 1), ("gemini-2.5-*", 2), ("gemini-2.5-flash", 3), ("*", 4)];
        let patterns: Patterns<i32> =
            names.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let told = |model: &str| patterns.get(model).copied();
        assert_eq!(told("gemini-2.5-pro"), Some(1));
        assert_eq!(told("gemini-2.5-flash"), Some(2));
        assert_eq!(told("gemini-3.8-flash"), Some(4));
        assert_eq!(Patterns::<i32>::default().get("gemini-3.8-flash"), None);
    }
}
