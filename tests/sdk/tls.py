"""TLS in front of the gateway, as a reverse proxy adds it: Google's SDK opens WebSockets with it only."""

import asyncio
import contextlib
import ssl
import subprocess
import threading


@contextlib.contextmanager
def in_front_of(port, folder):
    """The port that speaks TLS, and the context that trusts it."""
    certificate, key = folder / "tls.pem", folder / "tls.key"
    names = "subjectAltName=IP:127.0.0.1"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj"]
        + ["/CN=gateway", "-addext", names, "-out", certificate, "-keyout", key],
        check=True,
        capture_output=True,
    )
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(certificate, key)
    loop = asyncio.new_event_loop()

    async def pass_on(reader, writer):
        with contextlib.suppress(OSError):
            their_reader, their_writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(copy(reader, their_writer), copy(their_reader, writer))

    server = loop.run_until_complete(
        asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=server_context)
    )
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        trusting = ssl.create_default_context(cafile=certificate)
        yield server.sockets[0].getsockname()[1], trusting
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def copy(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()
