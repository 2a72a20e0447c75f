"""A good client in a process of its own, so that what it waits for is the gateway and not the test around it.

    with Prober(gateway, pki, certificate="good") as prober: …
    prober.times     seconds of TCP + TLS handshake, of each new connection; prober.whole: with request and answer
    prober.withheld  seconds for which the machine gave the two no processor, of each connection; not in the times
    prober.failures  what went wrong instead

What others do on the machine is not the gateway's: the kernel tells for how long a thread was ready to run and waited.
"""

import json
import subprocess
import sys
import time


class Prober:
    """Asks on a new connection every `pause` seconds until the block ends."""

    def __init__(self, gateway, pki, certificate=None, pause=0.01):
        self.settings = {"port": gateway.port, "pid": gateway.process.pid, "ca": pki.file("server-root"), "pause": pause,
                         "identity": [pki.chain(certificate), pki.key(certificate)] if certificate else None}
        self.times, self.whole, self.withheld, self.failures = [], [], [], []

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, __file__, json.dumps(self.settings)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdout.readline()  # its first answer is there: it runs
        return self

    def __exit__(self, *_unused):
        told, _nothing = self.process.communicate()
        self.times, self.whole, self.withheld, self.failures = json.loads(told)

    def percentile(self, share):
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * share))]

    def told(self):
        """For the messages of failed tests."""
        middle, late, worst = self.percentile(0.5) * 1e3, self.percentile(0.99) * 1e3, max(self.whole) * 1e3
        return (f"{len(self.times)} handshakes, p50 {middle:.1f} ms, p99 {late:.1f} ms, worst answer {worst:.1f} ms, "
                f"at most {max(self.withheld) * 1e3:.1f} ms more without a processor, failures {self.failures[:3]}")


class _Withheld:
    """Seconds since it was made in which the machine gave no processor to this process or to a thread of the gateway."""

    def __init__(self, threads):
        self.threads = threads
        self.before, self.here = threads.waited(), schedstat.waited_here()

    def seconds(self):
        return schedstat.waited_here() - self.here + schedstat.longest_wait(self.before, self.threads.waited())


def _ask(context, settings, threads):
    withheld = _Withheld(threads)
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", settings["port"]), 10) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with context.wrap_socket(plain, server_hostname="localhost") as sock:
            shaken = time.monotonic() - start - withheld.seconds()
            sock.sendall(b"GET /status/200 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while part := sock.recv(4096):
                answer += part
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise OSError(f"answer {answer[:40]!r}")
    whole, without = time.monotonic() - start, withheld.seconds()
    return shaken, whole - without, without


def _run(settings):
    context = ssl.create_default_context(cafile=settings["ca"])
    if settings["identity"]:
        context.load_cert_chain(*settings["identity"])
    threads = schedstat.Threads(settings["pid"])
    times, whole, withheld, failures = [], [], [], []
    while not times or not select.select([sys.stdin], [], [], settings["pause"])[0]:
        try:
            for seconds, those in zip(_ask(context, settings, threads), (times, whole, withheld)):
                those.append(seconds)
        except OSError as error:
            failures.append(repr(error))
        if len(times) + len(failures) == 1:
            print(flush=True)
        if len(failures) > 100:
            break
    print(json.dumps([times, whole, withheld, failures]))


if __name__ == "__main__":
    import schedstat

    # The folder of this file comes first and has an http.py of its own: what ssl and socket need goes before it.
    sys.path.pop(0)
    import select
    import socket
    import ssl

    _run(json.loads(sys.argv[1]))
