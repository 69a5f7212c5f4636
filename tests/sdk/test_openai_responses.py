"""OpenAI's Responses by the official `openai` package, through the gateway."""

import base64
import json

import openai
import pydantic
import pytest

import gateway as processes

MODEL = "gemini-3.8-flash"
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}
QUESTION = {"role": "user", "content": "What is the weather in Oslo and Rome?"}
DEGREES = {"Oslo": "3 degrees", "Rome": "21 degrees"}


class Mayor(pydantic.BaseModel):
    name: str
    since: int | None


class City(pydantic.BaseModel):
    name: str
    mayors: list[Mayor]


def results(response):
    """What the functions that a response calls return."""
    return [
        {
            "type": "function_call_output",
            "call_id": item.call_id,
            "output": DEGREES[json.loads(item.arguments)["city"]],
        }
        for item in response.output
        if item.type == "function_call"
    ]


def sent_turns(gateway):
    """The model's calls and the user's results in what was last sent to Google."""
    _, called, answered = gateway.google.last_body()["contents"]
    return called["parts"], answered["parts"]


def streamed(chat, **asked):
    with chat.responses.stream(model=MODEL, **asked) as stream:
        events = list(stream)
        return events, stream.get_final_response()


def test_a_question_is_answered_and_gone_on_from(chat):
    first = chat.responses.create(model=MODEL, instructions="Be brief", input="Hello")
    assert first.output_text == "You said: Hello (I was told: Be brief)"
    assert first.usage.total_tokens == first.usage.input_tokens + first.usage.output_tokens
    second = chat.responses.create(model=MODEL, previous_response_id=first.id, input="And now?")
    assert second.output_text == "You said: And now?"
    assert chat.responses.retrieve(first.id).output_text == first.output_text
    listed = [item.content[0].text for item in chat.responses.input_items.list(second.id)]
    assert listed[0] == "And now?"
    chat.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        chat.responses.retrieve(first.id)


def test_the_stream_helper_is_content(chat):
    events, response = streamed(chat, input="Hello there, good old world")
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert len(deltas) > 2
    assert "".join(deltas) == response.output_text == "You said: Hello there, good old world"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")
    assert response.status == "completed" and response.usage.output_tokens > 0


def test_thoughts_are_summed_up_when_asked_for(chat):
    events, response = streamed(
        chat, input="Think", reasoning={"effort": "low", "summary": "auto"}
    )
    kinds = {event.type for event in events}
    assert "response.reasoning_summary_text.delta" in kinds
    reasoning = next(item for item in response.output if item.type == "reasoning")
    assert "The user writes: Think" in reasoning.summary[0].text
    assert response.usage.output_tokens_details.reasoning_tokens > 0


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"store": False},
        {"include": ["reasoning.encrypted_content"]},
        {"store": False, "reasoning": {"effort": "low", "summary": "auto"}},
    ],
    ids=str,
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_client_keeps_the_conversation_itself(chat, gateway, kept, stream):
    def ask(conversation):
        asked = {"input": conversation, "tools": [WEATHER], **kept}
        if stream:
            return streamed(chat, **asked)[1]
        return chat.responses.create(model=MODEL, **asked)

    first = ask([QUESTION])
    second = ask([QUESTION, *first.output, *results(first)])
    assert "3 degrees" in second.output_text and "21 degrees" in second.output_text
    calls, answers = sent_turns(gateway)
    id_of_first = calls[0]["functionCall"]["id"]
    assert calls[0]["thoughtSignature"] == processes.signature_of(id_of_first)
    assert [part["functionResponse"]["id"] for part in answers] == [
        part["functionCall"]["id"] for part in calls
    ]


@pytest.mark.parametrize("stream", [False, True])
def test_the_gateway_keeps_the_conversation(chat, gateway, stream):
    if stream:
        first = streamed(chat, input=[QUESTION], tools=[WEATHER])[1]
    else:
        first = chat.responses.create(model=MODEL, input=[QUESTION], tools=[WEATHER])
    # Results in another order than the calls.
    second = chat.responses.create(
        model=MODEL,
        previous_response_id=first.id,
        input=results(first)[::-1],
        tools=[WEATHER],
    )
    assert second.output_text.index("3 degrees") < second.output_text.index("21 degrees")
    calls, _ = sent_turns(gateway)
    id_of_first = calls[0]["functionCall"]["id"]
    assert calls[0]["thoughtSignature"] == processes.signature_of(id_of_first)


def test_a_parsed_answer(chat):
    response = chat.responses.parse(model=MODEL, input="Oslo", text_format=City)
    city = response.output_parsed
    assert isinstance(city, City) and (city.name, len(city.mayors)) == ("Oslo", 1)


def test_a_parsed_answer_in_a_stream(chat):
    with chat.responses.stream(model=MODEL, input="Oslo", text_format=City) as stream:
        kinds = [event.type for event in stream]
        response = stream.get_final_response()
    assert "response.output_text.done" in kinds
    assert response.output_parsed.name == "Oslo"


def test_parsed_arguments(chat):
    class GetWeather(pydantic.BaseModel):
        city: str
        days: int

    tool = openai.pydantic_function_tool(GetWeather, name="get_weather")
    flat = {"type": "function", **tool["function"]}
    response = chat.responses.parse(model=MODEL, input="The weather in Lima", tools=[flat])
    call = next(item for item in response.output if item.type == "function_call")
    assert json.loads(call.arguments)["city"] == "Lima"


def test_pictures_and_documents_arrive(chat, png, png_url, pdf):
    content = [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": png_url, "detail": "auto"},
        {
            "type": "input_file",
            "filename": "a.pdf",
            "file_data": "data:application/pdf;base64," + base64.b64encode(pdf).decode(),
        },
    ]
    response = chat.responses.create(model=MODEL, input=[{"role": "user", "content": content}])
    seen = f"I see image/png of {len(png)} bytes. I see application/pdf of {len(pdf)} bytes."
    assert response.output_text == f"{seen} You said: What is this?"


def test_input_is_counted(chat):
    counted = chat.responses.input_tokens.count(model=MODEL, input="one two three")
    assert counted.input_tokens > 0
