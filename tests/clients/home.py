"""Where a client lives during a test: a home of its own, from which only the gateway is reached."""

import os
import pathlib
import subprocess
import sys

import gateway as processes

NODE_MODULES = pathlib.Path(os.environ.get("CLIENTS", "target/clients")).resolve() / "node_modules"
BINARIES = [NODE_MODULES / ".bin", pathlib.Path(sys.executable).parent]
RUNNERS = {
    "sh": ("sh", ["bash", "-eu"]),
    "js": ("mjs", ["node"]),
    "python": ("py", [sys.executable]),
}
# Whoever wants to talk to anybody else finds this door shut.
NO_WAY_OUT = {
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
}
SECONDS_TO_ANSWER = 90


class Home:
    """A home with the settings of one section of the page."""

    def __init__(self, folder, gateway, blocks):
        self.folder = folder
        self.gateway = gateway
        self.work = folder / "work"
        self.work.mkdir()
        # Modules are looked for beside and above the file that imports them.
        (folder / "node_modules").symlink_to(NODE_MODULES)
        self.settings = ""
        for block in blocks:
            text = self.made_real(block.text)
            if block.file:
                self.write(folder / block.file, text)
            elif block.language == "sh":
                self.settings += "".join(
                    f"{line}\n" for line in text.splitlines() if line.startswith("export ")
                )

    def made_real(self, text):
        """The page's example with this gateway's address and token."""
        text = text.replace("http://localhost:8000", self.gateway.url)
        return text.replace("sk-choose-a-long-one", processes.CLIENT_TOKEN)

    @staticmethod
    def write(file, text):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def paste(self, block):
        """Runs a block of the page; what it printed."""
        return self.run(block.language, self.made_real(block.text))

    def shell(self, command):
        """Runs a command with the settings of the page."""
        return self.run("sh", self.settings + command)

    def run(self, language, text, **environment):
        ending, runner = RUNNERS[language]
        script = self.folder / f"script.{ending}"
        self.write(script, text)
        path = ":".join([*map(str, BINARIES), os.environ["PATH"]])
        # The file's own extension tells node that it is a module.
        done = subprocess.run(
            [*runner, script],
            cwd=self.work,
            env={"PATH": path, "HOME": str(self.folder), "TERM": "dumb"} | NO_WAY_OUT | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_ANSWER,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout
