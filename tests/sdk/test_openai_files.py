"""Files by the official `openai` package: kept as files of the Gemini API."""

import openai
import pytest

MODEL = "gemini-3.8-flash"


def test_a_file_is_uploaded_used_listed_and_deleted(chat, gateway):
    file = chat.files.create(file=("notes.txt", b"all there is to know"), purpose="user_data")
    assert file.id.startswith("file-")
    assert (file.bytes, file.filename, file.purpose) == (20, "notes.txt", "user_data")
    assert (file.status, file.expires_at - file.created_at) == ("processed", 172_800)
    for _ in range(4):
        content = [
            {"type": "file", "file": {"file_id": file.id}},
            {"type": "text", "text": "What is in it?"},
        ]
        answer = chat.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": content}]
        )
        assert answer.choices[0].message.content
        assert chat.files.retrieve(file.id).id == file.id
    content = [{"type": "input_file", "file_id": file.id}, {"type": "input_text", "text": "What?"}]
    answer = chat.responses.create(model=MODEL, input=[{"role": "user", "content": content}])
    assert answer.output_text
    assert file.id in [one.id for one in chat.files.list()]
    token = gateway.new_token("other-openai-files")
    other = openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=token, max_retries=0)
    assert file.id not in [one.id for one in other.files.list()]
    with pytest.raises(openai.NotFoundError):
        other.files.retrieve(file.id)
    assert chat.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        chat.files.retrieve(file.id)


def test_what_has_no_counterpart_says_so(chat):
    for ask in (
        lambda: chat.vector_stores.create(name="x"),
        lambda: chat.uploads.create(bytes=1, filename="x", mime_type="text/plain", purpose="user_data"),
    ):
        with pytest.raises(openai.NotFoundError):
            ask()
