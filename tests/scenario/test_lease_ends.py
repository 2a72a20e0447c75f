"""B7: a verdict holds until the first certificate of the chain ends, and no longer: neither on a connection that is kept
nor for a session that is resumed."""

import time

import pytest

from support import client as clients
from support import figures, resuming, wait
from support.resuming import Returner

VERSIONS = ["1.2", "1.3"]
DAY = 24 * 3600
# Long enough for what a test does before the end, shorter than the backend's patience with a silent upload; the longer
# one for a machine that was too slow for the shorter.
LIVES = (min(4 * figures.TIME_SCALE, 10), 15)
RULES = {"request_header": ["X-Verdict: {var_client_certificate_verdict}",
                            "X-Verification: {var_client_certificate_verification}"]}
versions = pytest.mark.parametrize("version", VERSIONS)


def brief(pki, name, seconds, issuer="devices", **changes):
    """A client certificate of that many seconds; when it is over, by the clock of the wall."""
    plan = type(pki.folder.plan("good"))
    made = {"subject": f"/O=Sallyport Test/CN={name}", "issuer": issuer, "extended_key_usage": ["client"],
            "ends_days": seconds / DAY, **changes}
    pki.folder.make(name, plan(**made))
    return time.time() + seconds


def brief_authority(pki, name, seconds):
    plan = type(pki.folder.plan("good"))
    pki.folder.make(name, plan(subject=f"/O=Sallyport Test/CN={name}", issuer="devices", authority=True,
                               key_usage=["keyCertSign"], ends_days=seconds / DAY))
    return time.time() + seconds


def wait_past(moment):
    """A certificate is good for the whole of the second that it names (RFC 5280 4.1.2.5)."""
    wait.until(lambda: time.time() > moment + 1, "the end of the certificate", max(LIVES) + 10)


def while_it_lives(make, use):
    """(when it is over, what use(name) returned): make(life) makes a certificate; its name, and when its life is over."""
    for life in LIVES:
        begun = time.time()
        name, moment = make(life)
        try:
            return moment, use(name)
        except AssertionError:
            # Certificates tell whole seconds.
            if time.time() < begun + life - 1:
                raise
    raise AssertionError("the machine is too slow for this test")


def expect_refusal(gateway, response, target, backend):
    assert response.status == 400 and b"The SSL certificate error" in response.body
    record = gateway.record(requestUri=target)
    assert record["reason"] == "expired" and record["sslClientVerify"].startswith("FAILED:"), record
    assert not backend.sent_to(target)


# ------------------------------------------------------------------------------------------- its end


class Brief:
    """A client that was let in: a full connection and two resumed ones, one of which never asked for anything."""

    def __init__(self, gateway, pki, name, version):
        self.name = f"{name}-{version}"
        self.returner = Returner(pki, gateway.port, name, version)
        self.returner.first_visit()
        self.full = clients.connect(gateway.port, pki, name, version=version)
        self.kept, self.silent = self.returner.connect(), self.returner.connect()
        assert self.kept.sock.session_reused and self.silent.sock.session_reused and not self.full.sock.session_reused
        assert self.kept.request().status == 200 and self.full.request().status == 200


@pytest.mark.parametrize("who", ["leaf", "authority"])
def test_after_its_end_a_certificate_gets_in_nowhere(gateway, backend, pki, who):
    def make(life):
        name = f"brief-{who}-{life}"
        if who == "leaf":
            return name, brief(pki, name, life)
        end = brief_authority(pki, f"brief-ca-{life}", life)
        brief(pki, name, DAY, f"brief-ca-{life}")
        return name, end

    end, those = while_it_lives(make, lambda name: [Brief(gateway, pki, name, version) for version in VERSIONS])
    wait_past(end)
    for each in those:
        for number, client in enumerate((each.kept, each.full, each.silent)):
            target = f"/late/{each.name}/{number}"
            expect_refusal(gateway, client.request(target=target), target, backend)
        # From the ticket, and from the beginning.
        for number in range(2):
            target = f"/again/{each.name}/{number}"
            visit = each.returner.visit(target=target)
            assert not visit.is_resumed
            expect_refusal(gateway, visit, target, backend)
            assert not resuming.is_said_reused(gateway.record(requestUri=target))
            each.returner.session = None


@versions
def test_a_request_that_is_under_way_at_the_end_is_finished(gateway, backend, pki, version):
    """It was let in; the next one is not."""
    def make(life):
        name = f"brief-upload-{version}-{life}"
        return name, brief(pki, name, life)

    def begin(name):
        client = clients.connect(gateway.port, pki, name, version=version)
        client.send(client.head("POST", f"/{name}", [("Content-Length", 9)]) + b"first")
        wait.until(lambda: f"/{name}" in backend.reading, "the upload, at the backend,")
        return name, client

    end, (name, client) = while_it_lives(make, begin)
    wait_past(end)
    client.send(b"last")
    assert client.response("POST").status == 200
    target = f"/after-upload/{version}"
    expect_refusal(gateway, client.request(target=target), target, backend)
    assert backend.sent_to(f"/{name}")[-1].body == b"firstlast"


@versions
def test_an_open_door_tells_the_truth_when_the_certificate_ends(start, backend, pki, version):
    """Passthrough lets everybody in, but says at once what has become of the verdict."""
    gateway = start(backend, profile={"verify_client_auth_mode": "passthrough", "trusted_client_ca": pki.file("root")},
                    rewrite=RULES)

    def make(life):
        name = f"brief-open-{version}-{life}"
        return name, brief(pki, name, life)

    def let_in(name):
        returner = Returner(pki, gateway.port, name, version)
        assert returner.first_visit().told()["x-verdict"] == "SUCCESS"
        kept = returner.connect()
        assert kept.sock.session_reused and kept.request().status == 200
        return returner, kept

    end, (returner, kept) = while_it_lives(make, let_in)
    wait_past(end)
    with kept:
        response = kept.request()
        told = resuming.Visit("", True, response.status, response.body, None).told()
        assert (response.status, told["x-verdict"]) == (200, "FAILED:certificate has expired")
        assert told["x-verification"] == "PASSTHROUGH"
    visit = returner.visit()
    assert (visit.status, visit.told()["x-verdict"]) == (200, "FAILED:certificate has expired")


def test_who_came_too_early_gets_in_when_the_time_has_come(gateway, pki):
    """A refusal is remembered for ten seconds at most, and no ticket makes it last."""
    def make(life):
        name = f"early-{life}"
        brief(pki, name, DAY, starts_days=life / DAY)
        return name, time.time() + life

    def refused(name):
        returners = [Returner(pki, gateway.port, name, version) for version in VERSIONS]
        for returner in returners:
            assert returner.visit().status == returner.visit().status == 400
        return returners

    start, returners = while_it_lives(make, refused)
    wait_past(start)
    for returner in returners:
        wait.until(lambda each=returner: each.visit().status == 200, "an entry", 12)
        returner.expect(is_resumed=True)


# -------------------------------------------------------------------------------------- a maximum age


@versions
def test_a_verdict_is_asked_for_again_at_its_greatest_age(start, backend, pki, version):
    gateway = start(backend, gateway={"verdict_max_age": "1s"})
    returner = Returner(pki, gateway.port, version=version)
    with clients.connect(gateway.port, pki, "good", version=version) as client:
        with resuming.Counted(gateway, "verdicts_renewed", "chain_signature_checks") as counted:
            begun = time.monotonic()
            while time.monotonic() < begun + 2.5 or gateway.counters()["verdicts_renewed"] < 2:
                assert client.request().status == 200
            most = time.monotonic() - begun + 1
        assert 2 <= counted.by["verdicts_renewed"] <= most, counted.by
        assert counted.by["chain_signature_checks"] >= counted.by["verdicts_renewed"], counted.by
    session = returner.first_visit().session
    begun = time.monotonic()
    wait.until(lambda: time.monotonic() > begun + 2.1, "the end of the verdict")
    returner.expect(is_resumed=False, session=session)
    wait.until(lambda: returner.visit().is_resumed, "two visits within a second")


# ---------------------------------------------------------------------------------------- refused clients


@versions
@pytest.mark.parametrize("certificate", [None, "expired", "stranger", "self-signed", "server-only", "not-yet-valid",
                                         "bad-signature", "rsa1024", "loose"])
def test_a_refused_client_never_resumes_into_anything_better(gateway, backend, pki, version, certificate):
    returner = Returner(pki, gateway.port, certificate, version)
    told = []
    for turn in range(4):
        target = f"/refused/{certificate}/{version}/{turn}"
        visit = returner.visit(target=target)
        assert visit.status == 400 and not visit.is_resumed, visit
        assert not backend.sent_to(target)
        told.append(resuming.told_of(gateway.record(requestUri=target)))
    assert told[0]["sslClientVerify"] != "SUCCESS"
    assert all(each == told[0] for each in told)


@versions
def test_a_refused_client_that_finds_its_certificate_gets_in(gateway, pki, version):
    """With the ticket of the refusal in its hand."""
    returner = Returner(pki, gateway.port, None, version)
    assert returner.visit().status == 400
    session = returner.session
    returner.context.load_cert_chain(pki.chain("good"), pki.key("good"))
    returner.expect(is_resumed=False, session=session)
    returner.expect(is_resumed=True)


@versions
def test_a_client_refused_on_one_connection_is_refused_on_those_it_kept(gateway, backend, pki, version):
    returner = Returner(pki, gateway.port, "expired", version)
    with returner.connect() as first, returner.connect() as second:
        for number, client in enumerate((first, second)):
            target = f"/both/{version}/{number}"
            expect_refusal(gateway, client.request(target=target), target, backend)


# ---------------------------------------------------------------------------------------------- its price


@versions
def test_neither_a_known_chain_nor_a_ticket_costs_a_signature_check(start, backend, pki, version):
    gateway = start(backend, gateway={"workers": 1})
    returner = Returner(pki, gateway.port, version=version)
    with resuming.Counted(gateway, "chain_signature_checks") as first:
        returner.first_visit()
    with resuming.Counted(gateway, "chain_signature_checks", "trust_cache_hits") as later:
        for _turn in range(5):
            returner.first_visit()
            returner.expect(is_resumed=True)
    assert first.by["chain_signature_checks"] > 0
    assert later.by == {"chain_signature_checks": 0, "trust_cache_hits": 10}
