"""The official `anthropic` package through the gateway."""

import base64

import anthropic
import pydantic
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


QUESTION = {"role": "user", "content": "What is the weather in Oslo and Rome?"}
DEGREES = {"Oslo": "3 degrees", "Rome": "21 degrees"}
THINKING = {"type": "enabled", "budget_tokens": 1024}


@pytest.mark.parametrize("thinking", [{}, {"thinking": THINKING}], ids=["plain", "thinking"])
@pytest.mark.parametrize("streamed", [False, True])
def test_parallel_tools_keep_googles_signature(claude, gateway, streamed, thinking):
    def ask(messages):
        asked = {"model": MODEL, "max_tokens": 4000, "tools": [WEATHER], "messages": messages}
        if not streamed:
            return claude.messages.create(**asked, **thinking)
        with claude.messages.stream(**asked, **thinking) as stream:
            return stream.get_final_message()

    first = ask([QUESTION])
    assert (first.content[0].type == "thinking") == bool(thinking)
    calls = [block for block in first.content if block.type == "tool_use"]
    assert [call.input for call in calls] == [{"city": "Oslo"}, {"city": "Rome"}]
    # Results in another order than the calls.
    results = [
        {"type": "tool_result", "tool_use_id": call.id, "content": DEGREES[call.input["city"]]}
        for call in reversed(calls)
    ]
    answer = {"role": "assistant", "content": first.content}
    second = ask([QUESTION, answer, {"role": "user", "content": results}])
    said = next(block.text for block in second.content if block.type == "text")
    assert said.index("3 degrees") < said.index("21 degrees")
    sent = gateway.google.last_body()["contents"][1]["parts"]
    signed = [part for part in sent if "functionCall" in part][0]
    assert signed["thoughtSignature"] == processes.signature_of(signed["functionCall"]["id"])


def test_thoughts_are_streamed_and_taken_back(claude):
    messages = [{"role": "user", "content": "Think"}]
    asked = {"model": MODEL, "max_tokens": 4000, "thinking": THINKING}
    with claude.messages.stream(messages=messages, **asked) as stream:
        kinds = {event.type for event in stream}
        first = stream.get_final_message()
    assert {"thinking", "signature", "text"} <= kinds
    thought, text = first.content
    assert "The user writes: Think" in thought.thinking and thought.signature
    assert text.text == "You said: Think"
    messages += [
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": "Go on"},
    ]
    second = claude.messages.create(messages=messages, **asked)
    assert second.content[-1].text == "You said: Go on"


def test_the_stream_helper_tells_every_step(claude):
    messages = [{"role": "user", "content": "What is the weather in Oslo?"}]
    with claude.messages.stream(
        model=MODEL, max_tokens=100, tools=[WEATHER], messages=messages
    ) as stream:
        events = list(stream)
    kinds = [event.type for event in events]
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop"
    assert kinds.count("content_block_start") == kinds.count("content_block_stop")
    written = [event.partial_json for event in events if event.type == "input_json"]
    assert "".join(written) == '{"city":"Oslo"}'


class Mayor(pydantic.BaseModel):
    name: str
    since: int | None


class City(pydantic.BaseModel):
    name: str
    mayors: list[Mayor]


def test_a_parsed_answer(claude):
    messages = [{"role": "user", "content": "Oslo"}]
    asked = {"model": MODEL, "max_tokens": 100, "messages": messages, "output_format": City}
    city = claude.messages.parse(**asked).parsed_output
    assert isinstance(city, City) and (city.name, len(city.mayors)) == ("Oslo", 1)
    with claude.messages.stream(**asked) as stream:
        assert stream.get_final_message().parsed_output == city


def test_the_tool_runner_calls_tools_by_itself(claude):
    @anthropic.beta_tool
    def get_weather(city: str) -> str:
        """The weather of a city."""
        return DEGREES[city]

    runner = claude.beta.messages.tool_runner(
        model=MODEL, max_tokens=100, tools=[get_weather], messages=[QUESTION]
    )
    said = runner.until_done().content[-1].text
    assert "3 degrees" in said and "21 degrees" in said


def test_pictures_and_documents_arrive(claude, png, pdf):
    def source(data, media_type):
        encoded = base64.b64encode(data).decode()
        return {"type": "base64", "media_type": media_type, "data": encoded}

    content = [
        {"type": "image", "source": source(png, "image/png")},
        {"type": "document", "source": source(pdf, "application/pdf"), "title": "A page"},
        {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": "the word is walrus"},
        },
        {"type": "text", "text": "What is this?"},
    ]
    said = ask(claude, content).content[0].text
    assert f"I see image/png of {len(png)} bytes." in said
    assert f"I see application/pdf of {len(pdf)} bytes." in said
    assert "the word is walrus" in said and said.endswith("What is this?")


def test_a_tool_returns_a_picture(claude, gateway, png):
    first = ask(claude, "What is the weather in Oslo?", tools=[WEATHER])
    call = first.content[-1]
    encoded = base64.b64encode(png).decode()
    picture = {"type": "base64", "media_type": "image/png", "data": encoded}
    result = {
        "type": "tool_result",
        "tool_use_id": call.id,
        "content": [{"type": "text", "text": "see"}, {"type": "image", "source": picture}],
    }
    messages = [
        {"role": "user", "content": "What is the weather in Oslo?"},
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": [result]},
    ]
    claude.messages.create(model=MODEL, max_tokens=100, tools=[WEATHER], messages=messages)
    response = gateway.google.last_body()["contents"][-1]["parts"][0]["functionResponse"]
    assert response["response"] == {"output": "see"}
    assert response["parts"][0]["inlineData"]["data"] == encoded


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
