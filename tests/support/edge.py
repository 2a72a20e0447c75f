"""The configuration that most tests begin with: one listener, one profile, one backend, on free ports."""

import os

from support import ports
from support.gateway import Gateway

WORKERS = os.environ.get("SALLYPORT_WORKERS", "2")


def gateway_section(folder, **changes):
    return ("gateway", {"workers": WORKERS, "access_log": os.path.join(folder, "access.log"),
                        "stats_socket": os.path.join(folder, "stats.sock"), **changes})


def listener_section(pki, name="edge", port=None, certificate="server", certificates=None, **changes):
    """certificates: names of several, for more kinds of key than one."""
    names = certificates or [certificate]
    return (f"listener {name}", {
        "address": f"127.0.0.1:{port or ports.free_port()}", "certificate": [pki.chain(each) for each in names],
        "certificate_key": [pki.key(each) for each in names], "ssl_profile": "devices", "backend": "app", **changes})


def profile_section(pki, name="devices", **changes):
    settings = {"trusted_client_ca": pki.file("root"), "verify_client_auth_mode": "strict", **changes}
    if settings["verify_client_auth_mode"] != "strict" and "trusted_client_ca" not in changes:
        del settings["trusted_client_ca"]
    return (f"ssl_profile {name}", settings)


def backend_section(servers, name="app", **changes):
    servers = servers if isinstance(servers, list) else [servers]
    return (f"backend {name}", {"server": [server if isinstance(server, str) else server.address for server in servers],
                                **changes})


def edge_sections(folder, pki, servers, gateway=None, listener=None, profile=None, backend=None, rewrite=None, more=()):
    """Each argument in the middle: changes of that section. more: whole sections besides."""
    listener = dict(listener or {})
    sections = [gateway_section(folder, **(gateway or {}))]
    if rewrite:
        listener.setdefault("rewrite", "rules")
    sections.append(listener_section(pki, **listener))
    sections.append(profile_section(pki, **(profile or {})))
    sections.append(backend_section(servers, **(backend or {})))
    if rewrite:
        sections.append(("rewrite rules", rewrite))
    return sections + list(more)


def ports_of(sections):
    found = []
    for title, settings in sections:
        if title.startswith("listener "):
            addresses = settings["address"]
            for address in addresses if isinstance(addresses, list) else [addresses]:
                found.append(int(address.rpartition(":")[2]))
    return list(dict.fromkeys(found))


def start(folder, sections):
    return Gateway(str(folder), sections, ports_of(sections))
