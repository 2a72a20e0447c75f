"""Requests in great numbers, each with a number of its own, against a backend that goes wrong all the time.

The backend is storm_backend.c, the clients are storm_clients.py in processes of their own: they have to be faster than what
they test.
"""

import json
import os
import subprocess
import sys

from support import native

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class StormBackend:
    """plan: {fault: how many of 10,000}; see storm_fault.c."""

    def __init__(self, seed, requests_max, plan, late_ms=0, flap_ms=0):
        program = native.built("storm_backend", "storm_backend.c", "storm_answer.c", "storm_fault.c")
        self.process = subprocess.Popen(
            [program, str(seed), str(requests_max), str(late_ms), str(flap_ms),
             *[f"{name}={share}" for name, share in plan.items()]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        word, port = self.process.stdout.readline().split()
        assert word == "port"
        self.port = int(port)
        self.address = f"127.0.0.1:{port}"

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def report(self):
        """Ends it; what it counted, by name."""
        text = self.process.communicate(timeout=10)[0]
        assert self.process.returncode == 0, text
        return {name: int(value) for name, value in (line.split() for line in text.splitlines())}


class StormClients:
    """Client processes; each ends when it has its share of answers, after some seconds, or when it is told to."""

    def __init__(self, port, pki, seed, answers=None, processes=2, certificate=None, **settings):
        self.running = []
        identity = [pki.chain(certificate), pki.key(certificate)] if certificate else None
        for index in range(processes):
            wanted = {"port": port, "ca": pki.file("server-root"), "identity": identity, "seed": seed * 100 + index,
                      "answers": answers and answers // processes, "first": index + 1, "step": processes, **settings}
            self.running.append(subprocess.Popen([sys.executable, "-B", "-m", "support.storm_clients", json.dumps(wanted)],
                                                 cwd=TESTS, stdout=subprocess.PIPE, text=True))

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        for process in self.running:
            process.kill()
            process.wait()
            process.stdout.close()

    def stop(self):
        """They finish what they have begun."""
        for process in self.running:
            process.terminate()

    def result(self):
        """Waits for them; the sum of what they report."""
        total = {}
        for process in self.running:
            text = process.communicate()[0]
            assert process.returncode == 0, "a client process failed; see above"
            for name, value in json.loads(text).items():
                total[name] = total[name] + value if name in total else value
        return total


def run_clients(*arguments, **settings):
    """StormClients(…) to their end; what they report."""
    with StormClients(*arguments, **settings) as clients:
        return clients.result()
