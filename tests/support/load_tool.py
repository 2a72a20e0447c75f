"""sallyport-load as a process: its exit status, what it printed, and the JSON of its result."""

import json
import subprocess

from support.gateway import ALARMS, BINARY

PROGRAM = BINARY + "-load"


class Result:
    def __init__(self, done):
        self.status, self.text, self.complaint = done.returncode, done.stdout, done.stderr
        self.json = json.loads(done.stdout) if done.stdout.startswith("{") else None

    def __repr__(self):
        return f"exit status {self.status}\n{self.text}\n{self.complaint}"

    def measure(self, name):
        return self.json["measures"][name]

    def errors(self):
        """{kind: how many}"""
        return {kind: found["count"] for kind, found in self.json["errors"].items()}


def run(*arguments, seconds=50):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=seconds, check=False)
    output = done.stdout + done.stderr
    assert not ALARMS.search(output), output
    assert done.returncode >= 0, f"killed by signal {-done.returncode}: {output}"
    return Result(done)


def url(gateway, path="/status/200"):
    return f"https://127.0.0.1:{gateway.port}{path}"


def identity(pki, name="good"):
    return ["--cert", pki.chain(name), "--key", pki.key(name)]


def load(mode, gateway, *arguments, path="/status/200", seconds=50):
    """A run whose result is wanted as JSON; seconds: how long it may take altogether."""
    return run(mode, "--json", "--quiet", *arguments, url(gateway, path), seconds=seconds)
