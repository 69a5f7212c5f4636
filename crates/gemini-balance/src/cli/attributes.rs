//! What people say about keys and tokens, beside the secrets themselves.

use clap::Args;

use super::LimitArguments;

pub(super) const KEYS_EDIT_EXAMPLES: &str = "\
Examples:
  gemini-balance keys edit AIzaSy...wxyz --name laptop --project my-project
  gemini-balance keys edit laptop desktop --tier 1 --weight 3
  gemini-balance keys edit laptop --tag paid --tag eu
  gemini-balance keys edit laptop --no-project --no-tags

A key is meant by its id, its name, its mask or the whole key. What is not named stays as it is;
--tag replaces all tags that the keys had.";

pub(super) const TOKENS_EDIT_EXAMPLES: &str = "\
Examples:
  gemini-balance tokens edit batch --tag free
  gemini-balance tokens edit batch --no-tags
  gemini-balance tokens edit batch --name nightly
  gemini-balance tokens edit batch --requests-per-day 1000 --tokens-per-minute none

A token with tags is served by keys with any of them only. --tag replaces all tags it
had, --model all models. What is not named stays as it is; `none` takes a limit away.";

/// Which keys are used first, how much, and for whom.
#[derive(Debug, Args)]
pub(crate) struct KeyAttributes {
    /// Keys of lower tiers are used first: 0 to 255 [default for new keys: 0]
    #[arg(long)]
    pub(crate) tier: Option<u8>,
    /// The share of the traffic within the tier: 0 to 1000, 2 gets twice as much as 1 [default for
    /// new keys: 1]
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(crate) weight: Option<u32>,
    /// A label that client tokens may be restricted to; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
}

/// Arguments of `keys edit`.
#[derive(Debug, Args)]
pub(crate) struct EditKeys {
    /// Id, name, mask, or the whole key
    #[arg(value_name = "KEY", required = true)]
    pub(crate) keys: Vec<String>,
    /// What people call the key (one key only)
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Take the name away
    #[arg(long, conflicts_with = "name")]
    pub(crate) no_name: bool,
    /// The Google project that the keys belong to
    #[arg(long)]
    pub(crate) project: Option<String>,
    /// The project is not known: each key counts as a project of its own
    #[arg(long, conflicts_with = "project")]
    pub(crate) no_project: bool,
    #[command(flatten)]
    pub(crate) attributes: KeyAttributes,
    /// Take all tags away
    #[arg(long, conflicts_with = "tags")]
    pub(crate) no_tags: bool,
}

/// Arguments of `tokens edit`.
#[derive(Debug, Args)]
pub(crate) struct EditToken {
    /// Its id or name
    pub(crate) token: String,
    /// What it is called from now on
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Only keys with this tag serve it; repeat it for keys with any of several tags
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// Any key serves it
    #[arg(long, conflicts_with = "tags")]
    pub(crate) no_tags: bool,
    #[command(flatten)]
    pub(crate) limits: LimitArguments,
    /// Any model may be asked
    #[arg(long, conflicts_with = "models")]
    pub(crate) no_models: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
