"""What else exists in a project, by the official `google-genai` package: stores for file search,
interactions, agents and the like; and what its models make besides text.

Whatever goes to another key than the one that made it fails, as in test_google_files.py."""

import io

import pytest
from google.genai import errors, types

from conftest import gemini_client

MODEL = "gemini-3.8-flash"


@pytest.fixture(scope="session")
def other(gateway):
    """A client with a token of its own."""
    return gemini_client(gateway, token=gateway.new_token("other-resources"))


def refused(ask):
    """The status that an SDK's error tells."""
    with pytest.raises(Exception) as caught:
        ask()
    return getattr(caught.value, "code", None) or caught.value.status_code


def test_a_store_is_filled_searched_and_deleted(gemini, other):
    stores = gemini.file_search_stores
    store = stores.create(config={"display_name": "law"})
    text = {"mime_type": "text/plain"}
    filled = stores.upload_to_file_search_store(
        file=io.BytesIO(b"all laws"), file_search_store_name=store.name, config=text
    )
    assert filled.name.startswith(f"{store.name}/")
    file = gemini.files.upload(file=io.BytesIO(b"one more"), config=text)
    stores.import_file(file_search_store_name=store.name, file_name=file.name)
    search = types.FileSearch(file_search_store_names=[store.name])
    config = types.GenerateContentConfig(tools=[types.Tool(file_search=search)])
    for _ in range(4):
        assert gemini.models.generate_content(model=MODEL, contents="Which?", config=config).text
        assert stores.get(name=store.name).display_name == "law"
        list(stores.documents.list(parent=store.name))
        assert stores.documents.get(name=f"{store.name}/documents/d").name
    assert store.name in [one.name for one in stores.list()]
    assert store.name not in [one.name for one in other.file_search_stores.list()]
    for ask in (
        lambda: other.file_search_stores.get(name=store.name),
        lambda: other.file_search_stores.documents.get(name=f"{store.name}/documents/d"),
        lambda: other.file_search_stores.delete(name=store.name),
        lambda: other.models.generate_content(model=MODEL, contents="Which?", config=config),
    ):
        assert refused(ask) == 404
    stores.delete(name=store.name)
    with pytest.raises(errors.ClientError):
        stores.get(name=store.name)


@pytest.mark.parametrize("streamed", [False, True])
def test_interactions_go_on_where_they_began(gemini, other, streamed):
    last = gemini.interactions.create(model=MODEL, input="hello").id
    for _ in range(4):
        ask = {"model": MODEL, "input": "and?", "previous_interaction_id": last}
        assert refused(lambda ask=ask: other.interactions.create(**ask)) == 404
        if streamed:
            events = list(gemini.interactions.create(**ask, stream=True))
            assert events[-1].event_type == "interaction.completed"
            last = events[-1].interaction.id
        else:
            last = gemini.interactions.create(**ask).id
        assert gemini.interactions.get(last).id == last
    assert refused(lambda: other.interactions.get(last)) == 404
    assert gemini.interactions.cancel(last).status == "cancelled"
    gemini.interactions.delete(last)
    assert refused(lambda: gemini.interactions.get(last)) == 404


@pytest.mark.parametrize(
    ("family", "terms"),
    [
        ("agents", {"id": "mine", "base_agent": "antigravity"}),
        ("environments", {}),
        ("webhooks", {"name": "w", "uri": "https://a.test", "subscribed_events": ["batch.succeeded"]}),
    ],
)
def test_agents_and_the_like_are_their_makers(gemini, other, family, terms):
    mine, theirs = getattr(gemini, family), getattr(other, family)
    made = mine.create(**terms).name
    ident = made.split("/")[1]
    for _ in range(4):
        assert mine.get(ident).name == made
    assert made in [one.name for one in getattr(mine.list(), family)]
    assert made not in [one.name for one in getattr(theirs.list(), family) or []]
    assert refused(lambda: theirs.get(ident)) == 404
    assert refused(lambda: theirs.delete(ident)) == 404
    mine.delete(ident)
    assert refused(lambda: mine.get(ident)) == 404


def test_a_batch_of_embeddings(gemini, other):
    source = {"inlined_requests": {"contents": ["one", "two"]}}
    batch = gemini.batches.create_embeddings(model="gemini-embedding-2", src=source)
    for _ in range(4):
        batch = gemini.batches.get(name=batch.name)
    assert batch.state == types.JobState.JOB_STATE_SUCCEEDED
    gemini.batches.cancel(name=batch.name)
    with pytest.raises(errors.ClientError):
        other.batches.cancel(name=batch.name)


def test_a_model_is_tuned_for_whoever_asked(gemini, other):
    examples = [types.TuningExample(text_input="a", output="b")]
    job = gemini.tunings.tune(
        base_model=f"models/{MODEL}", training_dataset=types.TuningDataset(examples=examples)
    )
    for _ in range(4):
        assert gemini.tunings.get(name=job.name).name == job.name
    with pytest.raises(errors.ClientError):
        other.tunings.get(name=job.name)


def test_pictures_are_drawn(gemini):
    config = types.GenerateContentConfig(response_modalities=["TEXT", "IMAGE"])
    answer = gemini.models.generate_content(
        model="gemini-3.1-flash-image", contents="Draw a cat", config=config
    )
    [picture] = [part.inline_data for part in answer.candidates[0].content.parts if part.inline_data]
    assert picture.mime_type == "image/png"
    assert picture.data.startswith(b"\x89PNG")


def test_two_speakers_are_heard(gemini):
    def speaker(name, voice):
        prebuilt = types.PrebuiltVoiceConfig(voice_name=voice)
        config = types.VoiceConfig(prebuilt_voice_config=prebuilt)
        return types.SpeakerVoiceConfig(speaker=name, voice_config=config)

    voices = types.MultiSpeakerVoiceConfig(
        speaker_voice_configs=[speaker("Joe", "Kore"), speaker("Jane", "Puck")]
    )
    config = types.GenerateContentConfig(
        response_modalities=["AUDIO"],
        speech_config=types.SpeechConfig(multi_speaker_voice_config=voices),
    )
    answer = gemini.models.generate_content(
        model="gemini-2.5-flash-preview-tts", contents="Joe: Hi.\nJane: Hello.", config=config
    )
    sound = answer.candidates[0].content.parts[0].inline_data
    assert sound.mime_type.startswith("audio/L16")
    assert len(sound.data) > 10_000
