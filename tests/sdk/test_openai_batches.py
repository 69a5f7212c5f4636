"""Batches by the official `openai` package: done by Google's batches."""

import json
import time

import openai
import pytest

MODEL = "gemini-3.8-flash"


def lines(requests, url="/v1/chat/completions"):
    each = (
        json.dumps({"custom_id": name, "method": "POST", "url": url, "body": body})
        for name, body in requests.items()
    )
    return ("\n".join(each)).encode()


def said(text):
    return {"model": MODEL, "messages": [{"role": "user", "content": text}]}


def make(client, content, endpoint="/v1/chat/completions"):
    file = client.files.create(file=("night.jsonl", content), purpose="batch")
    assert (file.purpose, file.bytes, file.filename) == ("batch", len(content), "night.jsonl")
    return client.batches.create(
        input_file_id=file.id,
        endpoint=endpoint,
        completion_window="24h",
        metadata={"of": "the night"},
    )


def wait_for(client, batch):
    end = time.monotonic() + 20
    while batch.status in ("validating", "in_progress", "finalizing") and time.monotonic() < end:
        batch = client.batches.retrieve(batch.id)
    return batch


def answers(client, file_id):
    return [json.loads(line) for line in client.files.content(file_id).text.splitlines()]


def test_chats_are_asked_over_night(chat):
    batch = make(chat, lines({"a": said("hello"), "b": said("good night")}))
    assert (batch.object, batch.endpoint) == ("batch", "/v1/chat/completions")
    assert batch.metadata == {"of": "the night"}
    done = wait_for(chat, batch)
    assert (done.status, done.error_file_id) == ("completed", None)
    assert (done.request_counts.total, done.request_counts.completed) == (2, 2)
    told = answers(chat, done.output_file_id)
    assert [line["custom_id"] for line in told] == ["a", "b"]
    for line, text in zip(told, ("hello", "good night")):
        assert (line["response"]["status_code"], line["error"]) == (200, None)
        answer = openai.types.chat.ChatCompletion.model_validate(line["response"]["body"])
        assert text in answer.choices[0].message.content
    assert batch.id in [one.id for one in chat.batches.list(limit=1)]
    assert chat.files.retrieve(done.output_file_id).purpose == "batch_output"


def test_embeddings_are_made_and_errors_have_a_file_of_their_own(chat):
    def wish(size):
        return {"model": "gemini-embedding-2", "input": "hello", "dimensions": size}

    content = lines({"good": wish(256), "bad": wish(1_000_000)}, "/v1/embeddings")
    done = wait_for(chat, make(chat, content, "/v1/embeddings"))
    assert (done.status, done.request_counts.failed) == ("completed", 1)
    [good] = answers(chat, done.output_file_id)
    made = openai.types.CreateEmbeddingResponse.model_validate(good["response"]["body"])
    assert (good["custom_id"], len(made.data[0].embedding)) == ("good", 256)
    [bad] = answers(chat, done.error_file_id)
    assert (bad["custom_id"], bad["response"]["status_code"]) == ("bad", 400)
    assert bad["response"]["body"]["error"]["message"]


def test_mistakes_are_named_by_line_and_field(chat):
    wrong = dict(said("hello"), messages=[{"role": "nobody", "content": "x"}])
    batch = make(chat, lines({"a": said("hello"), "b": wrong}))
    assert (batch.status, batch.output_file_id) == ("failed", None)
    [error] = batch.errors.data
    assert (error.line, error.param, error.code) == (2, "body.messages[0].role", "invalid_value")
    with pytest.raises(openai.ConflictError):
        chat.batches.cancel(batch.id)


def test_batches_are_their_makers_only(chat, gateway):
    batch = make(chat, lines({"a": said("hello")}))
    token = gateway.new_token("other-batches")
    other = openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=token, max_retries=0)
    with pytest.raises(openai.NotFoundError):
        other.batches.retrieve(batch.id)
    assert batch.id not in [one.id for one in other.batches.list()]
    with pytest.raises(openai.InternalServerError, match="not served"):
        chat.batches.create(
            input_file_id=batch.input_file_id,
            endpoint="/v1/responses",
            completion_window="24h",
        )
