"""Files, caches and batches by the official `google-genai` package.

The gateway's first keys are dead or spent, and its good ones are in projects of their own: whatever
goes to another key than the one that made it fails."""

import io

import pytest
from google.genai import errors, types

from conftest import gemini_client

MODEL = "gemini-3.8-flash"


@pytest.fixture(scope="session")
def other(gateway):
    """A client with a token of its own."""
    return gemini_client(gateway, token=gateway.new_token("other-files"))


def upload(client, content=b"all there is to know", name="notes.txt"):
    config = types.UploadFileConfig(mime_type="text/plain", display_name=name)
    return client.files.upload(file=io.BytesIO(content), config=config)


def test_a_file_is_uploaded_used_listed_and_deleted(gemini, other):
    file = upload(gemini)
    assert file.name.startswith("files/")
    assert (file.display_name, file.size_bytes) == ("notes.txt", 20)
    assert file.state == types.FileState.ACTIVE
    for _ in range(4):
        answer = gemini.models.generate_content(model=MODEL, contents=[file, "What is in it?"])
        assert answer.text
        assert gemini.files.get(name=file.name).uri == file.uri
    assert file.name in [one.name for one in gemini.files.list()]
    assert file.name not in [one.name for one in other.files.list()]
    for refused in (
        lambda: other.files.get(name=file.name),
        lambda: other.files.delete(name=file.name),
        lambda: other.models.generate_content(model=MODEL, contents=[file, "What is in it?"]),
    ):
        with pytest.raises(errors.ClientError) as caught:
            refused()
        assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")
    gemini.files.delete(name=file.name)
    with pytest.raises(errors.ClientError):
        gemini.files.get(name=file.name)


def test_a_file_of_many_pieces_arrives_whole(gemini):
    # The SDK sends 8 MiB at a time.
    content = bytes(range(256)) * (70 * 1024)
    file = upload(gemini, content)
    assert file.size_bytes == len(content)
    gemini.files.delete(name=file.name)


def test_files_are_used_together(gemini):
    files = [upload(gemini, f"number {number}".encode()) for number in range(3)]
    answer = gemini.models.generate_content(model=MODEL, contents=[*files, "Compare them"])
    assert answer.text
    for file in files:
        gemini.files.delete(name=file.name)


def test_a_cache_is_made_used_changed_and_deleted(gemini, other):
    config = types.CreateCachedContentConfig(display_name="law", ttl="300s", contents=["All laws"])
    cache = gemini.caches.create(model=MODEL, config=config)
    for _ in range(4):
        config = types.GenerateContentConfig(cached_content=cache.name)
        assert gemini.models.generate_content(model=MODEL, contents="Which?", config=config).text
    update = types.UpdateCachedContentConfig(ttl="600s")
    assert gemini.caches.update(name=cache.name, config=update).name == cache.name
    assert cache.name in [one.name for one in gemini.caches.list()]
    assert cache.name not in [one.name for one in other.caches.list()]
    with pytest.raises(errors.ClientError):
        other.models.generate_content(model=MODEL, contents="Which?", config=config)
    gemini.caches.delete(name=cache.name)
    with pytest.raises(errors.ClientError):
        gemini.caches.get(name=cache.name)


def test_a_batch_is_followed_to_its_output(gemini, other):
    source = [{"contents": [{"parts": [{"text": "Hello"}], "role": "user"}]}]
    batch = gemini.batches.create(model=MODEL, src=source, config={"display_name": "night"})
    for _ in range(4):
        batch = gemini.batches.get(name=batch.name)
    assert batch.state == types.JobState.JOB_STATE_SUCCEEDED
    assert gemini.files.download(file=batch.dest.file_name)
    assert batch.name in [one.name for one in gemini.batches.list()]
    with pytest.raises(errors.ClientError):
        other.batches.get(name=batch.name)
    gemini.batches.delete(name=batch.name)
