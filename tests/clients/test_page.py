"""The page is true: its examples run, its versions are those that are tried."""

import json
import pathlib
import re

import pytest

import page

HERE = pathlib.Path(__file__).parent
PACKAGES = {
    "Codex CLI": ["@openai/codex"],
    "Claude Code": ["@anthropic-ai/claude-code"],
    "Gemini CLI": ["@google/gemini-cli"],
    "openai for Python": ["openai"],
    "openai for Node": ["npm:openai"],
    "anthropic for Python": ["anthropic"],
    "google-genai for Python": ["google-genai"],
    "@google/genai for Node": ["@google/genai"],
    "LangChain for Python": ["langchain-openai", "langchain-google-genai", "langchain-anthropic"],
}
NEEDS_NODE = {"Codex CLI", "Claude Code", "Gemini CLI", "openai for Node", "@google/genai for Node"}


def pins():
    """The versions that are installed for the tests."""
    python = (HERE.parent / "sdk/requirements.txt").read_text()
    pinned = dict(re.findall(r"^([\w-]+)==(\S+)$", python, re.M))
    packages = json.loads((HERE / "package.json").read_text())["dependencies"]
    for name, version in packages.items():
        pinned[f"npm:{name}" if name in pinned else name] = version
    return pinned


def examples(title):
    blocks = page.blocks(page.sections()[title])
    return [block for block in blocks if block.file is None]


@pytest.mark.parametrize("title", ["curl", *PACKAGES])
def test_the_examples_run(request, home_with, title):
    if title in NEEDS_NODE:
        request.getfixturevalue("node")
    at_home = home_with(title)
    shown = examples(title)
    assert shown, "nothing to paste"
    for example in shown:
        assert "You said: " in at_home.paste(example)


@pytest.mark.parametrize("name", ["clients.md", "clients.zh-CN.md"])
def test_the_versions_are_those_that_are_tried(name):
    sections, pinned = page.sections(name), pins()
    for title, packages in PACKAGES.items():
        for package in packages:
            assert pinned[package] in sections[title], f"{name}, {title}: {package}"


def test_both_languages_show_the_same():
    english, chinese = page.sections(), page.sections("clients.zh-CN.md")
    assert list(english)[:-1] == list(chinese)[:-1]
    for title in list(english)[:-1]:
        assert page.blocks(english[title]) == page.blocks(chinese[title]), title
