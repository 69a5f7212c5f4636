"""OpenAI's background responses and compaction by the official `openai` package."""

import time

import openai
import pytest

import gateway as processes

MODEL = "gemini-3.8-flash"
SECONDS = 20


def client_of(gateway):
    return openai.OpenAI(
        base_url=f"{gateway.url}/v1", api_key=processes.CLIENT_TOKEN, max_retries=0, timeout=30
    )


@pytest.fixture
def slow(tmp_path):
    """In front of a Google that takes a second and a half for an answer."""
    keys = {processes.pool_key("Slow"): "paced:30:50"}
    with (
        processes.running_google(keys) as google,
        processes.running_gateway(google, tmp_path, list(keys)) as gateway,
    ):
        yield client_of(gateway)


@pytest.fixture
def stuck(tmp_path):
    """In front of a Google that begins an answer and never goes on."""
    keys = {processes.pool_key("Stuck"): "hang-after-first"}
    with (
        processes.running_google(keys) as google,
        processes.running_gateway(google, tmp_path, list(keys), SHUTDOWN_GRACE="0") as gateway,
    ):
        yield client_of(gateway)


def until(chat, response, *states):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        response = chat.responses.retrieve(response.id)
        if response.status in states:
            return response
    pytest.fail(f"{response.status} is none of {states}")


def numbers(events):
    return [event.sequence_number for event in events]


def test_a_response_is_polled_for(slow):
    response = slow.responses.create(model=MODEL, input="Hello", background=True)
    assert response.status == "queued" and response.background
    assert until(slow, response, "in_progress").output == []
    done = until(slow, response, "completed", "failed")
    assert done.status == "completed" and len(done.output_text) > 100
    assert done.usage.output_tokens > 0


def test_a_stream_is_left_and_come_back_to(slow):
    stream = slow.responses.create(model=MODEL, input="Hello", background=True, stream=True)
    events = []
    for event in stream:
        events.append(event)
        if event.type == "response.output_text.delta":
            break
    stream.close()
    response = events[0].response
    assert (response.status, events[1].type) == ("queued", "response.queued")
    last = events[-1].sequence_number
    assert slow.responses.retrieve(response.id).status == "in_progress"
    events += slow.responses.retrieve(response.id, stream=True, starting_after=last)
    assert numbers(events) == list(range(len(events)))
    assert events[-1].type == "response.completed"
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == slow.responses.retrieve(response.id).output_text

    again = list(slow.responses.retrieve(response.id, stream=True, include_obfuscation=False))
    assert again == events


def test_the_stream_helper_goes_on(slow):
    with slow.responses.stream(model=MODEL, input="Hello", background=True) as stream:
        events = []
        for event in stream:
            events.append(event)
            if event.type == "response.output_text.delta":
                break
    response, last = events[0].response, events[-1].sequence_number
    with slow.responses.stream(response_id=response.id, starting_after=last) as stream:
        rest = list(stream)
        done = stream.get_final_response()
    assert numbers(events + rest) == list(range(rest[-1].sequence_number + 1))
    assert done.status == "completed"
    assert done.output_text == slow.responses.retrieve(response.id).output_text


def test_a_response_is_cancelled(stuck):
    response = stuck.responses.create(model=MODEL, input="Hello", background=True)
    until(stuck, response, "in_progress")
    assert stuck.responses.cancel(response.id).status == "cancelled"
    assert stuck.responses.cancel(response.id).status == "cancelled"
    assert stuck.responses.retrieve(response.id).status == "cancelled"
    last = list(stuck.responses.retrieve(response.id, stream=True))[-1]
    assert (last.type, last.response.status) == ("response.failed", "cancelled")


def test_only_background_responses_are_cancelled(chat):
    response = chat.responses.create(model=MODEL, input="Hello")
    with pytest.raises(openai.BadRequestError):
        chat.responses.cancel(response.id)
    with pytest.raises(openai.BadRequestError) as caught:
        chat.responses.create(model=MODEL, input="Hello", background=True, store=False)
    assert caught.value.param == "background"


def test_a_conversation_is_compacted_and_goes_on(chat, gateway):
    history = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Good day"},
        {"role": "user", "content": "What now?"},
    ]
    compacted = chat.responses.compact(model=MODEL, input=history)
    assert compacted.object == "response.compaction"
    assert [item.type for item in compacted.output] == ["message", "message", "compaction"]
    assert compacted.usage.total_tokens > 0
    more = {"role": "user", "content": "Go on"}
    output = [item.model_dump(exclude_none=True) for item in compacted.output]
    response = chat.responses.create(model=MODEL, input=[*output, more], store=False)
    assert response.output_text.endswith("Go on")
    (asked,) = gateway.google.last_body()["contents"]
    texts = [part["text"] for part in asked["parts"]]
    assert (texts[0], texts[1], texts[3]) == ("Hello", "What now?", "Go on")
    assert texts[2].startswith("Summary of the earlier conversation:")
