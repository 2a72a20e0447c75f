"""A gateway that looks its clients up at an OCSP responder, and what becomes of a client there."""

import dataclasses
import itertools
import ssl
import time

from support import client as clients
from support import edge, figures, http, ports, schedstat, wait

# How much longer everything takes below a sanitizer, as far as time limits are concerned.
SLOWNESS = min(figures.TIME_SCALE, 4)
PATIENT_SECONDS, HASTY_SECONDS = 8.0 * SLOWNESS, 0.4 * SLOWNESS
UNAVAILABLE = "revocation_unavailable"
_numbers = itertools.count(1)


def milliseconds(seconds):
    return f"{int(seconds * 1000)}ms"


def profile(seconds=PATIENT_SECONDS, **changes):
    """Settings of an SSL profile that asks; seconds: how long for."""
    return {"verify_client_revocation": "ocsp", "ocsp_timeout": milliseconds(seconds),
            "ocsp_connect_timeout": milliseconds(seconds * 0.8), "ocsp_read_timeout": milliseconds(seconds * 0.8), **changes}


def doors(pki, profiles, listener=None):
    """({name: port}, sections): a listener for each of the profiles, {name: what profile() takes}."""
    found, sections = {}, []
    for name, changes in profiles.items():
        found[name] = ports.free_port()
        sections.append(edge.listener_section(pki, name, found[name], ssl_profile=name, **(listener or {})))
        sections.append(edge.profile_section(pki, name, **profile(**changes)))
    return found, sections


class Visitor:
    """A client that has shaken hands and sent a request, whose answer is still to come."""

    def __init__(self, port, pki, name, target=None, **how):
        self.name, self.target = name, target or f"/{name}/{next(_numbers)}"
        self.came = time.monotonic()
        self.client = clients.connect(port, pki, name, **how)
        self.begun = time.monotonic()
        self.client.start(target=self.target)

    def end(self, stays=False):
        """A Visit; stays: client can be used further."""
        response = self.client.response()
        now = time.monotonic()
        visit = Visit(self.name, self.target, response.status, now - self.begun, now - self.came)
        if not stays:
            self.client.close()
        return visit


@dataclasses.dataclass
class Visit:
    name: str
    target: str
    status: int
    seconds: float       # from the request to the answer
    longest: float       # from before the handshake, within which a question begins
    undisturbed: float = 0.0    # of visit() alone: the same, without what the machine withheld


def until_all_is_heard(gateway):
    """Before the clock goes: an answer on its way would be one that has come at the time to which it goes."""
    def is_heard():
        counted = gateway.counters()
        return counted["ocsp_fetches"] == sum(counted[f"ocsp_{word}"] for word in ("good", "revoked", "unknown", "failed"))

    wait.until(is_heard, "the end of every fetch")


def is_shut_out(client):
    """Who was inside gets no further: 400, or the end of a connection that was still idle when the news came."""
    try:
        return client.request().status == 400
    except (http.Ended, ConnectionError, ssl.SSLError):
        return True


def visit(gateway, pki, name, port=None, **how):
    with schedstat.Undisturbed(gateway) as watch:
        seen = Visitor(port or gateway.port, pki, name, **how).end()
    return dataclasses.replace(seen, undisturbed=watch.seconds)


def word_of(gateway, seen):
    """Why: the reason in the access log; "" for who got in."""
    reason = gateway.record(requestUri=seen.target).get("reason", "")
    assert (seen.status == 200) == (reason == ""), (seen, reason)
    return reason


def word(gateway, pki, name, port=None):
    return word_of(gateway, visit(gateway, pki, name, port))
