"""The Live API with the official `google-genai` package through the gateway."""

import asyncio
import urllib.parse

import pytest
from google import genai
from google.genai import errors, types

import gateway as processes
import tls
from conftest import gemini_client

MODEL = "gemini-3.1-flash-live-preview"
WEATHER = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="get_weather",
            parameters_json_schema={"type": "object", "properties": {"city": {"type": "string"}}},
        )
    ]
)


def run(conversation):
    """Whatever hangs fails."""
    return asyncio.run(asyncio.wait_for(conversation, 30))


def config(*modalities, **more):
    return types.LiveConnectConfig(response_modalities=list(modalities or ("TEXT",)), **more)


def text(words):
    return types.Content(role="user", parts=[types.Part(text=words)])


async def answer(session):
    """The messages of one turn."""
    return [message async for message in session.receive()]


def words(messages):
    return "".join(message.text or "" for message in messages)


@pytest.fixture(scope="module")
def talker(gateway, tmp_path_factory):
    """Makes clients that reach the gateway by TLS."""
    port = urllib.parse.urlparse(gateway.url).port
    with tls.in_front_of(port, tmp_path_factory.mktemp("tls")) as (front, trusting):

        def make(version=None, token=processes.CLIENT_TOKEN):
            options = types.HttpOptions(
                base_url=f"https://127.0.0.1:{front}",
                api_version=version,
                async_client_args={"ssl": trusting},
            )
            return genai.Client(api_key=token, http_options=options)

        yield make


@pytest.fixture(params=[None, "v1beta", "v1alpha"])
def client(talker, request):
    return talker(request.param)


def test_turns_of_text(client):
    async def conversation():
        async with client.aio.live.connect(model=MODEL, config=config()) as session:
            heard = []
            for said in ["Hello", "Hello again"]:
                await session.send_client_content(turns=text(said), turn_complete=True)
                heard.append(await answer(session))
            return heard

    first, second = run(conversation())
    assert (words(first), words(second)) == ("You said: Hello", "You said: Hello again")
    counted = [message.usage_metadata for message in first if message.usage_metadata]
    assert counted[0].response_token_count > 0


def test_a_tool_is_called(client):
    async def conversation():
        async with client.aio.live.connect(model=MODEL, config=config(tools=[WEATHER])) as session:
            await session.send_client_content(turns=text("How is the weather?"))
            async for message in session.receive():
                if message.tool_call:
                    call = message.tool_call.function_calls[0]
                    break
            response = types.FunctionResponse(id=call.id, name=call.name, response={"sky": "blue"})
            await session.send_tool_response(function_responses=[response])
            return call, words(await answer(session))

    call, told = run(conversation())
    assert (call.name, call.args) == ("get_weather", {"city": "Paris"})
    assert "blue" in told


def test_sound_goes_in_and_comes_out(client):
    async def conversation():
        both = config("AUDIO", output_audio_transcription=types.AudioTranscriptionConfig())
        async with client.aio.live.connect(model=MODEL, config=both) as session:
            for _ in range(10):
                sound = types.Blob(data=b"\0\1" * 1600, mime_type="audio/pcm;rate=16000")
                await session.send_realtime_input(audio=sound)
            await session.send_realtime_input(audio_stream_end=True)
            return await answer(session)

    messages = run(conversation())
    assert b"".join(message.data or b"" for message in messages) == b"You sent 32000 bytes of sound"
    contents = [message.server_content for message in messages if message.server_content]
    written = [content.output_transcription for content in contents if content.output_transcription]
    assert written[0].text == "You sent 32000 bytes of sound"


async def first_session(client):
    """Talks once; gives the handle of the session."""
    resumable = config(session_resumption=types.SessionResumptionConfig())
    async with client.aio.live.connect(model=MODEL, config=resumable) as session:
        await session.send_client_content(turns=text("Hello"))
        await answer(session)
        async for message in session.receive():
            if message.session_resumption_update:
                return message.session_resumption_update.new_handle


def resumed(handle):
    return config(session_resumption=types.SessionResumptionConfig(handle=handle))


def test_a_session_goes_on(talker, google):
    client = talker()

    async def conversation():
        handle = await first_session(client)
        google.forget()
        for _ in range(4):
            async with client.aio.live.connect(model=MODEL, config=resumed(handle)) as session:
                await session.send_client_content(turns=text("Hello"))
                assert words(await answer(session)) == "You said: Hello (the session goes on)"

    run(conversation())
    assert len(google.calls_by_key()) == 1, "only one key has the session"


def test_a_session_of_somebody_else_is_not_known(talker, gateway):
    other = talker(token=gateway.new_token("live-stranger"))

    async def conversation():
        handle = await first_session(talker())
        with pytest.raises(errors.APIError, match="not known"):
            async with other.aio.live.connect(model=MODEL, config=resumed(handle)):
                pass

    run(conversation())


def test_whoever_has_no_token_hears_of_it(talker):
    async def conversation():
        client = talker(token="wrong")
        async with client.aio.live.connect(model=MODEL, config=config()):
            pass

    with pytest.raises(Exception, match="401"):
        run(conversation())


def test_a_model_that_cannot_talk_is_refused(talker, google):
    async def conversation():
        with pytest.raises(errors.APIError, match="is not found"):
            async with talker().aio.live.connect(model="gemini-2.5-flash", config=config()):
                pass

    google.forget()
    run(conversation())
    assert set(google.calls_by_key()) & set(processes.EVERY_KEY)


def test_a_token_of_a_session_opens_one(talker, gateway):
    maker = gemini_client(gateway, "v1alpha")
    terms = types.CreateAuthTokenConfig(
        uses=1, live_connect_constraints=types.LiveConnectConstraints(model=MODEL, config=config())
    )
    token = maker.auth_tokens.create(config=terms)
    client = talker("v1alpha", token.name)

    async def conversation():
        async with client.aio.live.connect(model=MODEL, config=config()) as session:
            await session.send_client_content(turns=text("Hello"), turn_complete=True)
            return await answer(session)

    assert words(run(conversation())) == "You said: Hello"
    # It was for one session.
    with pytest.raises(errors.APIError) as refused:
        run(conversation())
    assert refused.value.code == 1008
