"""What the SDKs see when their client token is at its limit."""

import anthropic
import openai
import pytest
from google.genai import errors

import gateway as processes
from conftest import gemini_client

MODEL = "gemini-3.8-flash"
MESSAGES = [{"role": "user", "content": "Hello there"}]
LIMIT = "This client token's own limit of 1 requests a minute is reached"


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    """A gateway, and a way to get tokens of it that may send one request a minute."""
    folder = tmp_path_factory.mktemp("limited")
    key = processes.pool_key("Only")
    with processes.running_google({key: "valid"}) as google:
        with processes.running_gateway(google, folder, [key]) as gateway:

            def token(name, *limits):
                return gateway.new_token(name, *(limits or ["--requests-per-minute", "1"]))

            yield gateway, token


def openai_client(gateway, token):
    return openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=token, max_retries=0)


def anthropic_client(gateway, token):
    return anthropic.Anthropic(base_url=gateway.url, api_key=token, max_retries=0)


@pytest.mark.parametrize("stream", [False, True])
def test_openai_chat_raises_a_rate_limit_error(limited, stream):
    gateway, token = limited
    chat = openai_client(gateway, token(f"chat-{stream}")).chat.completions
    ask = lambda: chat.create(model=MODEL, messages=MESSAGES, stream=stream)
    answer = ask()
    assert list(answer) if stream else answer.choices
    with pytest.raises(openai.RateLimitError, match=LIMIT) as caught:
        ask()
    assert caught.value.code == "client_limit"
    assert 1 <= int(caught.value.response.headers["retry-after"]) <= 61


@pytest.mark.parametrize("stream", [False, True])
def test_openai_responses_raises_a_rate_limit_error(limited, stream):
    gateway, token = limited
    responses = openai_client(gateway, token(f"responses-{stream}")).responses
    ask = lambda: responses.create(model=MODEL, input="Hello there", stream=stream)
    answer = ask()
    assert list(answer) if stream else answer.output_text
    with pytest.raises(openai.RateLimitError, match=LIMIT) as caught:
        ask()
    assert caught.value.code == "client_limit"


@pytest.mark.parametrize("stream", [False, True])
def test_anthropic_raises_a_rate_limit_error(limited, stream):
    gateway, token = limited
    messages = anthropic_client(gateway, token(f"messages-{stream}")).messages
    ask = lambda: messages.create(
        model=MODEL, max_tokens=50, messages=MESSAGES, stream=stream
    )
    answer = ask()
    assert list(answer) if stream else answer.content
    with pytest.raises(anthropic.RateLimitError, match=LIMIT):
        ask()


@pytest.mark.parametrize("stream", [False, True])
def test_google_raises_resource_exhausted(limited, stream):
    gateway, token = limited
    # Google's client closes its connections when nobody holds it.
    client = gemini_client(gateway, token=token(f"gemini-{stream}"))
    models = client.models
    call = models.generate_content_stream if stream else models.generate_content
    ask = lambda: list(call(model=MODEL, contents="Hello")) if stream else call(
        model=MODEL, contents="Hello"
    )
    assert ask()
    with pytest.raises(errors.ClientError, match=LIMIT) as caught:
        ask()
    assert (caught.value.code, caught.value.status) == (429, "RESOURCE_EXHAUSTED")


def test_a_model_that_is_not_allowed_is_not_found(limited):
    gateway, token = limited
    secret = token("lite", "--model", "*-lite")
    with pytest.raises(openai.NotFoundError, match="none of those that this client token may use"):
        openai_client(gateway, secret).chat.completions.create(model=MODEL, messages=MESSAGES)
    with pytest.raises(anthropic.NotFoundError):
        anthropic_client(gateway, secret).messages.create(
            model=MODEL, max_tokens=50, messages=MESSAGES
        )
    client = gemini_client(gateway, token=secret)
    with pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(model=MODEL, contents="Hi")
    assert caught.value.code == 404


def test_an_expired_token_is_an_authentication_error(limited):
    gateway, token = limited
    secret = token("expired", "--expires", "2026-01-01")
    with pytest.raises(openai.AuthenticationError, match="expired at 2026-01-02"):
        openai_client(gateway, secret).models.list()
    with pytest.raises(anthropic.AuthenticationError, match="expired"):
        anthropic_client(gateway, secret).messages.create(
            model=MODEL, max_tokens=50, messages=MESSAGES
        )
