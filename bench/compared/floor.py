"""What the primitives and the kernel take at least, by bench/micro/bench_primitives and bench/floor, beside what was reached
and what is wanted."""

import os
import re
import subprocess

from . import machine

PROGRAMS = os.path.join(machine.ROOT, "build", "release", "bench")
# Of each single measurement, of which there are many.
PRIMITIVES_MS, KERNEL_MS = 300, 100
MICRO_LINE = re.compile(r"(\S.*?)\s{2,}1\s+([\d.]+)\s")
FLOOR_LINE = re.compile(r"(\S.*?)\s{2,}([\d.]+) (µs|s/GB)")
RECORD_BYTES = 16384

KEYS = ["X25519: make a key", "X25519: the shared secret"]
SIGNATURES = ["P-256: sign", "P-256: verify"]
TURN = "a message of 200 bytes in, one of 500 out; 32 connections"
CONNECTION = "a connection of two such turns, accepted and closed"
STREAM = ["receiving in pieces of 32 KiB; 8 connections", "sending in pieces of 32 KiB; 8 connections"]


class Least:
    """Of one row of measurements: the primitives and the works of the kernel that it cannot do without; goals: the first and
    the next, None where none was set."""

    def __init__(self, primitives, kernel, goals):
        self.primitives, self.kernel, self.goals = primitives, kernel, goals


# The backend's connection is kept: one turn of it. A request is a turn with the client and one with the backend.
ROWS = {
    "handshake": Least(KEYS + SIGNATURES, [CONNECTION, TURN], (170, 135)),
    "resume": Least(KEYS, [CONNECTION, TURN], (85, 65)),
    "request": Least([], [TURN, TURN], (15, 12)),
    "down": Least(["AES-128-GCM: seal 16 KiB"], STREAM, (0.35, 0.25)),
    "up": Least(["AES-128-GCM: open 16 KiB"], STREAM, None),
}


def printed(folder, name, *arguments):
    """Nothing where it is not built."""
    program = os.path.join(PROGRAMS, folder, name)
    if not os.access(program, os.X_OK):
        return ""
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False).stdout


def read_primitives(text):
    """{name: µs, or s/GB of what is done with records: that is nanoseconds a byte}"""
    found = {}
    for line in text.splitlines():
        match = MICRO_LINE.match(line)
        if match:
            nanoseconds = float(match.group(2))
            found[match.group(1)] = nanoseconds / RECORD_BYTES if "16 KiB" in line else nanoseconds / 1000
    return found


def read_kernel(text):
    """{name: µs or s/GB}, by io_uring, which comes first."""
    return {match.group(1): float(match.group(2)) for match in map(FLOOR_LINE.match, text.splitlines()) if match}


def measure():
    """(of the primitives, of the kernel); empty ones where the programs are missing."""
    return (read_primitives(printed("micro", "bench_primitives", 1, PRIMITIVES_MS)),
            read_kernel(printed("floor", "loopback_floor", KERNEL_MS)))


def lines(profiles, measured):
    """Of a table: the head and, of each row that was measured, what is wanted, reached, and the least; none without figures."""
    primitives, kernel = measured
    if not primitives or not kernel:
        return []
    found = [["", "wanted, then", "reached", "primitives alone", "kernel's floor", "both", "the rest"]]
    for profile in profiles:
        least = ROWS[profile.row.key]
        parts = [sum(primitives[name] for name in least.primitives), sum(kernel[name] for name in least.kernel)]
        values = [profile.cost, *parts, sum(parts), profile.cost - sum(parts)]
        goals = f"{least.goals[0]}, {least.goals[1]}" if least.goals else "-"
        found.append([profile.head(), goals, *(f"{value:.{profile.digits}f}" for value in values)])
    return found
