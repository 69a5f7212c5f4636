"""Google's own OpenAI-compatible layer, passed through, by the official `openai` package."""

import openai
import pytest

import gateway as processes

MODEL = "gemini-3.8-flash"
HELLO = [{"role": "user", "content": "Hello"}]


def client(gateway, token):
    url = f"{gateway.url}/v1beta/openai/"
    return openai.OpenAI(base_url=url, api_key=token, max_retries=0, timeout=30)


@pytest.fixture(scope="session")
def compat(gateway):
    return client(gateway, processes.CLIENT_TOKEN)


def test_a_question_is_answered_past_dead_and_spent_keys(compat):
    for _ in range(8):
        answer = compat.chat.completions.create(model=MODEL, messages=HELLO)
        assert answer.choices[0].message.content == "You said: Hello"


def test_a_stream_brings_the_same_words_and_its_usage(compat):
    options = {"include_usage": True}
    chunks = list(
        compat.chat.completions.create(
            model=MODEL, messages=HELLO, stream=True, stream_options=options
        )
    )
    words = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    assert "".join(words) == "You said: Hello"
    assert chunks[-1].usage.total_tokens == 7


def test_texts_are_embedded(compat):
    # The package asks for base64 by itself, and makes floats of it.
    embedded = compat.embeddings.create(model="gemini-embedding-2", input=["one", "two"])
    plain = compat.embeddings.create(
        model="gemini-embedding-2", input=["one", "two"], encoding_format="float"
    )
    for one, other in zip(embedded.data, plain.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)


def test_models_are_listed(compat):
    assert [model.id for model in compat.models.list()] == [f"models/{MODEL}"]


def test_a_batch_is_its_makers_only(compat, gateway):
    made = compat.batches.create(
        input_file_id="files/nobody", endpoint="/v1/chat/completions", completion_window="24h"
    )
    for _ in range(4):
        assert compat.batches.retrieve(made.id).id == made.id
    other = client(gateway, gateway.new_token("other-compat"))
    with pytest.raises(openai.NotFoundError):
        other.batches.retrieve(made.id)


def test_errors_are_the_packages_own(compat, gateway):
    with pytest.raises(openai.AuthenticationError):
        client(gateway, "wrong").chat.completions.create(model=MODEL, messages=HELLO)
    with pytest.raises(openai.BadRequestError):
        compat.chat.completions.create(model=MODEL, messages=HELLO, extra_body={"messages": 7})
