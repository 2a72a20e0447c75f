"""What the kernel counts of a server while a command runs: system calls of each sort, waits for the kernel's own locks."""

from . import perf

# Event, as perf names it; what it is called in a table.
EVENTS = [
    ("raw_syscalls:sys_enter", "system calls"),
    ("syscalls:sys_enter_io_uring_enter", "io_uring_enter"),
    ("syscalls:sys_enter_futex", "futex"),
    ("lock:contention_begin", "waits for a kernel lock"),
    ("sched:sched_migrate_task", "moves to another CPU"),
]


def is_possible():
    """perf is here, and the kernel lets us count."""
    return perf.is_here() and counted(["true"], None)[1] is not None


def counted(command, process):
    """(what the command did, {event: how often}); None instead of the counts where there are none. process None: the
    command's own."""
    words = ["stat", "-x", ",", "-e", ",".join(event for event, _title in EVENTS), "--log-fd", "2"]
    done = perf.around(words, command, process)
    counts = {}
    for line in done.stderr.splitlines():
        fields = line.split(",")
        if len(fields) > 2 and fields[0].isdigit():
            counts[fields[2]] = int(fields[0])
    return done, counts if len(counts) == len(EVENTS) else None
