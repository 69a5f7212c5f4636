use super::*;
use http::HeaderValue;

fn route(path: &str) -> Route<'_> {
    find(path, None, &HeaderMap::new())
}

#[test]
fn openai_paths_are_found_under_all_their_prefixes() {
    for prefix in ["", "/openai", "/hf"] {
        let path = format!("{prefix}/v1/chat/completions");
        assert_eq!(route(&path), Route::ChatCompletions, "{path}");
        let path = format!("{prefix}/v1/models/gemini-3.8-flash");
        assert_eq!(route(&path), Route::OpenAiModel("gemini-3.8-flash"), "{path}");
    }
}

#[test]
fn responses_and_their_parts_are_found() {
    for prefix in ["", "/openai", "/hf"] {
        for (rest, expected) in [
            ("", Route::Responses),
            ("/input_tokens", Route::InputTokens),
            ("/resp_1", Route::Response("resp_1")),
            ("/resp_1/input_items", Route::InputItems("resp_1")),
            ("/resp_1/cancel", Route::CancelResponse("resp_1")),
            ("/compact", Route::Compact),
            ("/resp_1/nonsense", Route::Unknown(Dialect::OpenAi)),
            ("/resp_1/input_items/x", Route::Unknown(Dialect::OpenAi)),
        ] {
            assert_eq!(route(&format!("{prefix}/v1/responses{rest}")), expected, "{rest}");
        }
    }
}

#[test]
fn speech_is_found_under_all_prefixes() {
    for prefix in ["", "/openai", "/hf"] {
        for (rest, expected) in [
            ("speech", Route::Speech),
            ("transcriptions", Route::Transcriptions),
            ("translations", Route::Translations),
            ("voices", Route::Unknown(Dialect::OpenAi)),
        ] {
            assert_eq!(route(&format!("{prefix}/v1/audio/{rest}")), expected, "{rest}");
        }
    }
}

#[test]
fn embeddings_and_images_are_found() {
    for prefix in ["", "/openai", "/hf"] {
        let path = format!("{prefix}/v1/embeddings");
        assert_eq!(route(&path), Route::Embeddings);
        let path = format!("{prefix}/v1/images/generations");
        assert_eq!(route(&path), Route::GenerateImages);
        let path = format!("{prefix}/v1/images/edits");
        assert_eq!(route(&path), Route::EditImages);
        let path = format!("{prefix}/v1/images/variations");
        assert_eq!(route(&path), Route::Unknown(Dialect::OpenAi));
    }
    assert_eq!(route("/images/a.png"), Route::Picture("a.png"));
}

#[test]
fn gemini_methods_are_found_under_every_version() {
    for path in [
        "/v1beta/models/m:generateContent",
        "/v1alpha/models/m:generateContent",
        "/v1/models/m:generateContent",
        "/gemini/v1beta/models/m:generateContent",
    ] {
        let Route::Gemini(call) = route(path) else { panic!("{path}: not Gemini") };
        assert_eq!(call.upstream_path, path.trim_start_matches("/gemini"));
        let model = call.model.unwrap();
        assert_eq!((model.model, model.method), ("m", Some("generateContent")));
    }
}

#[test]
fn services_of_the_live_api_are_found() {
    let service = "google.ai.generativelanguage.v1alpha.GenerativeService.";
    for (method, sent, setup, names) in [
        ("BidiGenerateContent", "BidiGenerateContent", true, 1),
        ("BidiGenerateContentConstrained", "BidiGenerateContent", true, 2),
        ("BidiGenerateMusic", "BidiGenerateMusic", true, 1),
        ("BidiSomething", "BidiSomething", false, 1),
    ] {
        for prefix in ["", "/gemini"] {
            let path = format!("{prefix}/ws/{service}{method}");
            let Route::Live(call) = route(&path) else { panic!("{path}") };
            assert_eq!(call.path(false), format!("/ws/{service}{sent}"));
            assert_eq!(call.path(true), format!("/ws/{service}{method}"));
            assert_eq!((call.begins_with_setup(), call.credentials().len()), (setup, names));
        }
    }
    for path in ["/ws/", "/ws/a/b", "/gemini/ws/a@b", "/ws"] {
        assert!(matches!(route(path), Route::Unknown(_)), "{path}");
    }
}

#[test]
fn the_shared_models_path_is_told_apart_by_the_credential() {
    assert_eq!(route("/v1/models"), Route::OpenAiModels);
    let mut headers = HeaderMap::new();
    headers.insert("x-goog-api-key", HeaderValue::from_static("t"));
    assert!(matches!(find("/v1/models", None, &headers), Route::Gemini(_)));
    assert!(matches!(find("/v1/models", Some("key=t"), &HeaderMap::new()), Route::Gemini(_)));
    let mut headers = HeaderMap::new();
    headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
    assert_eq!(find("/v1/models", None, &headers), Route::AnthropicModels);
}

#[test]
fn tricks_with_the_path_lead_nowhere() {
    for path in [
        "/v1beta//models/m:generateContent",
        "/v1beta/models/../files",
        "/v1beta/models/..%2ffiles:generateContent",
        "/v1beta/models/x%3Fkey=1:generateContent",
        "/v1beta/models/x%23:generateContent",
        "/v1/chat/completions;a=b",
        "/v1/chat/%00completions",
        "/v1beta/models/:generateContent",
    ] {
        assert!(matches!(route(path), Route::Unknown(_)), "{path}: {:?}", route(path));
    }
}

#[test]
fn the_administrators_addresses_are_told_from_clients() {
    for path in [
        "/admin",
        "/admin/",
        "/admin/keys",
        "/api/admin/keys",
        "/api/openapi.json",
        "/api/keys/all",
        "/api/nothing",
        "/gemini/v1beta/reset-all-fail-counts",
        "/gemini/v1beta/verify-key/AIzaSy%E2%80%A6wxyz",
    ] {
        assert_eq!(route(path), Route::Console, "{path}");
    }
    assert_eq!(route("/api/version"), Route::Version);
    assert_eq!(route("/api/cron/health-check"), Route::HealthCheck);
    for path in [
        "/administer",
        "/v1/api/keys",
        "/api/../v1/models",
        "/v1/%6dodels",
        "/v1beta/reset-all-fail-counts",
        "/apis",
    ] {
        assert_ne!(route(path), Route::Console, "{path}");
    }
}

#[test]
fn resources_and_uploads_are_found() {
    for (path, root) in [
        ("/v1beta/files", None),
        ("/gemini/v1beta/files/a:download", Some("files/a")),
        ("/v1/cachedContents/c", Some("cachedContents/c")),
        ("/v1beta/models/veo/operations/o", Some("models/veo/operations/o")),
        ("/v1beta/tunedModels/t/permissions/p", Some("tunedModels/t")),
        ("/v1beta/decisions", None),
    ] {
        let Route::Resource(call) = route(path) else { panic!("{path}: {:?}", route(path)) };
        assert_eq!(call.path.root, root, "{path}");
        assert_eq!(call.upstream_path, path.trim_start_matches("/gemini"));
    }
    for path in ["/v1beta/tunedModels/t:generateContent", "/v1beta/models/m:predictLongRunning"] {
        assert!(matches!(route(path), Route::Gemini(_)), "{path}");
    }
    let Route::Compat(call) = route("/v1beta/openai/chat/completions") else { panic!() };
    assert_eq!(call.rest, "chat/completions");
    let upload = "/upload/v1beta/files";
    assert!(matches!(route(upload), Route::Upload(_)));
    assert!(matches!(
        route("/gemini/upload/v1/fileSearchStores/s:uploadToFileSearchStore"),
        Route::Upload(_)
    ));
    let goes_on = find(upload, Some("upload_id=x"), &HeaderMap::new());
    assert_eq!(goes_on, Route::UploadGoesOn);
    assert!(matches!(route("/upload/v1beta/models"), Route::Unknown(_)));
    let files =
        |headers: &HeaderMap| matches!(find("/v1/files", None, headers), Route::Resource(_));
    assert!(!files(&HeaderMap::new()));
    let mut headers = HeaderMap::new();
    headers.insert("x-goog-api-client", HeaderValue::from_static("google-genai-sdk/3"));
    assert!(files(&headers));
}

#[test]
fn what_comes_later_is_named() {
    assert!(matches!(route("/v1/batches"), Route::NotYet(Dialect::OpenAi, _)));
    assert!(matches!(route("/nothing/here"), Route::Unknown(_)));
    assert!(matches!(route("/v2"), Route::Unknown(_)));
    assert!(matches!(route("/v1beta/v1beta/models/m:countTokens"), Route::Unknown(_)));
}
