"""Vertex AI in express mode with the official `google-genai` package through the gateway."""

import pytest
from google import genai
from google.genai import errors, types

import gateway as processes

MODEL = "gemini-2.5-flash"
GOOD = processes.pool_key("VertexGood")
DEAD = processes.pool_key("VertexDead")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """One key that works behind one that is dead, and one for the Gemini API."""
    vertex = ["--vertex-key", GOOD, "--vertex-key", f"{DEAD}=suspended"]
    with processes.running_google({processes.GOOD[0]: "valid"}, *vertex) as google:
        folder = tmp_path_factory.mktemp("vertex")
        settings = {
            "VERTEX_API_KEYS": f"{DEAD},{GOOD}",
            "VERTEX_EXPRESS_BASE_URL": f"{google.url}/v1beta1/publishers/google",
        }
        with processes.running_gateway(google, folder, processes.GOOD[:1], **settings) as gateway:
            yield gateway


@pytest.fixture(params=[True, False], ids=["vertex", "gemini"])
def client(house, request):
    """The SDK in its own mode for Vertex AI, and as for the Gemini API."""
    options = types.HttpOptions(
        base_url=f"{house.url}/vertex-express",
        api_version=None if request.param else "v1beta",
        timeout=30_000,
    )
    return genai.Client(
        vertexai=request.param, api_key=processes.CLIENT_TOKEN, http_options=options
    )


def test_answers_come_from_vertex_ai(client, house):
    house.google.forget()
    answer = client.models.generate_content(model=MODEL, contents="Hello")
    assert answer.text == "You said: Hello"
    assert answer.usage_metadata.total_token_count > 0
    chunks = list(client.models.generate_content_stream(model=MODEL, contents="Hello again"))
    assert "".join(chunk.text or "" for chunk in chunks) == "You said: Hello again"
    assert client.models.count_tokens(model=MODEL, contents="Hello").total_tokens > 0
    assert house.google.calls_by_key().keys() <= {GOOD, DEAD}
    paths = {seen["path"].rsplit("/", 1)[0] for seen in house.google.received()}
    assert paths == {"/v1beta1/publishers/google/models"}


def test_errors_are_googles(client):
    with pytest.raises(errors.ClientError) as refused:
        client.models.generate_content(model="gemini-none", contents="Hello")
    assert (refused.value.code, refused.value.status) == (404, "NOT_FOUND")


def test_models_are_listed(house):
    options = types.HttpOptions(base_url=f"{house.url}/vertex-express", api_version="v1beta")
    client = genai.Client(api_key=processes.CLIENT_TOKEN, http_options=options)
    assert any(model.name == f"models/{MODEL}" for model in client.models.list())
