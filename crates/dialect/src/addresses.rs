//! What a client means that calls an address which does not exist.

/// Endings of OpenAI's and Anthropic's addresses, and what is meant. Longer ones come before those
/// that they contain.
const ENDINGS: [(&str, &str); 17] = [
    ("chat/completions", "chat/completions"),
    ("chat/completion", "chat/completions"),
    ("completions", "completions"),
    ("completion", "completions"),
    ("responses", "responses"),
    ("embeddings", "embeddings"),
    ("embedding", "embeddings"),
    ("images/generations", "images/generations"),
    ("images/generation", "images/generations"),
    ("images/edits", "images/edits"),
    ("audio/speech", "audio/speech"),
    ("audio/transcriptions", "audio/transcriptions"),
    ("audio/translations", "audio/translations"),
    ("messages/count_tokens", "messages/count_tokens"),
    ("messages", "messages"),
    ("models", "models"),
    ("model", "models"),
];

/// Methods of Gemini's models.
const METHODS: [&str; 6] = [
    "streamGenerateContent",
    "generateContent",
    "countTokens",
    "batchEmbedContents",
    "embedContent",
    "predict",
];

/// The path that is meant by one that nothing answers to, or `None` if nothing can be guessed. The
/// query stays as it is, but may name the `model`, or say `stream=true`.
///
/// Methods are never exchanged for others, and paths of the console and of operations, uploads and
/// sockets are left alone.
pub fn repair(get: bool, path: &str, query: Option<&str>) -> Option<String> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let own = ["admin", "upload", "ws", "healthz", "health", "readyz", "metrics"];
    if own.contains(segments.first()?) || path.starts_with("/api/admin") {
        return None;
    }
    let meant = gemini(get, &segments, query).or_else(|| others(get, &segments))?;
    (meant != path).then_some(meant)
}

/// `/v1beta/models/{model}:{method}`, the list of models, and one model.
fn gemini(get: bool, segments: &[&str], query: Option<&str>) -> Option<String> {
    let models = segments.iter().rposition(|segment| segment.eq_ignore_ascii_case("models"));
    let after = models.and_then(|at| segments.get(at + 1..)).unwrap_or_default();
    let meant = if get {
        let version = segments.iter().any(|segment| segment.eq_ignore_ascii_case("v1beta"));
        models.filter(|_| version)?;
        if after.is_empty() { String::new() } else { format!("/{}", after.join("/")) }
    } else {
        format!("/{}", call(segments, after, query)?)
    };
    let express = if segments.contains(&"vertex-express") { "/vertex-express" } else { "" };
    Some(format!("{express}/v1beta/models{meant}"))
}

/// `{model}:{method}`, where `after` are the segments behind `models`.
fn call(segments: &[&str], after: &[&str], query: Option<&str>) -> Option<String> {
    let method = segments.iter().rev().find_map(|segment| method(segment))?;
    // The method may stand behind the model, or in a segment of its own.
    let named = after.iter().map(|segment| segment.split_once(':').unwrap_or((segment, "")));
    let mut named = named.filter(|(name, rest)| !rest.is_empty() || self::method(name).is_none());
    let named = named.next().map(|(name, _)| name).filter(|name| !name.is_empty());
    let model = named.or_else(|| value(query, "model"))?;
    let model = model.strip_prefix("models/").unwrap_or(model);
    let streams = value(query, "stream") == Some("true") || segments.contains(&"stream");
    let method = match method {
        "generateContent" if streams => "streamGenerateContent",
        other => other,
    };
    Some(format!("{model}:{method}"))
}

/// The method that a segment ends in, in whatever case.
fn method(segment: &str) -> Option<&'static str> {
    let name = segment.rsplit(':').next().unwrap_or(segment);
    METHODS.into_iter().find(|method| method.eq_ignore_ascii_case(name))
}

fn value<'q>(query: Option<&'q str>, name: &str) -> Option<&'q str> {
    let pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).find(|value| !value.is_empty())
}

fn others(get: bool, segments: &[&str]) -> Option<String> {
    let lower = segments.join("/").to_ascii_lowercase();
    let ends = |ending: &str| {
        lower.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    };
    if let Some((_, meant)) = ENDINGS.iter().find(|(ending, _)| ends(ending)) {
        return (get == (*meant == "models"))
            .then(|| format!("{}/{meant}", surface(segments, meant)));
    }
    let models = segments.iter().position(|segment| segment.eq_ignore_ascii_case("models"))?;
    let model = segments.get(models + 1..)?.join("/");
    get.then(|| format!("{}/models/{model}", surface(segments, "models")))
}

/// The prefix under which the client looked.
fn surface(segments: &[&str], meant: &str) -> &'static str {
    let has = |name: &str| segments.contains(&name);
    if has("anthropic") {
        "/anthropic/v1"
    } else if meant.starts_with("messages") {
        "/v1"
    } else if has("openai") {
        "/openai/v1"
    } else if has("hf") {
        "/hf/v1"
    } else {
        "/v1"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn post(path: &str, meant: &str) {
        let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        assert_eq!(repair(false, path, query).as_deref(), Some(meant), "{path}");
    }

    #[test]
    fn openai_and_anthropic() {
        post("/chat/completions", "/v1/chat/completions");
        post("/v1/v1/chat/completions", "/v1/chat/completions");
        post("//v1/chat/completions/", "/v1/chat/completions");
        post("/api/v1/Chat/Completions", "/v1/chat/completions");
        post("/openai/chat/completion", "/openai/v1/chat/completions");
        post("/hf/v1/v1/embeddings", "/hf/v1/embeddings");
        post("/v1/completion", "/v1/completions");
        post("/openai/responses", "/openai/v1/responses");
        post("/images/generations", "/v1/images/generations");
        post("/anthropic/messages", "/anthropic/v1/messages");
        post("/v1/v1/messages/count_tokens", "/v1/messages/count_tokens");
        assert_eq!(repair(true, "/openai/models", None).as_deref(), Some("/openai/v1/models"));
        let one = repair(true, "/api/v1/models/a/b", None);
        assert_eq!(one.as_deref(), Some("/v1/models/a/b"));
    }

    #[test]
    fn gemini_keeps_its_methods() {
        let flash = |method: &str| format!("/v1beta/models/gemini-3.8-flash:{method}");
        post("/models/gemini-3.8-flash:generatecontent", &flash("generateContent"));
        post(
            "/v1beta/v1beta/models/gemini-3.8-flash:streamGenerateContent",
            &flash("streamGenerateContent"),
        );
        post("/v1beta/models/gemini-3.8-flash/generateContent", &flash("generateContent"));
        post(
            "/v1beta/generateContent?model=gemini-3.8-flash&stream=true",
            &flash("streamGenerateContent"),
        );
        post("/x/models/gemini-3.8-flash:countTokens", &flash("countTokens"));
        post("/x/models/gemini-3.8-flash:embedContent", &flash("embedContent"));
        post("/x/models/gemini-3.8-flash:batchEmbedContents", &flash("batchEmbedContents"));
        post(
            "/vertex-express/models/gemini-3.8-flash:generateContent",
            "/vertex-express/v1beta/models/gemini-3.8-flash:generateContent",
        );
        let get = |path| repair(true, path, None);
        assert_eq!(get("/v1beta//models").as_deref(), Some("/v1beta/models"));
        let one = get("/x/v1beta/models/gemini-3.8-flash");
        assert_eq!(one.as_deref(), Some("/v1beta/models/gemini-3.8-flash"));
    }

    #[test]
    fn what_cannot_be_guessed_stays() {
        for path in [
            "/",
            "/admin/models",
            "/api/admin/keys",
            "/v1/files",
            "/healthz",
            "/upload/v1beta/models",
        ] {
            assert_eq!(repair(false, path, None), None, "{path}");
            assert_eq!(repair(true, path, None), None, "{path}");
        }
        assert_eq!(repair(false, "/v1beta/generateContent", None), None);
        assert_eq!(repair(true, "/chat/completions", None), None);
        // Right already: there is nothing to repair, whatever else is wrong.
        assert_eq!(repair(false, "/v1/chat/completions", None), None);
        assert_eq!(repair(true, "/v1beta/models", None), None);
    }
}
