"""What the SDKs see when Google stumbles."""

import time

import openai
import pytest
from google.genai import errors

import gateway as processes
from conftest import gemini_client

MODEL = "gemini-3.8-flash"
MESSAGES = [{"role": "user", "content": "Hello there, good old world"}]
ANSWER = "You said: Hello there, good old world"


@pytest.fixture
def behind(tmp_path):
    """Both clients, in front of a Google whose keys have these plans."""
    stack = processes.contextlib.ExitStack()

    def start(*plans, **settings):
        keys = {processes.pool_key(f"Plan{number}"): plan for number, plan in enumerate(plans)}
        google = stack.enter_context(processes.running_google(keys))
        gateway = stack.enter_context(
            processes.running_gateway(google, tmp_path, list(keys), **settings)
        )
        chat = openai.OpenAI(
            base_url=f"{gateway.url}/v1", api_key=processes.CLIENT_TOKEN, max_retries=0
        )
        return chat, gemini_client(gateway)

    with stack:
        yield start


def chat_stream(chat):
    """Text and arrival of each piece."""
    stream = chat.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            yield chunk.choices[0].delta.content, time.monotonic()


def gemini_stream(gemini):
    for chunk in gemini.models.generate_content_stream(model=MODEL, contents="Hello"):
        if chunk.text:
            yield chunk.text, time.monotonic()


def test_streams_are_not_held_back(behind):
    chat, gemini = behind("paced:10:100")
    for pieces in (chat_stream(chat), gemini_stream(gemini)):
        arrivals = [arrival for _, arrival in pieces]
        assert len(arrivals) == 10
        assert arrivals[-1] - arrivals[0] > 0.6, "the pieces came together"


@pytest.mark.parametrize("plan", ["cut", "garbage", "503", "502", "garbage-json"])
def test_trouble_before_the_first_byte_is_not_seen(behind, plan):
    chat, gemini = behind(plan, "valid")
    for _ in range(6):
        completion = chat.chat.completions.create(model=MODEL, messages=MESSAGES)
        assert completion.choices[0].message.content == ANSWER
        assert "".join(text for text, _ in chat_stream(chat)) == ANSWER
        answer = gemini.models.generate_content(model=MODEL, contents="Hello")
        assert answer.text == "You said: Hello"
        assert "".join(text for text, _ in gemini_stream(gemini)) == "You said: Hello"


@pytest.mark.parametrize(
    "plan", ["mid-stream-error", "mid-stream-error-bare", "cut-after:2", "cut-mid-event"]
)
def test_trouble_in_the_middle_of_a_stream_is_told(behind, plan):
    chat, gemini = behind(plan)
    pieces = []
    with pytest.raises(openai.APIError):
        for text, _ in chat_stream(chat):
            pieces.append(text)
    assert pieces and ANSWER.startswith("".join(pieces))
    with pytest.raises(errors.APIError):
        list(gemini_stream(gemini))


def test_a_stream_without_an_end_is_told(behind):
    chat, gemini = behind("no-finish")
    with pytest.raises(openai.APIError):
        list(chat_stream(chat))
    with pytest.raises(errors.APIError):
        list(gemini_stream(gemini))


def test_a_blocked_prompt_is_no_error(behind):
    chat, gemini = behind("blocked:PROHIBITED_CONTENT")
    choice = chat.chat.completions.create(model=MODEL, messages=MESSAGES).choices[0]
    assert choice.finish_reason == "content_filter"
    assert "PROHIBITED_CONTENT" in choice.message.refusal
    answer = gemini.models.generate_content(model=MODEL, contents="Hello")
    assert answer.prompt_feedback.block_reason.value == "PROHIBITED_CONTENT"
