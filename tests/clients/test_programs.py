"""Codex CLI, Claude Code and Gemini CLI: each uses a tool of its own through the gateway."""

import json

import pytest

pytestmark = pytest.mark.usefixtures("node")

NOTE = "the word is walrus"


def dictate(name, **arguments):
    """Words that make the simulated model call a tool; in quotes for a shell."""
    return f"'Call {name} with {json.dumps(arguments)}'"


def events(output):
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def last_result(gateway):
    """The result of a tool in the newest request that came to Google."""
    parts = gateway.google.last_body()["contents"][-1]["parts"]
    return [part["functionResponse"] for part in parts if "functionResponse" in part]


def test_codex_runs_a_command(home_with, gateway):
    codex = home_with("Codex CLI")
    # Not every machine lets Codex build its sandbox; the command is ours.
    command = "codex exec --skip-git-repo-check --json --sandbox danger-full-access "
    seen = events(codex.shell(command + dictate("exec_command", cmd=f"echo {NOTE}")))
    items = [event["item"] for event in seen if event["type"] == "item.completed"]
    ran = next(item for item in items if item["type"] == "command_execution")
    assert (ran["aggregated_output"], ran["exit_code"]) == (f"{NOTE}\n", 0)
    assert items[-1]["type"] == "agent_message"
    assert items[-1]["text"].startswith("The tool exec_command answered")
    assert NOTE in last_result(gateway)[0]["response"]["output"]
    assert seen[-1]["type"] == "turn.completed" and seen[-1]["usage"]["output_tokens"] > 0


def test_claude_code_reads_a_file(home_with, gateway):
    claude = home_with("Claude Code")
    claude.write(claude.work / "note.txt", NOTE)
    command = "claude --verbose --output-format stream-json -p "
    seen = events(claude.shell(command + dictate("Read", file_path=str(claude.work / "note.txt"))))
    result = seen[-1]
    assert (result["type"], result["is_error"], result["num_turns"]) == ("result", False, 2)
    assert result["result"].startswith("The tool Read answered") and NOTE in result["result"]
    assert NOTE in last_result(gateway)[0]["response"]["output"]


def test_gemini_cli_reads_a_file(home_with, gateway):
    gemini = home_with("Gemini CLI")
    gemini.write(gemini.work / "note.txt", NOTE)
    command = "gemini --skip-trust --model gemini-3.8-flash --output-format stream-json --prompt "
    seen = events(gemini.shell(command + dictate("read_file", file_path="note.txt")))
    kinds = [event["type"] for event in seen]
    assert kinds.index("tool_use") < kinds.index("tool_result") < kinds.index("result")
    said = [event["content"] for event in seen if event.get("role") == "assistant"]
    assert "".join(said).startswith("The tool read_file answered")
    assert last_result(gateway)[0]["response"]["output"].strip() == NOTE
    assert seen[-1]["status"] == "success"
