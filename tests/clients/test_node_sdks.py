"""The official Node packages: one conversation with a tool each, streamed."""

import json
import pathlib

import pytest

import gateway as processes

pytestmark = pytest.mark.usefixtures("node")

HERE = pathlib.Path(__file__).parent
ANSWER = " ".join(
    f'The tool get_weather answered {{"output":"{degrees}"}}.'
    for degrees in ("3 degrees", "21 degrees")
)


def test_openai_in_both_its_apis(home_with, gateway):
    environment = {"OPENAI_BASE_URL": f"{gateway.url}/v1", "OPENAI_API_KEY": processes.CLIENT_TOKEN}
    script = (HERE / "openai.mjs").read_text()
    said = home_with("openai for Node").run("js", script, **environment)
    assert json.loads(said) == {"chat": ANSWER, "responses": ANSWER}


def test_google_genai(home_with, gateway):
    environment = {"GATEWAY": gateway.url, "GEMINI_API_KEY": processes.CLIENT_TOKEN}
    script = (HERE / "genai.mjs").read_text()
    assert home_with("@google/genai for Node").run("js", script, **environment).strip() == ANSWER
