"""A reload while clients wait for a responder, and one that begins or ends asking: each request by the profile of its time."""

import pytest

from support import edge, guarded, launch, ports, wait
from support.gateway import ini_text, run_command
from support.guarded import Visitor
from support.moved_clock import MovedClock
from support.resuming import Counted

WAITING = 20
NONE = {"verify_client_revocation": "none"}

pytestmark = pytest.mark.usefixtures("forgetful")


@pytest.fixture(scope="module")
def pki(responder):
    return responder.pki


class Reloadable:
    """A gateway at one port, whose profile changes."""

    def __init__(self, start, pki, backend, profile):
        self.port, self.pki, self.backend = ports.free_port(), pki, backend
        self.gateway = start(backend, listener={"port": self.port}, profile=profile)

    def reload(self, profile):
        sections = edge.edge_sections(self.gateway.folder, self.pki, self.backend, listener={"port": self.port}, profile=profile)
        with open(self.gateway.config, "w", encoding="utf-8") as file:
            file.write(ini_text(sections))
        done = run_command("reload", "-c", self.gateway.config)
        assert done.returncode == 0, done.output


@pytest.mark.parametrize("after", [guarded.profile(), guarded.profile(ocsp_failure="allow", ocsp_check="chain"), NONE],
                         ids=["same", "other", "none"])
def test_who_waits_at_a_reload_has_a_verdict_all_the_same(start, backend, responder, pki, after):
    reloadable = Reloadable(start, pki, backend, guarded.profile())
    names = [pki.fresh() for _client in range(WAITING)]
    for name in names[::2]:
        responder.revoke(name)
    responder.behave("late")
    waiting = [Visitor(reloadable.port, pki, name) for name in names]
    wait.until(lambda: reloadable.gateway.counters()["ocsp_asked"] == WAITING, "the last question")
    for _turn in range(3):
        reloadable.reload(after)
    responder.gate.set()
    statuses = [each.end().status for each in waiting]
    assert statuses[1::2] == [200] * (WAITING // 2)
    # Without revocation a client may have come to its request by the new profile.
    assert set(statuses[::2]) <= ({200, 400} if after == NONE else {400})


def test_a_connection_that_is_kept_meets_the_new_profile(start, backend, responder, pki):
    reloadable = Reloadable(start, pki, backend, NONE)
    clients = {name: Visitor(reloadable.port, pki, name).client for name in ("good", "revoked")}
    assert {client.response().status for client in clients.values()} == {200}
    reloadable.reload(guarded.profile())
    assert (clients["good"].request().status, clients["revoked"].request(target="/by-now").status) == (200, 400)
    assert reloadable.gateway.record(requestUri="/by-now")["reason"] == "revoked"
    assert guarded.word(reloadable.gateway, pki, "revoked") == "revoked"
    reloadable.reload(NONE)
    assert guarded.word(reloadable.gateway, pki, "revoked") == ""


def test_a_responder_that_is_named_no_more_is_asked_no_more(start, backend, responder, pki, tmp_path, monkeypatch):
    """What it said counts to its end; the next answer, and every refresh, is the new one's."""
    clock = MovedClock(tmp_path)
    launch.through(monkeypatch, tmp_path, clock.line())
    clock.lives(responder, 1000)
    profiles = [guarded.profile(ocsp_responder=f"http://{responder.address}/{path}") for path in ("former", "present")]
    reloadable = Reloadable(start, pki, backend, profiles[0])
    gateway, name, other = reloadable.gateway, pki.fresh(), pki.fresh()
    assert guarded.word(gateway, pki, name) == ""
    reloadable.reload(profiles[1])
    assert guarded.word(gateway, pki, name) == guarded.word(gateway, pki, other) == ""

    def refresh(seconds, certificate):
        asked = len(responder.requests_for(certificate))
        clock.go(responder, seconds, 1000)
        wait.until(lambda: len(responder.requests_for(certificate)) > asked, "the refresh")
        guarded.until_all_is_heard(gateway)

    refresh(810, other)  # at which the other one's would come, too
    assert [asked.target for asked in responder.requests_for(name)] == ["/former"]
    clock.go(responder, 200, 1000)
    assert guarded.word(gateway, pki, name) == ""
    refresh(810, name)
    assert [asked.target for asked in responder.requests_for(name)] == ["/former", "/present", "/present"]
    assert {asked.target for asked in responder.requests_for(other)} == {"/present"}


def test_answers_outlive_a_reload_and_so_does_their_refreshing(start, backend, responder, pki, tmp_path, monkeypatch):
    clock = MovedClock(tmp_path)
    launch.through(monkeypatch, tmp_path, clock.line())
    clock.lives(responder, 1000)
    reloadable = Reloadable(start, pki, backend, guarded.profile())
    gateway, name = reloadable.gateway, pki.fresh()
    kept = Visitor(reloadable.port, pki, name).client
    assert kept.response().status == 200
    with Counted(gateway, "ocsp_fetches") as counted:
        reloadable.reload(guarded.profile())
        assert kept.request().status == guarded.visit(gateway, pki, name).status == 200
    assert counted.by["ocsp_fetches"] == 0
    responder.revoke(name)
    clock.go(responder, 810, 1000)
    assert kept.is_ended()
    assert gateway.counters()["closed_revoked"] == 1
