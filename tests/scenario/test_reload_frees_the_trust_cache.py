"""What a reload that changes trust makes worthless leaves the trust cache, however much it is."""

import itertools

from support import client as clients
from support import wait
from support.reloading import changed, reload
from support.resuming import Returner

PROFILE = "ssl_profile devices"
JUNK = ["root", "dev-intermediate", "stranger-root", "server-root"]
# More than are freed at once, and most of what the cache has room for.
CLIENTS, FREED_AT_ONCE, ROOM = 1200, 1024, 1400


def distinct_chains(pki, folder, count):
    """One client with certificates behind its own that nobody needs: the cache knows it as many."""
    with open(pki.chain("good"), encoding="ascii") as file:
        good = file.read()
    junk = {}
    for name in JUNK:
        with open(pki.file(name), encoding="ascii") as file:
            junk[name] = file.read()
    for number, names in enumerate(itertools.islice(itertools.product(JUNK, repeat=6), count)):
        path = folder / f"chain-{number}.pem"
        path.write_text(good + "".join(junk[name] for name in names))
        yield str(path), pki.key("good")


def test_more_entries_than_are_freed_at_once(start_sections, backend, pki, tmp_path):
    gateway, sections = start_sections(backend, gateway={"trust_cache_entries": ROOM, "workers": 1})
    for certificate in distinct_chains(pki, tmp_path, CLIENTS):
        clients.connect(gateway.port, pki, certificate).close()
    wait.until(lambda: gateway.counters()["connections_open"] == 0, "the end of all")
    assert gateway.counters()["trust_cache_entries"] > FREED_AT_ONCE
    both = [pki.file("root"), pki.file("stranger-root")]
    reload(gateway, changed(sections, PROFILE, trusted_client_ca=both))
    wait.until(lambda: gateway.counters()["trust_cache_entries"] == 0, "an empty cache")
    # Without a place in it nobody could resume.
    returner = Returner(pki, gateway.port)
    returner.first_visit()
    returner.expect(is_resumed=True)
