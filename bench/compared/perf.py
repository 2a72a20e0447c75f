"""perf, by which the kernel counts and samples: whether it is here and allowed, and how it is put around a command."""

import os
import shutil
import subprocess

INSTALL = "perf is missing: install the package linux-perf (`tools/install_packages.sh --bench`)"
ALLOW = "perf is not allowed to look into the kernel: be root, or `sysctl kernel.perf_event_paranoid=-1 kernel.kptr_restrict=0`"
SYMBOLS = "/proc/kallsyms"


def is_here():
    return shutil.which("perf") is not None


def around(words, command, process=None):
    """What the command did. perf looks at the process as long as the command runs, or else at the command itself."""
    watched = ["-p", str(process)] if process else []
    return subprocess.run(["perf", *words, *watched, "--", *command], capture_output=True, text=True, check=False)


def names_the_kernel():
    """Whether addresses in the kernel are told: where they are not, all are zero."""
    try:
        with open(SYMBOLS, encoding="ascii") as file:
            return int(file.readline().split()[0], 16) != 0
    except (OSError, IndexError):
        return False


def obstacle():
    """A sentence with the remedy where the kernel's part of a process cannot be sampled; None where it can."""
    if not is_here():
        return INSTALL
    # With a modifier perf does not fall back to what is allowed.
    done = around(["record", "-q", "-e", "cpu-clock:k", "-o", os.devnull], ["true"])
    return None if done.returncode == 0 and names_the_kernel() else ALLOW


def clock():
    """What there is to sample by: a virtual machine often has no counters of the processor."""
    done = around(["stat", "-x", ",", "-e", "cycles:uk"], ["true"])
    return "cycles" if done.returncode == 0 and "not " not in done.stderr else "cpu-clock"
