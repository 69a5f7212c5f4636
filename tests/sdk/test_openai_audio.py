"""Speech through the official `openai` package: spoken, written down, and the files opened by others."""

import base64
import io
import json
import math
import wave

import mutagen.aac
import numpy
import openai
import pytest
import soundfile

# Forty letters: the simulated Google says twenty in a second.
TEXT = "The quick brown fox jumps over the dog. "
SECONDS = 2.0

# All at once, piece by piece, and piece by piece with the instructions beside the text.
SPEAKERS = [
    "gemini-2.5-flash-preview-tts",
    "gemini-3.1-flash-tts-preview",
    "gemini-3.8-flash-tts",
]
LISTENERS = ["whisper-1", "gpt-4o-transcribe", "gemini-3.5-transcribe", "gemini-3.5-flash-lite"]
HEARD = "Hello there. I am audio/wav of 32044 bytes."


def duration_and_rate(response_format, content):
    if response_format == "pcm":
        return len(content) / 2 / 24_000, 24_000
    if response_format == "aac":
        info = mutagen.aac.AAC(io.BytesIO(content)).info
        return info.length, info.sample_rate
    samples, rate = soundfile.read(io.BytesIO(content))
    assert samples.ndim == 1
    assert 0.2 < numpy.abs(samples).max() < 0.6
    return len(samples) / rate, rate


@pytest.mark.parametrize("response_format", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
@pytest.mark.parametrize("model", SPEAKERS)
def test_a_text_is_spoken_in_every_format(chat, model, response_format):
    speech = chat.audio.speech.create(
        model=model, voice="alloy", input=TEXT, response_format=response_format
    )
    seconds, rate = duration_and_rate(response_format, speech.content)
    assert math.isclose(seconds, SECONDS, abs_tol=0.15)
    # Opus is decoded to what it was made for, whatever it was made of.
    assert rate in (24_000, 48_000 if response_format == "opus" else 24_000)


def test_without_a_format_it_is_mp3(chat, gateway):
    speech = chat.audio.speech.create(
        model="tts-1", voice="nova", input=TEXT, instructions="Whisper", speed=1.5
    )
    assert speech.response.headers["content-type"] == "audio/mpeg"
    assert math.isclose(duration_and_rate("mp3", speech.content)[0], SECONDS + 1.5, abs_tol=0.5)
    part = gateway.google.last_body()["contents"][0]["parts"][0]
    assert part["text"] == f"Whisper. Speak fast: {TEXT}"


@pytest.mark.parametrize("model", SPEAKERS)
def test_a_response_is_streamed_into_a_file(chat, model, tmp_path):
    with chat.audio.speech.with_streaming_response.create(
        model=model, voice="Kore", input=TEXT * 3, response_format="mp3"
    ) as response:
        response.stream_to_file(tmp_path / "speech.mp3")
    content = (tmp_path / "speech.mp3").read_bytes()
    assert math.isclose(duration_and_rate("mp3", content)[0], 3 * SECONDS, abs_tol=0.15)


def test_events_carry_the_file(chat):
    with chat.audio.speech.with_streaming_response.create(
        model=SPEAKERS[1], voice="Kore", input=TEXT, response_format="flac", stream_format="sse"
    ) as response:
        lines = [line for line in response.iter_lines() if line.startswith("data: ")]
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    content = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert math.isclose(duration_and_rate("flac", content)[0], SECONDS, abs_tol=0.01)
    assert events[-1]["type"] == "speech.audio.done"
    assert events[-1]["usage"]["output_tokens"] == 50


def test_mistakes_are_errors_of_the_sdk(chat):
    with pytest.raises(openai.BadRequestError) as refused:
        chat.audio.speech.create(
            model="tts-1", voice="alloy", input=TEXT, response_format="midi"
        )
    assert refused.value.param == "response_format"


@pytest.fixture(scope="module")
def recording():
    """A second of something."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 16_000, 0, "NONE", ""))
        writer.writeframes(b"\x07\x01" * 16_000)
    return ("talk.wav", file.getvalue())


def transcribe(chat, recording, **options):
    return chat.audio.transcriptions.create(file=recording, **options)


@pytest.mark.parametrize("model", LISTENERS)
def test_speech_is_written_down(chat, recording, model):
    transcript = transcribe(chat, recording, model=model)
    assert transcript.text == HEARD
    assert transcript.usage.type == "tokens"
    assert transcript.usage.input_token_details.audio_tokens > 0


@pytest.mark.parametrize("model", LISTENERS)
def test_a_transcript_has_times(chat, recording, model):
    transcript = transcribe(chat, recording, model=model, response_format="verbose_json")
    assert (transcript.text, transcript.duration) == (HEARD, 1.0)
    assert [segment.text for segment in transcript.segments] == [HEARD[:12], HEARD[13:]]
    assert (transcript.segments[0].start, transcript.segments[0].end) == (0.0, 0.8)


def test_words_have_times(chat, recording):
    transcript = transcribe(
        chat,
        recording,
        model="whisper-1",
        response_format="verbose_json",
        timestamp_granularities=["word"],
    )
    assert [word.word for word in transcript.words[:2]] == ["Hello", "there."]
    assert transcript.words[1].start == 0.4


@pytest.mark.parametrize("model", LISTENERS)
def test_a_transcript_may_be_text_or_subtitles(chat, recording, model):
    options = {"model": model, "response_format": "text"}
    assert transcribe(chat, recording, **options) == HEARD + "\n"
    srt = transcribe(chat, recording, model=model, response_format="srt")
    assert srt.startswith("1\n00:00:00,000 --> 00:00:00,800\nHello there.\n\n2\n")
    vtt = transcribe(chat, recording, model=model, response_format="vtt")
    assert vtt.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:00.800\nHello there.\n\n")


@pytest.mark.parametrize("model", LISTENERS)
def test_a_transcript_tells_who_speaks(chat, recording, model):
    transcript = transcribe(chat, recording, model=model, response_format="diarized_json")
    assert [segment.speaker for segment in transcript.segments] == ["A", "B"]


@pytest.mark.parametrize("model", LISTENERS[1:])
def test_a_transcript_is_streamed(chat, recording, model):
    events = list(transcribe(chat, recording, model=model, stream=True))
    assert "".join(event.delta for event in events[:-1]) == HEARD
    assert (events[-1].type, events[-1].text) == ("transcript.text.done", HEARD)


def test_speech_is_translated(chat, recording):
    translated = chat.audio.translations.create(file=recording, model="whisper-1")
    assert translated.text == HEARD
    verbose = chat.audio.translations.create(
        file=recording, model="whisper-1", response_format="verbose_json"
    )
    assert (verbose.language, verbose.text) == ("english", HEARD)


def test_what_was_spoken_can_be_written_down(chat):
    speech = chat.audio.speech.create(
        model=SPEAKERS[2], voice="alloy", input=TEXT, response_format="opus"
    )
    transcript = transcribe(chat, ("speech.ogg", speech.content), model="whisper-1")
    assert transcript.text.startswith("Hello there. I am audio/ogg of ")
