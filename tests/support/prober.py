"""A good client in a process of its own, so that what it waits for is the gateway and not the test around it.

    with Prober(gateway.port, pki, certificate="good") as prober: …
    prober.times     seconds of TCP + TLS handshake, of each new connection; prober.whole: with request and answer
    prober.failures  what went wrong instead
"""

import json
import subprocess
import sys
import time


class Prober:
    """Asks on a new connection every `pause` seconds until the block ends."""

    def __init__(self, port, pki, certificate=None, pause=0.01):
        self.settings = {"port": port, "ca": pki.file("server-root"), "pause": pause,
                         "identity": [pki.chain(certificate), pki.key(certificate)] if certificate else None}
        self.times, self.whole, self.failures = [], [], []

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, __file__, json.dumps(self.settings)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdout.readline()  # its first answer is there: it runs
        return self

    def __exit__(self, *_unused):
        told, _nothing = self.process.communicate()
        self.times, self.whole, self.failures = json.loads(told)

    def percentile(self, share):
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * share))]

    def told(self):
        """For the messages of failed tests."""
        middle, late, worst = self.percentile(0.5) * 1e3, self.percentile(0.99) * 1e3, max(self.whole) * 1e3
        return (f"{len(self.times)} handshakes, p50 {middle:.1f} ms, p99 {late:.1f} ms, worst answer {worst:.1f} ms, "
                f"failures {self.failures[:3]}")


def _ask(context, settings):
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", settings["port"]), 10) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with context.wrap_socket(plain, server_hostname="localhost") as sock:
            shaken = time.monotonic()
            sock.sendall(b"GET /status/200 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while part := sock.recv(4096):
                answer += part
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise OSError(f"answer {answer[:40]!r}")
    return shaken - start, time.monotonic() - start


def _run(settings):
    context = ssl.create_default_context(cafile=settings["ca"])
    if settings["identity"]:
        context.load_cert_chain(*settings["identity"])
    times, whole, failures = [], [], []
    while not times or not select.select([sys.stdin], [], [], settings["pause"])[0]:
        try:
            shaken, done = _ask(context, settings)
            times.append(shaken)
            whole.append(done)
        except OSError as error:
            failures.append(repr(error))
        if len(times) + len(failures) == 1:
            print(flush=True)
        if len(failures) > 100:
            break
    print(json.dumps([times, whole, failures]))


if __name__ == "__main__":
    # The folder of this file comes first and has an http.py of its own: what ssl and socket need goes before it.
    sys.path.pop(0)
    import select
    import socket
    import ssl

    _run(json.loads(sys.argv[1]))
