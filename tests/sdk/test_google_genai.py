"""The official `google-genai` package through the gateway."""

import asyncio

import pydantic
import pytest
from google.genai import errors, types

from conftest import gemini_client

MODEL = "gemini-3.8-flash"
OLDER = "gemini-2.5-flash"
EMBEDDER = "gemini-embedding-001"

WEATHER = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="get_weather",
            description="The weather of a city",
            parameters_json_schema={
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        )
    ]
)
NO_LOOP = types.AutomaticFunctionCallingConfig(disable=True)


@pytest.mark.parametrize("model", [MODEL, OLDER])
def test_a_question_is_answered(gemini, model):
    answer = gemini.models.generate_content(
        model=model,
        contents="Hello",
        config=types.GenerateContentConfig(
            system_instruction="Be brief", max_output_tokens=100, stop_sequences=["never"]
        ),
    )
    assert answer.text == "You said: Hello (I was told: Be brief)"
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert answer.usage_metadata.total_token_count > answer.usage_metadata.prompt_token_count > 0
    assert (answer.model_version, bool(answer.response_id)) == (model, True)


def test_a_stream_brings_the_same_words(gemini):
    chunks = list(
        gemini.models.generate_content_stream(model=MODEL, contents="Hello there, good old world")
    )
    assert len(chunks) > 3
    assert "".join(chunk.text or "" for chunk in chunks) == "You said: Hello there, good old world"
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert chunks[-1].usage_metadata.total_token_count > 0


def test_thoughts_are_shown_when_asked_for(gemini):
    config = types.GenerateContentConfig(
        thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_level="low")
    )
    answer = gemini.models.generate_content(model=MODEL, contents="Think", config=config)
    parts = answer.candidates[0].content.parts
    assert parts[0].thought and not parts[-1].thought
    assert answer.text == "You said: Think"
    assert answer.usage_metadata.thoughts_token_count > 0


def test_tools_are_called_and_their_results_taken(gemini):
    question = types.Content(
        role="user", parts=[types.Part(text="What is the weather in Oslo and Rome?")]
    )
    config = types.GenerateContentConfig(tools=[WEATHER], automatic_function_calling=NO_LOOP)
    answer = gemini.models.generate_content(model=MODEL, contents=[question], config=config)
    calls = answer.function_calls
    assert [call.args for call in calls] == [{"city": "Oslo"}, {"city": "Rome"}]
    results = [
        types.Part(
            function_response=types.FunctionResponse(
                id=call.id, name=call.name, response={"degrees": degrees}
            )
        )
        for call, degrees in zip(calls, (3, 21))
    ]
    contents = [
        question, answer.candidates[0].content, types.Content(role="user", parts=results)
    ]
    second = gemini.models.generate_content(model=MODEL, contents=contents, config=config)
    assert '{"degrees":3}' in second.text and '{"degrees":21}' in second.text


def test_python_functions_are_called_by_the_sdk(gemini):
    asked = []

    def get_weather(city: str) -> str:
        """The weather of a city."""
        asked.append(city)
        return f"sunny in {city}"

    answer = gemini.models.generate_content(
        model=MODEL,
        contents="What is the weather in Oslo?",
        config=types.GenerateContentConfig(tools=[get_weather]),
    )
    assert asked == ["Oslo"]
    assert "sunny in Oslo" in answer.text


def test_images_are_seen(gemini, png):
    image = types.Part.from_bytes(data=png, mime_type="image/png")
    answer = gemini.models.generate_content(model=MODEL, contents=[image, "What is this?"])
    assert answer.text == f"I see image/png of {len(png)} bytes. You said: What is this?"


def test_answers_fit_a_schema(gemini):
    class City(pydantic.BaseModel):
        name: str
        population: int
        rivers: list[str]

    for schema in ({"response_schema": City}, {"response_json_schema": City.model_json_schema()}):
        config = types.GenerateContentConfig(response_mime_type="application/json", **schema)
        answer = gemini.models.generate_content(model=MODEL, contents="Oslo", config=config)
        assert City.model_validate_json(answer.text).name == "Oslo"
    typed = types.GenerateContentConfig(response_mime_type="application/json", response_schema=City)
    answer = gemini.models.generate_content(model=MODEL, contents="Oslo", config=typed)
    assert isinstance(answer.parsed, City)


def test_tokens_are_counted(gemini):
    counted = gemini.models.count_tokens(model=MODEL, contents="Hello there, world")
    assert counted.total_tokens == 5


def test_texts_are_embedded(gemini):
    config = types.EmbedContentConfig(output_dimensionality=256)
    embedded = gemini.models.embed_content(model=EMBEDDER, contents=["a", "b"], config=config)
    values = [embedding.values for embedding in embedded.embeddings]
    assert [len(vector) for vector in values] == [256, 256]
    assert values[0] != values[1]


def test_models_are_listed_page_by_page(gemini):
    whole = [model.name for model in gemini.models.list(config={"page_size": 1000})]
    paged = [model.name for model in gemini.models.list(config={"page_size": 7})]
    assert f"models/{MODEL}" in whole
    assert len(whole) > 7 and paged == whole
    assert gemini.models.get(model=MODEL).input_token_limit == 1_048_576


def test_a_chat_remembers(gemini):
    chat = gemini.chats.create(model=MODEL)
    assert chat.send_message("One").text == "You said: One"
    streamed = chat.send_message_stream("Two")
    assert "".join(chunk.text or "" for chunk in streamed) == "You said: Two"
    assert chat.send_message("Three").text == "You said: Three"
    history = [content for content in chat.get_history() if content.role == "user"]
    assert [content.parts[0].text for content in history] == ["One", "Two", "Three"]


def test_the_async_client(gateway):
    async def run():
        client = gemini_client(gateway).aio
        asked = [
            client.models.generate_content(model=MODEL, contents=f"Number {number}")
            for number in range(20)
        ]
        answers = [answer.text for answer in await asyncio.gather(*asked)]
        stream = await client.models.generate_content_stream(model=MODEL, contents="Streamed")
        pieces = [chunk.text or "" async for chunk in stream]
        await client.aclose()
        return answers, "".join(pieces)

    answers, streamed = asyncio.run(run())
    assert answers == [f"You said: Number {number}" for number in range(20)]
    assert streamed == "You said: Streamed"


def test_a_wrong_token_is_refused(gateway):
    for version in (None, "v1beta"):
        client = gemini_client(gateway, version, token="wrong")
        with pytest.raises(errors.ClientError) as error:
            client.models.generate_content(model=MODEL, contents="Hello")
        assert error.value.code == 401
        assert error.value.status == "UNAUTHENTICATED"


def test_googles_own_errors_come_through(gemini):
    with pytest.raises(errors.ClientError) as error:
        gemini.models.generate_content(model="gemini-0.1-nothing", contents="Hello")
    assert (error.value.code, error.value.status) == (404, "NOT_FOUND")
    assert "models/gemini-0.1-nothing is not found for API version" in error.value.message
    with pytest.raises(errors.ClientError) as error:
        gemini.models.generate_content(
            model=MODEL, contents="Hello", config=types.GenerateContentConfig(temperature=9)
        )
    assert (error.value.code, error.value.status) == (400, "INVALID_ARGUMENT")
    assert "temperature must be in the range" in error.value.message
