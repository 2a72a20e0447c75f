"""Memory of a process and of the kernel, as /proc tells it, in bytes."""

import os

# Only the client's end has them, or only the gateway's; of all else each end has half.
OF_CLIENT = ("slab eventpoll_epi", "slab eventpoll_pwq", "slab ep_head")
OF_GATEWAY = ("slab io_kiocb",)
# What connections are made of; the other slabs change with what else the machine does.
SLABS = ("TCP", "sock_", "filp", "dentry", "lsm_file", "io_kiocb", "eventpoll", "skbuff", "kmalloc", "tcp_", "request_sock")
SLAB_FIELDS = 6  # of a line of /proc/slabinfo, as far as they are used


def kilobytes(path, keys):
    """{key: bytes} of lines such as `Rss:   12 kB`."""
    found = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            name, _colon, rest = line.partition(":")
            if name in keys:
                found[keys[name]] = int(rest.split()[0]) * 1024
    return found


def of_process(process):
    return kilobytes(f"/proc/{process}/smaps_rollup", {"Rss": "resident", "Anonymous": "anonymous"})


def descriptors(process):
    """How many it has open. Asking for the names would make the kernel remember each."""
    folder = f"/proc/{process}/fd"
    return os.stat(folder).st_size or len(os.listdir(folder))


def slabs():
    """{"slab NAME": bytes}; nothing where only root may look."""
    found = {}
    try:
        with open("/proc/slabinfo", encoding="ascii") as file:
            lines = file.readlines()[2:]
    except PermissionError:
        return found
    for line in lines:
        fields, _colon, slabdata = line.partition(": slabdata")
        words = fields.split()
        if len(words) >= SLAB_FIELDS and words[0].startswith(SLABS):
            found["slab " + words[0]] = int(slabdata.split()[1]) * int(words[5]) * os.sysconf("SC_PAGESIZE")
    return found


def of_kernel():
    """By purpose. Without the right to see the slabs one by one, their sum."""
    found = kilobytes("/proc/meminfo", {"PageTables": "page tables"})
    found.update(slabs() or kilobytes("/proc/meminfo", {"Slab": "slabs"}))
    with open("/proc/net/sockstat", encoding="ascii") as file:
        for line in file:
            if line.startswith("TCP:"):
                found["socket buffers"] = int(line.split()[-1]) * os.sysconf("SC_PAGESIZE")
    return found


def total(kernel):
    return sum(kernel.values())


def gateways_part(kernel):
    """Of the memory of both ends, what the gateway's is."""
    own = sum(kernel.get(key, 0) for key in OF_GATEWAY)
    shared = total({key: size for key, size in kernel.items() if key not in OF_CLIENT + OF_GATEWAY})
    return own + shared / 2
