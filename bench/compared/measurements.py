"""The rows of the table. Each is a run of sallyport-load and one figure of its result; less is better in all."""

import json
import os
import subprocess
import threading

from . import machine

STORM_SHARE = 0.8        # of a core, by the CPU time that the server's own handshakes with new clients took
STORM_RATE_UNKNOWN = 100 # where that is not known
TRAFFIC_RATE = 500
IDLE_CONNECTIONS = 1000
NEW_CLIENTS_RATE = 8000  # a second, more than a core lets in: nobody comes twice
PATIENCE = 4             # times as long, when nothing was done in the time
RELOADS = 200


class Tls:
    """What the client offers: one version, one suite, X25519. In TLS 1.2 the groups speak for certificates' curves, too."""

    def __init__(self, version, suite, groups):
        self.version, self.suite, self.groups = version, suite, groups


TLS_1_3 = Tls("1.3", "TLS_AES_128_GCM_SHA256", "X25519")
TLS_1_2 = Tls("1.2", "ECDHE-ECDSA-AES128-GCM-SHA256", "X25519,P-256")


def one_client(server, _seconds):
    return ["--cert", os.path.join(server.folder, "client-chain.pem"), "--key", os.path.join(server.folder, "client.key")]


def new_clients(server, seconds):
    """Each comes for the first time: its chain is in no cache of what was judged before."""
    return ["--generate", int(NEW_CLIENTS_RATE * (seconds + warmup_seconds(seconds))), "--issuer", os.path.join(server.folder, "ca-chain.pem"),
            "--issuer-key", os.path.join(server.folder, "ca.key")]


def warmup_seconds(seconds):
    return min(0.5, seconds / 3)


class Row:
    """key for JSON, title and unit for people; measure: the name in sallyport-load's JSON; digits behind the point;
    reloads: how often the server is told to reload meanwhile; is_once: memory is measured in fresh processes, and once;
    after: the key of a row whose value it needs; clients: who they are, for the command."""

    def __init__(self, key, title, unit, measure, arguments, **others):
        self.key, self.title, self.unit, self.measure, self.arguments = key, title, unit, measure, arguments
        self.path, self.scale, self.digits = others.get("path", "/300"), others.get("scale", 1.0), others.get("digits", 1)
        self.reloads, self.tls = others.get("reloads", 0), others.get("tls", TLS_1_3)
        self.is_once, self.after = others.get("is_once", False), others.get("after")
        self.clients = others.get("clients", one_client)


def storm(state):
    """As many handshakes a second as take a share of a core. They are of new clients, which cost a server at least what they cost
    the load tool: it could not make enough of others for a core that knows them all."""
    handshake_us = state.get("cold")
    rate = max(1, int(STORM_SHARE * 1e6 / handshake_us)) if handshake_us else STORM_RATE_UNKNOWN
    return ["mix", "-c", 8, "--rate", TRAFFIC_RATE, "--storm", 16, "--storm-rate", rate]


def calm(_state):
    return ["request", "-c", 8, "--rate", TRAFFIC_RATE]


ROWS = [
    Row("idle", "idle mTLS connection, resident", "KiB", "server_bytes_per_connection",
        lambda state: ["idle", "-c", IDLE_CONNECTIONS, "-d", "1s"], scale=1 / 1024, is_once=True),
    Row("handshake", "full mTLS handshake + 1 request, CPU", "µs", "server_cpu_us",
        lambda state: ["handshake", "-c", 8]),
    Row("cold", "full mTLS handshake of a new client + 1 request, CPU", "µs", "server_cpu_us", lambda state: ["handshake", "-c", 8],
        clients=new_clients),
    Row("resume", "resumed + 1 request, CPU", "µs", "server_cpu_us", lambda state: ["resume", "-c", 8]),
    Row("resume12", "resumed + 1 request, TLS 1.2, CPU", "µs", "server_cpu_us", lambda state: ["resume", "-c", 8],
        tls=TLS_1_2),
    Row("request", "kept-alive request, 300-byte answer, CPU", "µs", "server_cpu_us",
        lambda state: ["request", "-c", 32]),
    Row("down", "1 MB answers, CPU seconds per GB", "s", "server_cpu_seconds_per_gb", lambda state: ["bulk", "-c", 8],
        path="/1m", digits=2),
    Row("up", "1 MB uploads, CPU seconds per GB", "s", "server_cpu_seconds_per_gb",
        lambda state: ["bulk", "-c", 8, "--body", machine.LARGE], path="/up", digits=2),
    Row("calm", "kept-alive p99.9, nothing else", "ms", "latency_p999_us", calm, scale=1 / 1000, digits=2),
    Row("storm", "kept-alive p99.9, handshakes taking 80 % of a core", "ms", "latency_p999_us", storm,
        scale=1 / 1000, digits=2, after="cold", clients=new_clients),
    Row("reload_p999", f"kept-alive p99.9, {RELOADS} reloads meanwhile", "ms", "latency_p999_us", calm,
        scale=1 / 1000, digits=2, reloads=RELOADS),
    Row("reload", f"requests failed by {RELOADS} reloads", "", "errors", lambda state: ["request", "-c", 32], digits=0,
        reloads=RELOADS),
]


def command(row, server, state, seconds):
    _cpu, others = machine.cpus()
    # A reload replaces the processes.
    watched = [] if row.reloads else ["--server-pid", ",".join(map(str, server.processes))]
    timing = [] if row.is_once else ["--warmup", f"{warmup_seconds(seconds):g}s", "-d", f"{seconds}s"]
    return [machine.LOAD, *map(str, row.arguments(state)), *timing, "--json", "--quiet", "--cpus", ",".join(map(str, others)),
            *map(str, row.clients(server, seconds)),
            "--groups", row.tls.groups, "--tls", row.tls.version, "--suites", row.tls.suite, "--server-name", "localhost",
            "--cacert", os.path.join(server.folder, "root.pem"),
            *watched, f"https://127.0.0.1:{server.port}{row.path}"]


class Measured:
    """One run. value is None when it says nothing; note tells why, or what to keep in mind."""

    def __init__(self, value, note, result=None):
        self.value, self.note, self.result = value, note, result


def errors_of(result):
    return ", ".join(f"{kind}: {found['count']}" for kind, found in result["errors"].items())


class Reloading:
    """with Reloading(row, server, seconds): …; its signal at even times over the run, where the row wants it."""

    def __init__(self, row, server, seconds):
        self.count, self.server, self.pause = row.reloads, server, seconds / max(1, row.reloads)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.repeat)

    def repeat(self):
        for _number in range(self.count):
            if self.stop.wait(self.pause):
                return
            self.server.process.send_signal(self.server.reload_signal)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_unused):
        self.stop.set()
        self.thread.join()


def run_load(row, server, state, seconds):
    with Reloading(row, server, seconds):
        return subprocess.run(command(row, server, state, seconds), capture_output=True, text=True, check=False)


def notes_of(row, result):
    """What to keep in mind of a run that has a value: CPU time holds however busy the client is; a latency does not."""
    if row.measure.startswith("latency") and result["client"]["was_the_limit"]:
        yield "the client was the limit"
    if result.get("storm_fell_short"):
        yield (f"the storm fell short: {result['measures']['storm_rate']:.0f} handshakes a second, "
               f"not {result['plan']['storm_rate']}")
    if result["errors"]:
        yield errors_of(result)


def measure_before(row, server, state, seconds):
    """What the row needs of another that was not asked for; the note when it cannot be had."""
    if row.after and row.after not in state:
        measure(next(other for other in ROWS if other.key == row.after), server, state, seconds)
    return [f"{row.after} was not measured"] if row.after and row.after not in state else []


def measure(row, server, state, seconds):
    """state: what this server's runs of the round have shown before."""
    notes = measure_before(row, server, state, seconds)
    for length in (seconds, PATIENCE * seconds):
        done = run_load(row, server, state, length)
        if not done.stdout.startswith("{"):
            return Measured(None, done.stderr.strip())
        result = json.loads(done.stdout)
        # A busy machine may not let one operation end in so short a time.
        if result["operations"] > 0 or result["errors"]:
            break
    value = result["measures"][row.measure]
    # What was under way at the end is no failure; a latency is missing then, which the note tells.
    failed = result["measures"]["errors"] - result["errors"].get("unfinished", {"count": 0})["count"]
    if value is None or (failed > 0.01 * result["operations"] and not row.reloads):
        return Measured(None, errors_of(result) or "nothing was measured", result)
    value *= row.scale
    state[row.key] = value
    return Measured(value, "; ".join([*notes, *notes_of(row, result)]), result)
