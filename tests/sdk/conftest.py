import base64
import struct
import zlib

import openai
import pytest
from google import genai
from google.genai import types

import gateway as processes


def pytest_sessionstart():
    for binary in (processes.GATEWAY, processes.GOOGLE):
        if not processes.pathlib.Path(binary).exists():
            pytest.exit(f"{binary} is missing: run `cargo build --workspace` first", returncode=2)


@pytest.fixture(scope="session")
def google():
    with processes.running_google(processes.PLANS) as google:
        yield google


@pytest.fixture(scope="session")
def gateway(google, tmp_path_factory):
    """Three good keys behind seven that are dead or spent."""
    folder = tmp_path_factory.mktemp("gateway")
    with processes.running_gateway(google, folder, processes.EVERY_KEY) as gateway:
        yield gateway
    assert_no_secrets(folder)


def assert_no_secrets(folder):
    """No key, token or password in clear, in whatever the gateway wrote."""
    secrets = [*processes.EVERY_KEY, processes.CLIENT_TOKEN, processes.ADMIN_PASSWORD]
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            found = [secret for secret in secrets if secret.encode() in content]
            assert not found, f"{file} holds {found}"


@pytest.fixture(scope="session")
def chat(gateway):
    """OpenAI's client without its own retries: a failure that it would hide fails the test."""
    return openai.OpenAI(
        base_url=f"{gateway.url}/v1", api_key=processes.CLIENT_TOKEN, max_retries=0, timeout=30
    )


@pytest.fixture(scope="session", params=["default", "v1beta"])
def gemini(gateway, request):
    """Google's client, with the API version that it chooses itself and with v1beta."""
    version = None if request.param == "default" else request.param
    return gemini_client(gateway, version)


def gemini_client(gateway, version=None, token=processes.CLIENT_TOKEN):
    options = types.HttpOptions(base_url=gateway.url, api_version=version, timeout=30_000)
    return genai.Client(api_key=token, http_options=options)


@pytest.fixture(scope="session")
def png():
    """A red square of 8 × 8."""

    def chunk(kind, data):
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    rows = b"".join(b"\x00" + b"\xff\x00\x00" * 8 for _ in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture(scope="session")
def png_url(png):
    return "data:image/png;base64," + base64.b64encode(png).decode()


@pytest.fixture(scope="session")
def pdf():
    """An empty page."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )
