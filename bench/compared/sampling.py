"""Where a process was, a thousand times a second of its CPU time: by perf, with the kernel's callers."""

import collections
import os
import re
import subprocess

from . import classes, machine, perf

RATE = 997  # a second, no multiple of anything that the kernel or the load does; each sample costs microseconds
KERNEL = 1 << 63
FRAME = re.compile(r"\s+([0-9a-f]+) (.*) \((.*)\)$")


def record(command, process, folder):
    """(what the command did, {frames: how often}) of a process while a command runs. frames: each (address, symbol, path of
    the object), the innermost first."""
    path = os.path.join(folder, "perf.data")
    done = perf.around(["record", "-q", "-g", "-e", perf.clock(), "-F", str(RATE), "-o", path], command, process)
    # Names of what was inlined would take minutes, and are not asked for.
    script = ["perf", "script", "-i", path, "--no-inline", "-F", "tid,ip,sym,dso"]
    with subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as reading:
        samples = read(reading.stdout)
    os.unlink(path)
    return done, samples


def read(lines):
    """The frames in what `perf script` prints: a line with the thread, a line for each frame, an empty one. Of a sample in
    the user's part the innermost frame is kept: without frame pointers its callers are guesses."""
    found, frames = collections.Counter(), []
    for line in lines:
        match = FRAME.match(line)
        if match:
            frame = int(match.group(1), 16), match.group(2), match.group(3)
            if not frames or frame[0] >= KERNEL:
                frames.append(frame)
        elif frames:
            found[tuple(frames)] += 1
            frames = []
    if frames:
        found[tuple(frames)] += 1
    return found


def sources(program, addresses):
    """{address: source file}, by the program's debug information; of what was inlined the file of the function around it.
    perf tells the place in the file, which of code is the address, too."""
    asked = "".join(f"{address:#x}\n" for address in addresses)
    done = subprocess.run(["addr2line", "-a", "-i", "-e", program], input=asked, capture_output=True, text=True, check=False)
    found, address = {}, None
    for line in done.stdout.splitlines():
        if line.startswith("0x"):
            address = int(line, 16)
        else:
            found[address] = line.partition(":")[0]  # the last of them stays
    if addresses and not any("/" in source for source in found.values()):
        raise machine.Failure(f"{program} has no debug information: it is to be built with -g")
    return found


def classified(samples, program):
    """({class: how many samples}, {(class, symbol): how many samples})."""
    path = os.path.realpath(program)
    own = {frames[0][0] for frames in samples if frames[0][2] == path}
    source = sources(path, sorted(own))
    by_class, by_symbol = collections.Counter(), collections.Counter()
    for frames, count in samples.items():
        address, symbol, of = frames[0]
        if address >= KERNEL:
            key = classes.of_kernel([frame[1] for frame in frames])
        else:
            key = classes.of_user(os.path.basename(of), source.get(address, ""), symbol)
        by_class[key] += count
        by_symbol[key, symbol] += count
    return by_class, by_symbol
