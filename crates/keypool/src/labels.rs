//! Enumerations that have one text form, used alike in logs, metrics, the store and JSON.

/// A text that names no variant of the enumeration it was read as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} {text:?}")]
pub struct UnknownLabel {
    /// The enumeration that was asked for, in words.
    pub kind: &'static str,
    /// The text that was given.
    pub text: String,
}

/// Defines a plain enumeration together with its labels: `ALL`, `as_str`, `Display`, `FromStr`,
/// and serde as that same text.
macro_rules! labels {
    (
        $(#[$about:meta])*
        pub enum $Name:ident ($kind:literal) {
            $( $(#[$doc:meta])* $Variant:ident = $label:literal, )+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Name {
            $( $(#[$doc])* $Variant, )+
        }

        impl $Name {
            /// Every variant, in the order of their definition.
            pub const ALL: &'static [Self] = &[$( Self::$Variant, )+];

            /// The label: stable, `snake_case`, fit for logs, metrics and the store.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$Variant => $label, )+
                }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $Name {
            type Err = $crate::UnknownLabel;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $( $label => Ok(Self::$Variant), )+
                    _ => Err($crate::UnknownLabel { kind: $kind, text: text.to_owned() }),
                }
            }
        }

        impl utoipa::PartialSchema for $Name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::ALL.iter().map(|label| label.as_str())))
                    .into()
            }
        }

        impl utoipa::ToSchema for $Name {}

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use labels;

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::str::FromStr;

    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use crate::{
        ChosenFor, DeathReason, Phase, Platform, Scope, SkippedFor, Strategy, UnknownLabel,
        WaitFor, Window,
    };

    fn reads_back<T>(all: &[T])
    where
        T: Copy + Debug + PartialEq + ToString + FromStr + Serialize + DeserializeOwned,
    {
        for &value in all {
            let text = value.to_string();
            assert_eq!(text.parse::<T>().ok(), Some(value), "{text}");
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<T>(&json).unwrap(), value);
        }
    }

    #[test]
    fn every_label_reads_back() {
        reads_back(DeathReason::ALL);
        reads_back(Window::ALL);
        reads_back(Phase::ALL);
        reads_back(Platform::ALL);
        reads_back(Scope::ALL);
        reads_back(Strategy::ALL);
        reads_back(ChosenFor::ALL);
        reads_back(SkippedFor::ALL);
        reads_back(WaitFor::ALL);
    }

    #[test]
    fn an_unknown_label_is_named() {
        let error: UnknownLabel = "fortnight".parse::<Window>().unwrap_err();
        assert_eq!(error.to_string(), "unknown quota window \"fortnight\"");
    }
}
