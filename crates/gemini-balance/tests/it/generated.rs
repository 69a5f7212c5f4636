//! Requests made from the documents of OpenAI and Anthropic: whatever they hold, no answer is a 500.

use fake_gemini::KeyPlan;
use openapi::{Document, Generator};
use testkit::MODEL;

use crate::house::house;

/// How many requests of each kind are made.
const REQUESTS: usize = 80;

#[tokio::test(flavor = "multi_thread")]
async fn no_request_that_the_documents_allow_causes_a_500() {
    let (Some(openai), Some(anthropic)) = (Document::openai(), Document::anthropic()) else {
        return;
    };
    let (_google, gateway) = house([("one", KeyPlan::Valid), ("two", KeyPlan::Valid)]).await;
    let client = gateway.client();
    for (document, component, path) in [
        (&openai, "CreateChatCompletionRequest", "/v1/chat/completions"),
        (&openai, "CreateCompletionRequest", "/v1/completions"),
        (&openai, "CreateResponse", "/v1/responses"),
        (&anthropic, "CreateMessageParams", "/v1/messages"),
        (&anthropic, "BetaCreateMessageParams", "/v1/messages?beta=true"),
        (&anthropic, "CountMessageTokensParams", "/v1/messages/count_tokens"),
    ] {
        let mut generator = Generator::new(document, 2);
        let mut served = 0;
        for _ in 0..REQUESTS {
            let mut request = generator.value(component);
            request["model"] = MODEL.into();
            let body = request.to_string();
            let answer = client.post(path, body.clone()).send().await;
            let known = [200, 400, 404, 413, 501].contains(&answer.status);
            assert!(known, "{path} {}: {}\n{body}", answer.status, answer.text());
            served += usize::from(answer.status == 200);
        }
        assert!(served > REQUESTS / 20, "{path}: {served} of {REQUESTS} were served");
    }
    // Nothing of it was held against the keys.
    assert_eq!(gateway.keys("ready").await, 2);
    assert_eq!(client.chat("hello").send().await.status, 200);
}
