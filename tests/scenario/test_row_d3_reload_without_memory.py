"""D3: a reload while memory is short, by a little more each time: whole or not at all, and whoever is inside is served. (The
same at the limit of descriptors is in test_reload_mistakes.py.)"""

import resource

import pytest

from support import client as clients
from support import edge, figures, ports, stats
from support.gateway import MEMORY_SCALE, ini_text
from support.reloading import STAYS, ask, reload, write

MEGABYTE = 1 << 20
LISTENERS = 150

# The shadows of a sanitizer are no memory of the gateway's, and it ends a program that gets none.
pytestmark = pytest.mark.skipif(MEMORY_SCALE > 1, reason="a sanitizer needs all addresses")


def limit_memory(gateway, bound):
    """No more addresses than so many bytes; what it has, it keeps."""
    resource.prlimit(gateway.process.pid, resource.RLIMIT_AS, (bound, resource.RLIM_INFINITY))


@pytest.mark.parametrize("step_bytes", figures.small_or_full(MEGABYTE // 8, MEGABYTE // 64))
def test_it_is_all_or_nothing(start_sections, backend, pki, step_bytes):
    gateway, sections = start_sections(backend)
    more_ports = [ports.free_port() for _number in range(LISTENERS)]
    # At an address where the tests beside this one are not.
    more = [edge.listener_section(pki, f"more-{port}", address=f"127.3.3.3:{port}") for port in more_ports]
    refused, room = 0, 0
    stats.until_ready(gateway)
    size = gateway.status_field("VmSize")
    with clients.connect(gateway.port, pki, "good") as inside:
        assert inside.request().status == 200
        while room < 64 * MEGABYTE:
            write(gateway, ini_text(sections + more))
            limit_memory(gateway, size + room)
            said = ask(gateway)
            limit_memory(gateway, resource.RLIM_INFINITY)
            is_refused = STAYS in said or "what was there before goes on" in said
            opened = ports.listening_of(gateway.process.pid) & set(more_ports)
            assert len(opened) == (0 if is_refused else LISTENERS), said
            assert inside.request().status == 200 and clients.ask(gateway.port, pki, "good").status == 200
            if not is_refused:
                break
            refused += 1
            room += step_bytes
        print(f"{refused} reloads refused for want of memory; {room / MEGABYTE:.2f} MiB more were enough for {LISTENERS} listeners")
        assert refused > 0 and room < 64 * MEGABYTE
        reload(gateway, sections)
        assert inside.request().status == 200 and not ports.listening_of(gateway.process.pid) & set(more_ports)
