"""A real browser without a screen: pages are opened in it, asked by JavaScript, and pictured."""

import base64
import json
import os
import shutil
import signal
import subprocess
import time

PROGRAM = "chromium"
SECONDS = 90
# In a container there is neither a sandbox nor a graphics card nor much of /dev/shm.
SWITCHES = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--no-proxy-server", "--hide-scrollbars")


def environment(folder):
    """A browser keeps what it likes; folder is all that it gets for it."""
    return {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}


def run(folder, *arguments, seconds=SECONDS):
    """One call of the program; what it printed."""
    done = subprocess.run([PROGRAM, *SWITCHES, *arguments], capture_output=True, text=True, timeout=seconds, check=False,
                          env=environment(folder))
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


class Browser:
    """Spoken to over a pipe in the protocol of its developers' tools: JSON, ended by NUL."""

    def __init__(self, folder, *switches):
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()
        self.folder = os.path.join(str(folder), "browser")

        def place_pipes():
            # Descriptors 3 and 4 are what the switch below means; they may lie on each other's places.
            moved = [os.dup(commands), os.dup(answers)]
            spare = [os.dup(each) for each in moved]
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)

        # pylint: disable=subprocess-popen-preexec-fn,consider-using-with
        self.process = subprocess.Popen(
            [PROGRAM, *SWITCHES, *switches, "--remote-debugging-pipe", f"--user-data-dir={self.folder}", "about:blank"],
            close_fds=False, preexec_fn=place_pipes, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment(folder), start_new_session=True)
        os.close(commands)
        os.close(answers)
        self.received = b""
        self.number = 0
        self.session = None
        self.complaints = []  # what the console and the log of the page said
        self.deadline = time.monotonic() + SECONDS

    def __enter__(self):
        target = next(each for each in self.command("Target.getTargets")["targetInfos"] if each["type"] == "page")
        self.session = self.command("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.command(f"{domain}.enable")
        return self

    def __exit__(self, *_unused):
        os.close(self.commands)
        os.close(self.answers)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def message(self):
        while b"\0" not in self.received:
            assert time.monotonic() < self.deadline, "the browser takes too long"
            part = os.read(self.answers, 1 << 20)
            assert part, "the browser has ended"
            self.received += part
        message, _, self.received = self.received.partition(b"\0")
        return json.loads(message)

    def note(self, event):
        if event.get("method") == "Log.entryAdded":
            self.complaints.append(event["params"]["entry"]["text"])
        elif event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(event["params"]["exceptionDetails"]))

    def command(self, method, **parameters):
        self.number += 1
        asked = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            asked["sessionId"] = self.session
        os.write(self.commands, json.dumps(asked).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                assert "error" not in message, message
                return message["result"]
            self.note(message)

    def open(self, url, width=1280, height=800):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.command("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def prefer(self, scheme):
        """light or dark"""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def without_script(self):
        self.command("Emulation.setScriptExecutionDisabled", value=True)

    def ask(self, expression):
        result = self.command("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def until(self, expression):
        """Waits for a claim about the page to become true."""
        while not self.ask(expression):
            assert time.monotonic() < self.deadline, f"never came true in the page: {expression}"
            time.sleep(0.05)

    def picture(self, path):
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))
