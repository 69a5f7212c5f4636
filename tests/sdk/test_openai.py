"""The official `openai` package through the gateway."""

import asyncio
import enum
import json

import openai
import pydantic
import pytest

import gateway as processes

MODEL = "gemini-3.8-flash"
OLDER = "gemini-2.5-flash"

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
TIME = {"type": "function", "function": {"name": "get_time", "description": "The time"}}


def user(content):
    return {"role": "user", "content": content}


def say(chat, *messages, model=MODEL, **options):
    return chat.chat.completions.create(model=model, messages=list(messages), **options)


def text(completion):
    return completion.choices[0].message.content


def arguments(calls):
    return [json.loads(call.function.arguments) for call in calls]


# -- words ---------------------------------------------------------------------


@pytest.mark.parametrize("model", [MODEL, OLDER, "gemini-4-argon", "gemini-flash-latest"])
def test_a_question_is_answered(chat, model):
    completion = say(chat, user("Hello, world"), model=model)
    assert completion.object == "chat.completion"
    assert completion.id.startswith("chatcmpl-")
    choice = completion.choices[0]
    assert (choice.index, choice.finish_reason) == (0, "stop")
    assert (choice.message.role, choice.message.content) == ("assistant", "You said: Hello, world")
    assert choice.message.tool_calls is None
    usage = completion.usage
    assert usage.prompt_tokens > 0 and usage.completion_tokens > 0
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_text_survives_in_every_script(chat):
    words = "Grüße, 世界! 🌍 \"quoted\" \\ \n\t end"
    assert text(say(chat, user(words))) == f"You said: {words}"


def test_system_and_developer_messages_arrive(chat):
    completion = say(
        chat,
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": "Be kind."},
        user("Hello"),
    )
    assert text(completion) == "You said: Hello (I was told: Be brief. Be kind.)"


def test_a_conversation_goes_on(chat, gateway):
    completion = say(
        chat, user("One"), {"role": "assistant", "content": "Two"}, user("Three")
    )
    assert text(completion) == "You said: Three"
    contents = gateway.google.last_body()["contents"]
    assert [content["role"] for content in contents] == ["user", "model", "user"]


def test_sampling_fields_are_taken(chat, gateway):
    completion = say(
        chat, user("Hello"), model=OLDER, temperature=0.5, top_p=0.9, seed=7, stop=["never"], n=1,
        user="somebody", metadata={"a": "b"}, logit_bias={}, store=False,
    )
    assert text(completion) == "You said: Hello"
    sent = gateway.google.last_body()["generationConfig"]
    assert (sent["temperature"], sent["topP"], sent["seed"]) == (0.5, 0.9, 7)


def test_stop_and_length(chat):
    stopped = say(chat, user("Hello there, world"), stop=" there")
    assert (text(stopped), stopped.choices[0].finish_reason) == ("You said: Hello", "stop")
    for limit in ({"max_tokens": 3}, {"max_completion_tokens": 3}):
        short = say(chat, user("Hello there, world"), **limit)
        assert (text(short), short.choices[0].finish_reason) == ("You said: He", "length")


def test_reasoning_effort(chat, gateway):
    completion = say(chat, user("Think"), reasoning_effort="low")
    assert completion.usage.completion_tokens_details.reasoning_tokens > 0
    assert gateway.google.last_body()["generationConfig"]["thinkingConfig"]["thinkingLevel"].lower() == "low"
    say(chat, user("Think"), model=OLDER, reasoning_effort="low")
    assert gateway.google.last_body()["generationConfig"]["thinkingConfig"]["thinkingBudget"] > 0
    for effort in ("none", "minimal", "medium", "high"):
        assert text(say(chat, user("Think"), reasoning_effort=effort)) == "You said: Think"


def test_every_answer_has_a_request_id(chat):
    raw = chat.chat.completions.with_raw_response.create(model=MODEL, messages=[user("Hello")])
    assert raw.headers["x-request-id"]
    assert raw.parse()._request_id == raw.headers["x-request-id"]


# -- streams -------------------------------------------------------------------


def test_a_stream_brings_the_same_words(chat):
    chunks = list(say(chat, user("Hello there, good old world"), stream=True))
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.object == "chat.completion.chunk" for chunk in chunks)
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    pieces = [delta.content for delta in deltas if delta.content]
    assert len(pieces) > 2, "the answer came in one piece"
    assert "".join(pieces) == "You said: Hello there, good old world"
    assert deltas[0].role == "assistant"
    finishes = [choice.finish_reason for chunk in chunks for choice in chunk.choices]
    assert finishes[-1] == "stop" and not any(finishes[:-1])
    assert all(chunk.usage is None for chunk in chunks)


def test_a_stream_tells_its_usage_when_asked(chat):
    chunks = list(
        say(chat, user("Hello"), stream=True, stream_options={"include_usage": True})
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens > 0
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_the_stream_helper_is_content(chat):
    with chat.chat.completions.stream(model=MODEL, messages=[user("Hello")]) as stream:
        kinds = {event.type for event in stream}
        completion = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert text(completion) == "You said: Hello"


def test_a_stream_may_be_left(chat):
    stream = say(chat, user("Hello " * 200), stream=True)
    next(iter(stream))
    stream.close()
    assert text(say(chat, user("Still there?"))) == "You said: Still there?"


# -- tools ---------------------------------------------------------------------


@pytest.mark.parametrize("model", [MODEL, OLDER])
def test_tools_are_called_in_parallel_and_their_results_taken(chat, model):
    question = user("What is the weather in Oslo and Rome?")
    completion = say(chat, question, model=model, tools=[TIME, WEATHER])
    choice = completion.choices[0]
    calls = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls"
    assert [call.function.name for call in calls] == ["get_weather", "get_weather"]
    assert arguments(calls) == [{"city": "Oslo"}, {"city": "Rome"}]
    assert calls[0].id and calls[0].id != calls[1].id

    # The message goes back as it came, the results in another order than the calls.
    results = [
        {"role": "tool", "tool_call_id": calls[1].id, "content": "21 degrees"},
        {"role": "tool", "tool_call_id": calls[0].id, "content": "3 degrees"},
    ]
    second = say(chat, question, choice.message, *results, model=model, tools=[TIME, WEATHER])
    assert second.choices[0].finish_reason == "stop"
    assert text(second).index("3 degrees") < text(second).index("21 degrees")

    third = say(
        chat, question, choice.message, *results,
        {"role": "assistant", "content": text(second)}, user("Thanks"),
        model=model, tools=[TIME, WEATHER],
    )
    assert text(third) == "You said: Thanks"


def test_results_are_taken_without_googles_signature(chat):
    """Most clients rebuild the message and lose what they do not know."""
    question = user("What is the weather in Oslo?")
    call = say(chat, question, tools=[WEATHER]).choices[0].message.tool_calls[0]
    rebuilt = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{
            "id": call.id, "type": "function",
            "function": {"name": call.function.name, "arguments": call.function.arguments},
        }],
    }
    result = {"role": "tool", "tool_call_id": call.id, "content": "cold"}
    assert "cold" in text(say(chat, question, rebuilt, result, tools=[WEATHER]))


def test_a_stream_calls_tools(chat):
    question = user("What is the weather in Oslo and Rome?")
    with chat.chat.completions.stream(
        model=MODEL, messages=[question], tools=[WEATHER]
    ) as stream:
        completion = stream.get_final_completion()
    choice = completion.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert arguments(choice.message.tool_calls) == [{"city": "Oslo"}, {"city": "Rome"}]
    assert len({call.id for call in choice.message.tool_calls}) == 2


def test_tool_choice(chat):
    def calls(choice):
        completion = say(
            chat, user("The weather, please"), tools=[TIME, WEATHER], tool_choice=choice
        )
        return [call.function.name for call in completion.choices[0].message.tool_calls or []]

    assert calls("auto") == ["get_weather"]
    assert calls("none") == []
    assert calls("required") == ["get_weather"]
    assert calls({"type": "function", "function": {"name": "get_time"}}) == ["get_time"]


def test_parsed_tools(chat):
    class GetWeather(pydantic.BaseModel):
        city: str
        days: int

    tool = openai.pydantic_function_tool(GetWeather, name="get_weather")
    completion = chat.chat.completions.parse(
        model=MODEL, messages=[user("The weather in Lima")], tools=[tool]
    )
    parsed = completion.choices[0].message.tool_calls[0].function.parsed_arguments
    assert isinstance(parsed, GetWeather) and parsed.city == "Lima"


# -- images --------------------------------------------------------------------


def test_images_by_data_url(chat, png, png_url):
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": png_url, "detail": "low"}},
        {"type": "image_url", "image_url": {"url": png_url}},
    ]
    seen = f"I see image/png of {len(png)} bytes."
    assert text(say(chat, user(content))) == f"{seen} {seen} You said: What is this?"


# -- structured answers --------------------------------------------------------


class Kind(enum.Enum):
    TOWN = "town"
    CITY = "city"


class Mayor(pydantic.BaseModel):
    name: str
    since: int | None


class City(pydantic.BaseModel):
    kind: Kind
    name: str
    mayors: list[Mayor]
    population: int = pydantic.Field(gt=0)


def test_json_mode(chat):
    completion = say(chat, user("Hello"), response_format={"type": "json_object"})
    assert json.loads(text(completion)) == {"answer": "You said: Hello"}


@pytest.mark.parametrize("model", [MODEL, OLDER])
def test_json_schema_by_pydantic(chat, model):
    completion = chat.beta.chat.completions.parse(
        model=model, messages=[user("Oslo")], response_format=City
    )
    city = completion.choices[0].message.parsed
    assert isinstance(city, City)
    assert (city.kind, city.name, len(city.mayors)) == (Kind.TOWN, "Oslo", 1)


def test_json_schema_in_a_stream(chat):
    with chat.chat.completions.stream(
        model=MODEL, messages=[user("Oslo")], response_format=City
    ) as stream:
        completion = stream.get_final_completion()
    assert completion.choices[0].message.parsed.name == "Oslo"


def test_a_schema_together_with_tools(chat):
    completion = chat.chat.completions.parse(
        model=MODEL, messages=[user("Oslo")], response_format=City, tools=[WEATHER]
    )
    assert completion.choices[0].message.parsed.name == "Oslo"


# -- models --------------------------------------------------------------------


def test_models_are_listed(chat):
    models = {model.id: model for model in chat.models.list()}
    assert MODEL in models and OLDER in models
    assert models[MODEL].object == "model"
    assert chat.models.retrieve(MODEL).id == MODEL


# -- errors --------------------------------------------------------------------


def test_a_wrong_token_is_401(chat):
    for client in (chat.with_options(api_key="wrong"), chat.with_options(api_key="gk_wrong")):
        with pytest.raises(openai.AuthenticationError) as error:
            say(client, user("Hello"))
        assert error.value.status_code == 401
        assert error.value.type == "invalid_request_error"


def test_empty_messages_name_their_field(chat):
    with pytest.raises(openai.BadRequestError) as error:
        say(chat)
    assert error.value.param == "messages"
    assert error.value.body["message"]


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"messages": "Hello"}, "messages"),
        ({"messages": [{"role": "wizard", "content": "Hello"}]}, "messages"),
        ({"messages": [user("Hello")], "temperature": "hot"}, "temperature"),
    ],
)
def test_wrong_values_name_their_field(chat, options, param):
    with pytest.raises(openai.BadRequestError) as error:
        chat.chat.completions.create(model=MODEL, **options)
    assert error.value.param.startswith(param)


@pytest.mark.parametrize("stream", [False, True])
def test_an_unknown_model_is_404(chat, stream):
    with pytest.raises(openai.NotFoundError) as error:
        say(chat, user("Hello"), model="gemini-0.1-nothing", stream=stream)
    assert "gemini-0.1-nothing" in error.value.message


# -- many at once --------------------------------------------------------------


def test_the_async_client(gateway):
    async def run():
        client = openai.AsyncOpenAI(
            base_url=f"{gateway.url}/v1", api_key=processes.CLIENT_TOKEN, max_retries=0
        )
        async with client:
            asked = [
                client.chat.completions.create(model=MODEL, messages=[user(f"Number {number}")])
                for number in range(40)
            ]
            answers = await asyncio.gather(*asked)
            stream = await client.chat.completions.create(
                model=MODEL, messages=[user("Streamed")], stream=True
            )
            pieces = [
                chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices
            ]
        return [text(answer) for answer in answers], "".join(pieces)

    answers, streamed = asyncio.run(run())
    assert answers == [f"You said: Number {number}" for number in range(40)]
    assert streamed == "You said: Streamed"
