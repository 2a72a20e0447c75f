"""The gateway itself: its configuration, its process, its log, and the promises that hold at the end of every test."""

import json
import os
import re
import signal
import subprocess

from support import ports, wait
from support.authority import ROOT

BINARY = os.path.join(ROOT, os.environ.get("SALLYPORT", "build/sallyport"))

# Descriptors that the program finds open; see service.pass_sockets().
PASSED = []


def memory_scale():
    """A sanitizer keeps shadows of memory: what is measured of it then counts for little."""
    with open(BINARY, "rb") as file:
        program = file.read()
    return 8 if b"__asan_init" in program or b"__tsan_init" in program else 1


MEMORY_SCALE = memory_scale() if os.path.exists(BINARY) else 1

# None of these may ever be printed, whatever the peers did.
ALARMS = re.compile(r"internal error at |AddressSanitizer|LeakSanitizer|ThreadSanitizer|MemorySanitizer|runtime error:")

# Lines `counter NAME VALUE`, printed on SIGUSR2. What must be so when every client has left.
COUNTER = re.compile(r"^(?:\S+Z )?counter (\S+) (-?\d+)$", re.M)
LAST_COUNTER = "end"


# A key belongs to the certificate before it, a passphrase to its key: they take turns.
TAKING_TURNS = ("certificate", "certificate_key", "certificate_key_passphrase_file")


def as_list(value):
    return value if isinstance(value, list) else [value]


def lines_of(settings):
    turns = [as_list(settings[key]) for key in TAKING_TURNS if key in settings]
    rows = max(map(len, turns), default=0)
    for row in range(rows):
        for key in TAKING_TURNS:
            values = as_list(settings.get(key))
            yield key, values[row] if row < len(values) else None
    for key, value in settings.items():
        if key not in TAKING_TURNS:
            yield from ((key, each) for each in as_list(value))


def ini_text(sections):
    """sections: (title, {key: value}); a list as value repeats the key, None leaves it out."""
    lines = []
    for title, settings in sections:
        lines.append(f"[{title}]")
        lines += [f"{key} = {value}" for key, value in lines_of(settings) if value is not None]
        lines.append("")
    return "\n".join(lines)


def run_command(*arguments, cwd=None, seconds=20):
    """A sub-command to its end; what it printed on either stream is in output."""
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=seconds, cwd=cwd, check=False,
                          env={**os.environ, "NO_COLOR": "1"}, pass_fds=PASSED)
    done.output = done.stdout + done.stderr
    assert not ALARMS.search(done.output), done.output
    assert done.returncode >= 0, f"killed by signal {-done.returncode}: {done.output}"
    return done


class Gateway:
    """`sallyport run` in a folder of its own. port is that of the first listener."""

    def __init__(self, folder, sections, ready_ports):
        self.folder = folder
        self.config = os.path.join(folder, "gateway.ini")
        self.log_path = os.path.join(folder, "access.log")
        self.stderr_path = os.path.join(folder, "stderr.txt")
        self.messages_path = self.stderr_path   # a test that moves error_log says so
        self.ports = ready_ports
        self.port = ready_ports[0]
        self.exit_status = None
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(ini_text(sections))
        with open(self.stderr_path, "wb") as stderr:
            # Freed memory that the address sanitizer holds back would look like growth.
            options = f"quarantine_size_mb=8:{os.environ.get('ASAN_OPTIONS', '')}"
            self.process = subprocess.Popen([BINARY, "run", "-c", self.config], stdin=subprocess.DEVNULL, stdout=stderr,
                                            stderr=stderr, cwd=folder, env={**os.environ, "ASAN_OPTIONS": options},
                                            pass_fds=PASSED)
        try:
            wait.until(self.is_ready, "the gateway, listening,")
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the gateway ended with {self.process.returncode} instead of starting:\n"
                                 f"{self.stderr()}\n{open(self.config, encoding='utf-8').read()}")
        return all(ports.is_listening(port) for port in self.ports)

    def is_running(self):
        return self.process.poll() is None

    def stderr(self):
        with open(self.stderr_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    # ------------------------------------------------------------------------------------ access log

    def records(self):
        """Every whole line of the access log."""
        if not os.path.exists(self.log_path):
            return []
        with open(self.log_path, encoding="utf-8") as file:
            lines = file.read().split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def record(self, what="", **wanted):
        """The first record with these values, waited for: the log is written behind the traffic."""
        def find():
            for record in self.records():
                if all(str(record.get(key)) == str(value) for key, value in wanted.items()):
                    return record
            return None

        try:
            return wait.until(find, "the record")
        except AssertionError:
            raise AssertionError(f"no log record with {wanted} {what}; the last are {self.records()[-3:]}") from None

    def record_of(self, client):
        return self.record(clientPort=client.port)

    # -------------------------------------------------------------------------------- looking inside

    def counters(self):
        """What SIGUSR2 prints; a name that several workers print is added up."""
        start = os.path.getsize(self.messages_path)
        self.process.send_signal(signal.SIGUSR2)

        def printed():
            if not self.is_running():
                raise AssertionError(f"SIGUSR2 ended the gateway with {self.process.returncode}:\n{self.stderr()}")
            with open(self.messages_path, "rb") as file:
                file.seek(start)
                pairs = COUNTER.findall(file.read().decode(errors="replace"))
            found = {}
            for name, value in pairs:
                found[name] = found.get(name, 0) + int(value)
            return found if LAST_COUNTER in found else None

        return wait.until(printed, "the counters on SIGUSR2")

    def check_calm(self):
        """Once the clients have left, nothing of them is left: called at the end of every test."""
        seen = {}

        def is_calm():
            seen.clear()
            seen.update(self.counters())
            return (seen["connections_accepted"] == seen["connections_closed"]
                    and seen["exchanges_open"] == 0 and seen["buffers_lent"] == 0)

        try:
            wait.until(is_calm, "balance")
        except AssertionError as error:
            raise AssertionError(f"clients left, yet {seen} ({error})") from None
        self.check_silence()

    def check_silence(self):
        alarm = ALARMS.search(self.stderr())
        assert not alarm, f"the gateway printed {alarm.group()!r}:\n{self.stderr()[-8000:]}"

    def status_field(self, name):
        """Of /proc/PID/status, in bytes for sizes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            value = next(line.split(":")[1].split() for line in file if line.startswith(name + ":"))
        return int(value[0]) * (1024 if value[1:] == ["kB"] else 1)

    def resident_bytes(self):
        return self.status_field("VmRSS") // MEMORY_SCALE

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # ------------------------------------------------------------------------------------- stopping

    def signal(self, number):
        self.process.send_signal(number)

    def wait_for_exit(self, seconds=wait.PATIENCE_SECONDS):
        try:
            self.exit_status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running after {seconds:g} s:\n{self.stderr()[-4000:]}") from None
        return self.exit_status

    def stop(self):
        """SIGTERM to a gateway without clients; it must leave at once, silently and with 0."""
        if self.exit_status is None:
            self.signal(signal.SIGTERM)
            self.wait_for_exit()
        self.check_silence()
        assert self.exit_status == 0, f"exit status {self.exit_status}:\n{self.stderr()[-8000:]}"

    def kill(self):
        if self.is_running():
            self.process.kill()
        self.process.wait()
