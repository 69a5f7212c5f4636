"""Dead and exhausted keys behind the SDKs: nobody notices, and none of them is asked twice."""

import json
import time

import openai
import pytest

import gateway as processes
from conftest import assert_no_secrets

MODELS = ["gemini-3.8-flash", "gemini-2.5-flash"]


def client(gateway):
    return openai.OpenAI(
        base_url=f"{gateway.url}/v1", api_key=processes.CLIENT_TOKEN, max_retries=0
    )


def say(client, text, model=MODELS[0]):
    messages = [{"role": "user", "content": text}]
    completion = client.chat.completions.create(model=model, messages=messages)
    return completion.choices[0].message.content


def test_two_hundred_requests_with_seven_bad_keys_of_ten(tmp_path):
    with processes.running_google(processes.PLANS) as google:
        with processes.running_gateway(google, tmp_path, processes.EVERY_KEY) as gateway:
            chat = client(gateway)
            for number in range(200):
                model = MODELS[number % len(MODELS)]
                assert say(chat, f"Number {number}", model) == f"You said: Number {number}"
            calls = google.calls_by_key()
            assert {key: calls.get(key, 0) for key in processes.DEAD} == {
                key: 1 for key in processes.DEAD
            }
            pairs = google.calls_by_key_and_model()
            spent = {
                (key, model): pairs.get((key, model), 0)
                for key in processes.SPENT for model in MODELS
            }
            assert spent == {pair: 1 for pair in spent}
            served = [calls.get(key, 0) for key in processes.GOOD]
            assert sum(served) == 200 and min(served) > 40, f"not balanced: {served}"
        # What was learned survives a restart: no bad key is tried again.
        google.forget()
        with processes.running_gateway(google, tmp_path, processes.EVERY_KEY) as gateway:
            chat = client(gateway)
            for number in range(20):
                say(chat, f"Number {number}", MODELS[number % len(MODELS)])
            assert set(google.calls_by_key()) <= set(processes.GOOD)
    assert_no_secrets(tmp_path)


def test_when_no_key_can_serve_the_client_is_told_at_once(tmp_path):
    plans = {key: "error:q_rpd_free" for key in processes.SPENT}
    with (
        processes.running_google(plans) as google,
        processes.running_gateway(google, tmp_path, processes.SPENT) as gateway,
    ):
        chat = client(gateway)
        with pytest.raises(openai.RateLimitError):
            say(chat, "Hello")
        begin = time.monotonic()
        with pytest.raises(openai.RateLimitError) as error:
            say(chat, "Hello")
        assert time.monotonic() - begin < 1
        # Daily quotas end at midnight in Los Angeles, at most 25 hours from now.
        assert 0 < int(error.value.response.headers["retry-after"]) <= 25 * 3600
        assert len(google.received()) == len(processes.SPENT)


def test_dead_keys_only_are_503(tmp_path):
    plans = {key: "invalid" for key in processes.INVALID}
    with (
        processes.running_google(plans) as google,
        processes.running_gateway(google, tmp_path, processes.INVALID) as gateway,
    ):
        with pytest.raises(openai.InternalServerError) as error:
            say(client(gateway), "Hello")
        assert error.value.status_code == 503
        assert not any(key in json.dumps(error.value.body) for key in processes.INVALID)


def test_without_a_token_nobody_gets_in(tmp_path):
    plans = {key: "valid" for key in processes.GOOD}
    with (
        processes.running_google(plans) as google,
        processes.running_gateway(
            google, tmp_path, processes.GOOD, ALLOWED_TOKENS="[]"
        ) as gateway,
    ):
        with pytest.raises(openai.AuthenticationError):
            say(client(gateway), "Hello")
        assert google.received() == []
