//! Conversations of every kind, and what Gemini must be told of them, in order.
//!
//! Each dialect writes them in its own words. Whatever is said carries a mark, so that nothing that
//! a repair puts in can be taken for it.

pub(crate) mod told;

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};

/// One turn.
#[derive(Debug, Clone)]
pub(crate) enum Turn {
    System(String),
    User(Vec<Said>),
    Assistant(Reply),
}

/// What the model said, in this order, unless its calls came first.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) text: Option<String>,
    pub(crate) picture: Option<Medium>,
    pub(crate) calls: Vec<Call>,
    pub(crate) calls_first: bool,
    /// The results came in the opposite order.
    pub(crate) backwards: bool,
}

/// A call and what it gave back.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// A mark, that becomes part of the arguments.
    pub(crate) asks: String,
    /// Of a tool that takes free text.
    pub(crate) custom: bool,
    pub(crate) result: Option<Vec<Said>>,
    pub(crate) failed: bool,
}

/// Something said by the user, or given back by a tool.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    Text(String),
    Medium(Medium),
    Document(Document),
}

/// A text with what the client says about it; dialects without such things say text by text.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) context: String,
    pub(crate) body: String,
    pub(crate) picture: Option<Medium>,
    pub(crate) form: Form,
}

/// How a document is given.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    Text,
    Content,
    /// The only one that may hold a picture.
    Blocks,
    SearchResult,
}

/// Anything but text, told apart by its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Medium {
    pub(crate) kind: MediumKind,
    pub(crate) number: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediumKind {
    Picture,
    Pdf,
    Sound,
    Film,
    /// Behind a URL that Google reads itself.
    Clip,
    /// Uploaded to Google.
    File,
    /// Behind a URL that has to be fetched.
    Web,
}

/// What a dialect knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manners {
    pub(crate) missing_results: bool,
    pub(crate) failed_results: bool,
    pub(crate) calls_first: bool,
}

impl Medium {
    /// In base64, where the client sends the bytes.
    pub(crate) fn data(self) -> String {
        format!("I{:07}", self.number)
    }

    pub(crate) fn mime(self) -> &'static str {
        match self.kind {
            MediumKind::Picture | MediumKind::Web => "image/png",
            MediumKind::Pdf => "application/pdf",
            MediumKind::Sound => "audio/wav",
            MediumKind::Film | MediumKind::Clip | MediumKind::File => "video/mp4",
        }
    }

    pub(crate) fn data_url(self) -> String {
        format!("data:{};base64,{}", self.mime(), self.data())
    }

    /// Where it stands, if that is elsewhere.
    pub(crate) fn url(self) -> String {
        match self.kind {
            MediumKind::Web => format!("https://example.com/{}", self.number),
            _ => format!("https://www.youtube.com/watch?v={}", self.number),
        }
    }

    pub(crate) fn file_id(self) -> String {
        format!("files/f{}", self.number)
    }

    /// Gemini 3 takes pictures and papers as part of a result, and nothing else.
    fn stands_in_results(self) -> bool {
        use MediumKind::{Pdf, Picture, Web};
        matches!(self.kind, Picture | Pdf | Web)
    }

    fn told(self) -> String {
        match self.kind {
            MediumKind::Web => {
                format!("{} {}", self.mime(), STANDARD.encode(told::behind(&self.url())))
            }
            MediumKind::Clip => format!("file {}", self.url()),
            MediumKind::File => {
                let files = "https://generativelanguage.googleapis.com/v1beta";
                format!("file {files}/{}", self.file_id())
            }
            _ => format!("{} {}", self.mime(), self.data()),
        }
    }
}

impl Document {
    pub(crate) fn texts(&self) -> [&String; 3] {
        [&self.title, &self.context, &self.body]
    }
}

impl Call {
    /// The arguments of a function, the free text of a custom tool.
    pub(crate) fn arguments(&self) -> Value {
        if self.custom { json!({"input": self.asks}) } else { json!({"x": [1.5, self.asks]}) }
    }
}

impl Reply {
    /// Calls with their ids, which are unique in the conversation.
    pub(crate) fn calls(&self, turn: usize) -> impl DoubleEndedIterator<Item = (String, &Call)> {
        self.calls.iter().enumerate().map(move |(at, call)| (format!("c{turn}_{at}"), call))
    }

    /// Results with the ids of their calls, in the order in which they came.
    pub(crate) fn results(&self, turn: usize) -> Vec<(String, &Call, &[Said])> {
        let given = |(id, call): (String, _)| {
            let call: &Call = call;
            Some((id, call, call.result.as_deref()?))
        };
        let mut results: Vec<_> = self.calls(turn).filter_map(given).collect();
        if self.backwards {
            results.reverse();
        }
        results
    }
}

pub(crate) fn turns(manners: Manners) -> impl Strategy<Value = Vec<Turn>> {
    let turn = prop_oneof![
        1 => mark().prop_map(Turn::System),
        3 => vec(said(), 1..4).prop_map(Turn::User),
        3 => reply(manners).prop_map(Turn::Assistant),
    ];
    vec(turn, 1..10)
}

fn reply(manners: Manners) -> impl Strategy<Value = Reply> {
    let picture = (0..100_000_u32).prop_map(|number| Medium { kind: MediumKind::Picture, number });
    let parts = (option::of(mark()), option::of(picture), vec(call(manners), 0..4));
    (parts, any::<bool>(), any::<bool>()).prop_map(
        move |((text, picture, calls), backwards, first)| {
            let calls_first = first && manners.calls_first;
            Reply { text, picture, calls, calls_first, backwards }
        },
    )
}

fn call(manners: Manners) -> impl Strategy<Value = Call> {
    (mark(), any::<bool>(), option::weighted(0.8, vec(said(), 0..4)), any::<bool>()).prop_map(
        move |(asks, custom, result, failed)| {
            let result = if manners.missing_results { result } else { result.or(Some(Vec::new())) };
            Call { asks, custom, result, failed: failed && manners.failed_results }
        },
    )
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        3 => mark().prop_map(Said::Text),
        3 => medium().prop_map(Said::Medium),
        1 => document().prop_map(Said::Document),
    ]
}

fn document() -> impl Strategy<Value = Document> {
    let form = prop_oneof![
        Just(Form::Text),
        Just(Form::Content),
        Just(Form::Blocks),
        Just(Form::SearchResult)
    ];
    (mark(), mark(), mark(), option::of(medium()), form).prop_map(
        |(title, context, body, picture, form)| {
            let picture = picture.filter(|_| matches!(form, Form::Blocks));
            Document { title, context, body, picture, form }
        },
    )
}

fn medium() -> impl Strategy<Value = Medium> {
    use MediumKind::{Clip, File, Film, Pdf, Picture, Sound, Web};
    let kinds = vec![Picture, Pdf, Sound, Film, Clip, File, Web];
    (prop::sample::select(kinds), 0..100_000_u32).prop_map(|(kind, number)| Medium { kind, number })
}

/// A text that tells where it begins and ends.
fn mark() -> impl Strategy<Value = String> {
    (0..100_000_u32, "[a-zé\"\\\\\n/ 😀]{0,6}")
        .prop_map(|(number, tail)| format!("<{number}{tail}>"))
}
