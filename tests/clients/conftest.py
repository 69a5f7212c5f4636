import shutil
import subprocess

import pytest

import gateway as processes
import home
import page

OLDEST_NODE = 22


@pytest.fixture(scope="session")
def google():
    with processes.running_google({key: "valid" for key in processes.GOOD}) as google:
        yield google


@pytest.fixture(scope="session")
def gateway(google, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gateway")
    with processes.running_gateway(google, folder, processes.GOOD) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def node():
    """Passes over what cannot be installed here, and says why."""
    if not home.NODE_MODULES.is_dir():
        pytest.skip("the npm packages are not installed")
    path = ":".join(map(str, home.BINARIES))
    found = shutil.which("node", path=path) or shutil.which("node")
    version = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
    if int(version.strip("v\n").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"Node {version.strip()} is too old: {OLDEST_NODE} is needed")


@pytest.fixture
def home_with(gateway, tmp_path):
    """A home with the settings that the page shows for a client."""
    gateway.google.forget()

    def make(title):
        return home.Home(tmp_path, gateway, page.blocks(page.sections()[title]))

    return make
