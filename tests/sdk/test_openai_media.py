"""Embeddings and images by the official `openai` package."""

import base64
import io
import math
import struct
import urllib.request
import zlib

import openai
import pytest
from langchain_openai import OpenAIEmbeddings

import gateway as processes

EMBEDDING = "gemini-embedding-2"


def size(png):
    """Width and height of a picture that is whole: every checksum fits, every line is there."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, pixels, sides = 8, b"", None
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        data = png[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert zlib.crc32(kind + data) == checksum
        if kind == b"IHDR":
            sides = struct.unpack(">II", data[:8])
        pixels += data if kind == b"IDAT" else b""
        at += 12 + length
    assert len(zlib.decompress(pixels)) == (sides[0] + 1) * sides[1]
    return sides


# -- embeddings ----------------------------------------------------------------


def test_float_and_base64_are_the_same_numbers(chat):
    # The SDK asks for base64 by itself where no format is named.
    by_itself = chat.embeddings.create(model=EMBEDDING, input=["hello", "world"], dimensions=768)
    floats = chat.embeddings.create(
        model=EMBEDDING, input=["hello", "world"], dimensions=768, encoding_format="float"
    )
    assert by_itself.model == floats.model == EMBEDDING
    assert by_itself.usage.prompt_tokens == by_itself.usage.total_tokens > 0
    for index, (one, other) in enumerate(zip(by_itself.data, floats.data, strict=True)):
        assert one.index == other.index == index
        assert len(one.embedding) == 768
        assert one.embedding == pytest.approx(other.embedding, abs=1e-7)
        assert math.sqrt(sum(value * value for value in one.embedding)) == pytest.approx(1, abs=1e-4)
    assert by_itself.data[0].embedding != by_itself.data[1].embedding


def test_names_of_openai_have_their_lengths(chat):
    for model, length in [("text-embedding-3-small", 1536), ("text-embedding-3-large", 3072)]:
        answer = chat.embeddings.create(model=model, input="hello")
        assert len(answer.data[0].embedding) == length


def test_many_inputs_keep_their_order(chat):
    inputs = [f"text {number % 5}" for number in range(230)]
    data = chat.embeddings.create(model=EMBEDDING, input=inputs, dimensions=16).data
    assert [entry.index for entry in data] == list(range(230))
    assert all(data[index].embedding == data[index % 5].embedding for index in range(230))


def test_tokens_are_refused_and_google_is_told_what_texts_are_for(chat, google):
    with pytest.raises(openai.BadRequestError) as refused:
        chat.embeddings.create(model=EMBEDDING, input=[1, 2, 3])
    assert refused.value.param == "input"
    extra = {"task_type": "RETRIEVAL_DOCUMENT", "title": "T"}
    chat.embeddings.create(model=EMBEDDING, input="hello", extra_body=extra)
    request = google.last_body()["requests"][0]
    assert (request["taskType"], request["title"]) == ("RETRIEVAL_DOCUMENT", "T")


def test_langchain_embeds_texts(gateway):
    embeddings = OpenAIEmbeddings(
        model=EMBEDDING,
        base_url=f"{gateway.url}/v1",
        api_key=processes.CLIENT_TOKEN,
        check_embedding_ctx_length=False,
    )
    first, second = embeddings.embed_documents(["hello", "world"])
    assert len(first) == len(second) == 3072
    assert embeddings.embed_query("hello") == pytest.approx(first)


# -- images --------------------------------------------------------------------


def test_pictures_are_generated(chat):
    answer = chat.images.generate(model="gpt-image-1", prompt="a cat", size="1024x1536", n=2)
    assert len(answer.data) == 2
    for picture in answer.data:
        assert size(base64.b64decode(picture.b64_json)) == (16, 24)
    assert answer.output_format == "png"
    assert answer.usage.output_tokens_details.image_tokens == 2 * 1290


def test_pictures_by_url_can_be_fetched(chat):
    answer = chat.images.generate(model="dall-e-3", prompt="a cat", size="1792x1024")
    url = answer.data[0].url
    with urllib.request.urlopen(url, timeout=10) as fetched:
        assert fetched.headers["content-type"] == "image/png"
        assert size(fetched.read()) == (256, 144)


def test_pictures_are_edited(chat, png, google):
    files = [io.BytesIO(png), io.BytesIO(png)]
    for number, file in enumerate(files):
        file.name = f"{number}.png"
    answer = chat.images.edit(model="gpt-image-1", image=files, prompt="blue", size="1024x1024")
    assert size(base64.b64decode(answer.data[0].b64_json)) == (8, 8)
    parts = google.last_body()["contents"][0]["parts"]
    assert base64.b64decode(parts[1]["inlineData"]["data"]) == png
    assert parts[2]["text"] == "blue"
    file = io.BytesIO(png)
    file.name = "mask.png"
    with pytest.raises(openai.BadRequestError) as refused:
        chat.images.edit(model="gpt-image-1", image=files[0], mask=file, prompt="blue")
    assert (refused.value.param, refused.value.code) == ("mask", "unsupported_parameter")


def test_pictures_are_streamed(chat):
    with chat.images.generate(model="gpt-image-1", prompt="a cat", stream=True) as stream:
        events = list(stream)
    assert [event.type for event in events] == ["image_generation.completed"]
    assert size(base64.b64decode(events[0].b64_json)) == (1, 1)
    assert events[0].usage.total_tokens > 0


def test_what_is_not_drawn_is_not_found(chat, png):
    with pytest.raises(openai.NotFoundError):
        chat.images.create_variation(image=io.BytesIO(png))
