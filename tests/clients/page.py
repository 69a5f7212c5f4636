"""docs/clients.md as data: what it tells people to paste is what the tests run."""

import pathlib
import re
from typing import NamedTuple

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
FENCED = re.compile(r"(?:^`~/(?P<file>[^`]+)`.?\n\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)


class Block(NamedTuple):
    """Something to paste: into a file below the home, or into a shell or an editor."""

    file: str | None
    language: str
    text: str


def sections(name="clients.md"):
    """The page's sections by their titles."""
    _, *pieces = re.split(r"^## (.+)\n", (DOCS / name).read_text(), flags=re.M)
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def blocks(text):
    return [Block(**found.groupdict()) for found in FENCED.finditer(text)]
