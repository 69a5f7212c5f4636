"""The gateway and the simulated Google as processes, as an operator would run them."""

import base64
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
GATEWAY = os.environ.get("GEMINI_BALANCE_BIN", ROOT / "target/debug/gemini-balance")
GOOGLE = os.environ.get("FAKE_GEMINI_BIN", ROOT / "target/debug/fake-gemini")

CLIENT_TOKEN = "sdk-tests-client-token-4f1c"
ADMIN_PASSWORD = "sdk-tests-admin-password-9d2e"
SECONDS_TO_START = 30


def pool_key(name):
    """A key as Google makes them: AIza and 35 characters."""
    return "AIzaSy" + name.ljust(33, "0")


GOOD = [pool_key(name) for name in ("GoodOne", "GoodTwo", "GoodThree")]
INVALID = [pool_key(name) for name in ("InvalidOne", "InvalidTwo", "InvalidThree")]
SUSPENDED = [pool_key(name) for name in ("SuspendedOne", "SuspendedTwo")]
# Over their daily quota.
SPENT = [pool_key(name) for name in ("SpentOne", "SpentTwo")]
DEAD = INVALID + SUSPENDED
# Dead and spent ones first, so that no test passes because a good key happened to come first.
EVERY_KEY = DEAD + SPENT + GOOD

PLANS = (
    {key: "valid" for key in GOOD}
    | {key: "invalid" for key in INVALID}
    | {key: "suspended" for key in SUSPENDED}
    | {key: "error:q_rpd_free" for key in SPENT}
)


def fetch(url, method="GET", headers=None):
    """Status and body, whatever the status."""
    request = urllib.request.Request(url, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Google:
    """A running fake-gemini."""

    def __init__(self, url):
        self.url = url

    def _ask(self, path, method="GET"):
        return json.loads(fetch(f"{self.url}/_fake/{path}", method)[1])

    def calls_by_key(self):
        return self._ask("calls")["byKey"]

    def calls_by_key_and_model(self):
        pairs = self._ask("calls")["byKeyAndModel"]
        return {(pair["key"], pair["model"]): pair["calls"] for pair in pairs}

    def received(self):
        return self._ask("received")

    def last_body(self):
        """What the last answered request of a model looked like."""
        return next(seen["body"] for seen in reversed(self.received()) if seen["status"] == 200)

    def forget(self):
        self._ask("forget", "POST")


def signature_of(call_id):
    """The signature that fake-gemini gave to a call, by the number in its id."""
    number = call_id.split("-")[1]
    words = f"a signature of the simulated Google, number {number}"
    return base64.b64encode(words.encode()).decode()


class Gateway:
    """A running gemini-balance with a Google behind it."""

    def __init__(self, url, google, folder, environment):
        self.url = url
        self.google = google
        self.folder = folder
        self.environment = environment

    def new_token(self, name, *arguments):
        """A client token that the gateway knows, made by the command line."""
        made = subprocess.run(
            [str(GATEWAY), "tokens", "create", name, *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        token = made.stdout.strip()
        headers = {"Authorization": f"Bearer {token}"}
        deadline = time.monotonic() + SECONDS_TO_START
        # Nothing of this is counted; a token that is not valid is told to be just that.
        while b"is not valid" in fetch(f"{self.url}/v1/responses/none", headers=headers)[1]:
            assert time.monotonic() < deadline, "the token is not taken up"
            time.sleep(0.05)
        return token

    @property
    def output(self):
        return (self.folder / "gateway.log").read_text(errors="replace")


@contextlib.contextmanager
def running_google(plans, *options):
    keys = [argument for key, plan in plans.items() for argument in ("--key", f"{key}={plan}")]
    command = [str(GOOGLE), "--listen", "127.0.0.1:0", "--keep", "1000", *keys, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        announced = process.stdout.readline()
        assert "listens at " in announced, f"fake-gemini did not start: {announced!r}"
        yield Google(announced.split("listens at ")[1].strip())
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def running_gateway(google, folder, keys, **settings):
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LISTEN": f"127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite://{folder}/gemini-balance.db",
        "BASE_URL": f"{google.url}/v1beta",
        "API_KEYS": json.dumps(keys),
        "ALLOWED_TOKENS": json.dumps([CLIENT_TOKEN]),
        "AUTH_TOKEN": ADMIN_PASSWORD,
        "LOG_FORMAT": "json",
    } | settings
    url = f"http://127.0.0.1:{port}"
    with open(folder / "gateway.log", "ab") as log:
        process = subprocess.Popen(
            [str(GATEWAY)], env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )
        gateway = Gateway(url, google, folder, environment)
        try:
            wait_until_ready(gateway, process)
            yield gateway
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0, f"no orderly stop:\n{gateway.output}"
        finally:
            process.kill()
            process.wait(10)


def wait_until_ready(gateway, process):
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        assert process.poll() is None, f"gemini-balance stopped:\n{gateway.output}"
        with contextlib.suppress(OSError):
            if fetch(f"{gateway.url}/readyz")[0] == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"gemini-balance is not ready after {SECONDS_TO_START} s:\n{gateway.output}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
