"""The official `anthropic` package through the gateway."""

import anthropic
import pytest

import gateway as processes

MODEL = "gemini-3.8-flash"

WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}


def client_with(gateway, token=processes.CLIENT_TOKEN, prefix=""):
    return anthropic.Anthropic(
        base_url=f"{gateway.url}{prefix}", api_key=token, max_retries=0, timeout=30
    )


@pytest.fixture(scope="session", params=["", "/anthropic"])
def claude(gateway, request):
    return client_with(gateway, prefix=request.param)


def ask(claude, text, **more):
    messages = [{"role": "user", "content": text}]
    return claude.messages.create(model=MODEL, max_tokens=100, messages=messages, **more)


@pytest.mark.parametrize("model", [MODEL, "claude-sonnet-4-5"])
def test_a_question_is_answered(claude, model):
    message = claude.messages.create(
        model=model,
        max_tokens=100,
        system="Be brief",
        messages=[{"role": "user", "content": "Hello"}],
    )
    assert message.content[0].text == "You said: Hello (I was told: Be brief)"
    assert (message.type, message.role, message.stop_reason) == ("message", "assistant", "end_turn")
    assert message.model == model
    assert message.usage.input_tokens > 0 and message.usage.output_tokens > 0


def test_a_stream_brings_the_same_words(claude):
    messages = [{"role": "user", "content": "Hello there, good old world"}]
    with claude.messages.stream(model=MODEL, max_tokens=100, messages=messages) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()
    assert len(pieces) > 1
    assert "".join(pieces) == "You said: Hello there, good old world"
    assert final.stop_reason == "end_turn" and final.usage.output_tokens > 0


@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_is_called_and_its_result_taken_back(claude, streamed):
    messages = [{"role": "user", "content": "What is the weather in Paris?"}]
    asked = {"model": MODEL, "max_tokens": 100, "tools": [WEATHER], "messages": messages}
    choice = {"type": "any"}
    if streamed:
        with claude.messages.stream(**asked, tool_choice=choice) as stream:
            first = stream.get_final_message()
    else:
        first = claude.messages.create(**asked, tool_choice=choice)
    assert first.stop_reason == "tool_use"
    call = next(block for block in first.content if block.type == "tool_use")
    assert call.name == "get_weather" and isinstance(call.input, dict)
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
    messages += [
        {"role": "assistant", "content": [block.model_dump() for block in first.content]},
        {"role": "user", "content": [result]},
    ]
    second = claude.messages.create(**asked)
    assert "sunny" in second.content[0].text


def test_tokens_are_counted(claude):
    messages = [{"role": "user", "content": "one two three"}]
    counted = claude.messages.count_tokens(model=MODEL, messages=messages)
    assert counted.input_tokens > 0


def test_models_are_listed_page_by_page(claude):
    listed = [model.id for model in claude.models.list(limit=4)]
    assert MODEL in listed and len(listed) == len(set(listed)) > 4
    assert claude.models.retrieve(MODEL).id == MODEL


def test_errors_are_the_packages_own(gateway, claude):
    with pytest.raises(anthropic.AuthenticationError):
        ask(client_with(gateway, token="wrong"), "Hello")
    with pytest.raises(anthropic.BadRequestError) as mistake:
        claude.messages.create(model=MODEL, max_tokens=100, messages=[])
    assert mistake.value.body["error"]["type"] == "invalid_request_error"
    with pytest.raises(anthropic.NotFoundError):
        claude.messages.create(
            model="gemini-unheard-of", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]
        )
