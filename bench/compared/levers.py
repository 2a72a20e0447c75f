"""What was done for speed, each thing with the means to take it away again: a patch in bench/levers.d, or what the client
offers. For bench/levers; LEVERS.md says what was found."""

import os

from . import machine, measurements

FOLDER = os.path.join(machine.BENCH, "levers.d")
CROWD = 256          # connections that all begin a handshake, again and again
ROOM = 64            # connections that a gateway takes that is to be full

BY_KEY = {row.key: row for row in measurements.ROWS}


def alike(key, **changes):
    """A row of the comparison with something else in it."""
    row = BY_KEY[key]
    others = {"path": row.path, "scale": row.scale, "digits": row.digits, "tls": row.tls, "is_once": row.is_once}
    return measurements.Row(changes.pop("name", key), changes.pop("title", row.title), changes.pop("unit", row.unit),
                            changes.pop("measure", row.measure), changes.pop("arguments", row.arguments), **{**others, **changes})


def offering(suite, group):
    return measurements.Tls("1.3", suite, group)


def flood(_state):
    return ["mix", "-c", 8, "--rate", measurements.TRAFFIC_RATE, "--storm", CROWD]


FLOOD = [alike("storm", name=f"flood_{name}", title=f"kept-alive {name}, {CROWD} clients doing handshakes at once", measure=measure,
               arguments=flood) for name, measure in (("median", "latency_p50_us"), ("p99", "latency_p99_us"))]
FULL = alike("handshake", name="full", title=f"connections that fail, {CROWD} clients and room for {ROOM}, of 100", unit="",
             measure="errors", arguments=lambda state: ["handshake", "-c", CROWD])
WORKERS = 2


class Lever:
    """pairs: (the row as built, the row without the lever), the same when a patch takes it away. where: in the source.
    others: workers; connections, as a limit; is_slow: only when it is asked for by name."""

    def __init__(self, key, title, where, *pairs, **others):
        self.key, self.title, self.where = key, title, where
        self.pairs = [pair if isinstance(pair, tuple) else (pair, pair) for pair in pairs]
        self.workers, self.connections = others.get("workers", 1), others.get("connections")
        self.is_slow = others.get("is_slow", False)

    def patch(self):
        """Its path; None when it is taken away by what the client offers."""
        path = os.path.join(FOLDER, self.key + ".patch")
        return path if os.path.exists(path) else None

    def is_built(self):
        """Whether there is a program without it. The control is one with nothing taken away."""
        return self.patch() is not None or self is CONTROL


HANDSHAKE, RESUME, REQUEST, DOWN, UP = (BY_KEY[key] for key in ("handshake", "resume", "request", "down", "up"))
CONTROL = Lever("control", "nothing, built anew", "-", HANDSHAKE, REQUEST, DOWN)

LEVERS = [
    CONTROL,
    Lever("one_flight", "one flight, one send", "src/tls/tls_context.c (add_certificate), src/net/send_queue.c",
          HANDSHAKE, RESUME),
    Lever("random", "random bytes read ahead by each worker", "src/base/random.c, src/tls/tls_random.c", HANDSHAKE, RESUME),
    Lever("contexts", "a worker's own TLS contexts", "src/proxy/proxy_generation.c (init_site), src/tls/tls_context.c",
          HANDSHAKE, workers=WORKERS),
    Lever("buffer_pool", "pooled record buffers", "src/net/buffer.c", HANDSHAKE, REQUEST, DOWN),
    Lever("submission_batch", "submissions in batches", "src/net/ring.c (ring_wait)", HANDSHAKE, REQUEST, DOWN),
    Lever("record_size", "receives, and so records, that grow with the body", "src/net/stream.c (receive)", REQUEST, DOWN, UP),
    Lever("receive_size", "receives of 16 KiB and more, not of 4", "src/net/stream.c (receive), include/net/ring.h", DOWN, UP),
    Lever("handshake_budget", "a budget of handshakes a turn", "src/proxy/handshake_queue.c", BY_KEY["storm"], *FLOOD),
    Lever("idle_memory", "memory given back when a connection goes idle",
          "src/net/send_queue.c, src/proxy/handshake.c, src/proxy/client_trust.c", BY_KEY["idle"]),
    Lever("accept_pause", "accepting pauses at the limit", "src/worker/acceptor.c", FULL, connections=ROOM),
    Lever("trust_cache", "warm trust cache", "src/trust/trust_cache.c", (HANDSHAKE, BY_KEY["cold"])),
    Lever("suite", "AES-128-GCM-SHA256 first", "src/tls/tls_policy.c",
          *((row, alike(row.key, tls=offering("TLS_AES_256_GCM_SHA384", "X25519"))) for row in (HANDSHAKE, RESUME, DOWN))),
    Lever("group", "X25519 first", "src/tls/tls_policy.c",
          *((row, alike(row.key, tls=offering("TLS_AES_128_GCM_SHA256", "P-256"))) for row in (HANDSHAKE, RESUME))),
    Lever("lean_wolfssl", "the lean wolfSSL build", "tools/build_deps.sh (configure_wolfssl)", BY_KEY["idle"], HANDSHAKE, RESUME,
          is_slow=True),
]
