"""support/ocsp_responder.py and what it rests on: OpenSSL judges every behaviour, so that each is what it is called."""

import re
import socket
import subprocess
import time

import pytest

from support import http, ocsp_answer, ocsp_asking, ocsp_request
from support import client as clients
from support.ocsp_behaviours import BEHAVIOURS, ROW_B6, WAYS, Behaviour
from support.ocsp_delivery import silent
from support.ocsp_responder import Responder
from support.revocable import GOOD, REVOKED, SIGNERS, UNKNOWN, Revocable

WORDS = {"revoked", "revocation_unknown", "revocation_unavailable"}


@pytest.fixture(scope="module", name="responder")
def one_responder(tmp_path_factory):
    with Responder() as made:
        made.serve(Revocable(tmp_path_factory.mktemp("revocable"), made.url))
        yield made
        assert not made.failures, made.failures


@pytest.fixture(autouse=True)
def forgetful(responder):
    """What one test told it does not last into the next."""
    yield
    responder.serve(responder.pki)
    responder.as_at_first()
    responder.forget_requests()


def ask(responder, name="good", method="POST", nonce=None):
    octets = responder.pki.request(name, nonce)
    return ocsp_asking.ask(responder.port, octets, responder.PATH, method)


def word(responder, name="good"):
    return ocsp_asking.word_for_octets(responder.pki, name, ask(responder, name).body)


def shown(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)


# ----------------------------------------------------------------------------------------- behaviours


@pytest.mark.parametrize("name", [name for name, behaviour in BEHAVIOURS.items() if behaviour.openssl])
def test_openssl_makes_of_it_what_the_row_says(responder, name):
    behaviour = BEHAVIOURS[name]
    responder.behave(name)
    found = ocsp_asking.word_for_url(responder.pki, "good", responder.url, behaviour.asks_nonce,
                                     behaviour.openssl == ocsp_asking.HANGS)
    assert found == behaviour.openssl


@pytest.mark.parametrize("name", [name for name, behaviour in WAYS.items() if not behaviour.words])
def test_a_way_that_leads_in_carries_a_good_answer(responder, name):
    """Whatever the command thinks of the way on which it travels."""
    responder.behave(name)
    assert ask(responder).status == 200
    assert ocsp_asking.word_for_octets(responder.pki, "good", responder.last_octets) == GOOD


def test_row_b6_has_27_behaviours_that_let_nobody_in():
    assert len(set(ROW_B6)) == 27
    assert all(BEHAVIOURS[name].words for name in ROW_B6)


def test_the_words_are_those_of_the_access_log():
    assert {each for behaviour in BEHAVIOURS.values() for each in behaviour.words} == WORDS


# ---------------------------------------------------------------------------------------- the records


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_request_is_recorded_whole(responder, method):
    before = time.monotonic()
    assert ask(responder, "good", method, nonce=b"0123456789abcdef").status == 200
    asked, = responder.wait_for_answers(1)
    assert asked.method == method
    assert asked.certificate == "good" and asked.issuer == "intermediate"
    assert asked.serial == responder.pki.serial("good")
    assert asked.nonce == b"0123456789abcdef"
    assert before < asked.time < asked.answered < time.monotonic()
    assert asked.get("host") == responder.address
    if method == "POST":
        assert asked.body == asked.request.octets and asked.target == responder.PATH
    else:
        assert asked.body == b"" and asked.target.startswith(responder.PATH + "/")


def test_requests_of_one_connection_have_its_number(responder):
    octets = ocsp_asking.message(responder.port, responder.pki.request("good"), responder.PATH, close=False)
    for _connection in range(2):
        with clients.connect_plain(responder.port) as sock:
            reader = http.Reader(lambda sock=sock: sock.recv(65536))
            for _request in range(3):
                sock.sendall(octets)
                assert http.read_response(reader).status == 200
    numbers = [asked.connection for asked in responder.wait_for_answers(6)]
    assert numbers == [numbers[0]] * 3 + [numbers[0] + 1] * 3


def test_a_request_that_does_not_come_is_missed_in_time(responder):
    with pytest.raises(AssertionError, match="request 1 did not come"):
        responder.wait_for_requests(1, seconds=0.05)


def test_an_answer_counts_when_it_is_sent(responder):
    responder.behave("late")
    with clients.connect_plain(responder.port) as sock:
        sock.sendall(ocsp_asking.message(responder.port, responder.pki.request("good"), responder.PATH))
        assert responder.wait_for_requests(1)[0].answered is None
        responder.gate.set()
        assert responder.wait_for_answers(1)[0].answered


@pytest.mark.parametrize("octets", [b"", b"\x00", b"\x30\x00", b"\x30\x80", b"x" * 100, b"\x30\x03\x30\x01\x30"])
def test_what_is_no_request_is_recorded_as_none(responder, octets):
    body = ocsp_asking.ask(responder.port, octets, responder.PATH).body
    assert body == bytes.fromhex("30030a0101")
    assert responder.requests[0].request is None and responder.requests[0].serial is None


def test_an_authority_that_it_does_not_know_is_not_its_own(responder):
    request = ocsp_request.request_for(responder.pki.der("good"), 7)
    assert ocsp_asking.ask(responder.port, request, responder.PATH).body == bytes.fromhex("30030a0106")


# --------------------------------------------------------------------------------- what it can be told


def test_statuses_are_those_of_the_names(responder):
    assert [word(responder, name) for name in ("good", "revoked", "unknown")] == [GOOD, REVOKED, UNKNOWN]


def test_every_authority_answers_for_its_own(responder):
    assert word(responder, "direct") == GOOD
    assert word(responder, "intermediate") == GOOD
    assert word(responder, "revoked-intermediate") == REVOKED
    assert word(responder, "server") == GOOD


def test_a_certificate_is_revoked_from_now_on(responder):
    name = responder.pki.fresh()
    assert word(responder, name) == GOOD
    responder.revoke(name, ocsp_answer.KEY_COMPROMISE)
    assert word(responder, name) == REVOKED


def test_what_is_queued_comes_first_and_once(responder):
    responder.behave("revoked", times=1)
    responder.behave("unknown", times=2)
    assert [word(responder) for _request in range(4)] == [REVOKED, UNKNOWN, UNKNOWN, GOOD]


def test_one_certificate_has_its_own_behaviour(responder):
    responder.behave("unknown", certificate="direct")
    responder.behave("revoked", certificate="good", times=1)
    assert [word(responder, name) for name in ("direct", "good", "good")] == [UNKNOWN, REVOKED, GOOD]


def test_lives_are_told_in_seconds(responder):
    responder.live(-10, 3)
    body = ask(responder).body
    this_update, next_update = re.findall(rb"\x18\x0f(\d{14})Z", body)[1:]
    moments = [time.mktime(time.strptime(each.decode(), "%Y%m%d%H%M%S")) for each in (this_update, next_update)]
    assert moments[1] - moments[0] == 13


def test_an_expired_answer_stays_expired_whatever_the_lives(responder):
    responder.live(0, 3)
    responder.behave("expired")
    assert word(responder) == ocsp_asking.REFUSED


def test_it_refuses_and_comes_back_at_the_same_place(responder):
    responder.behave("refused")
    with pytest.raises(ConnectionRefusedError):
        clients.connect_plain(responder.port)
    responder.behave()
    assert word(responder) == GOOD


def test_a_full_queue_lets_nobody_connect(responder):
    responder.behave("not accepted")
    with socket.socket() as sock:
        sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            sock.connect(("127.0.0.1", responder.port))
    responder.behave()
    assert word(responder) == GOOD


def test_connections_that_are_open_end_when_it_stops_accepting(responder):
    with clients.connect_plain(responder.port) as sock:
        sock.sendall(ocsp_asking.message(responder.port, responder.pki.request("good"), responder.PATH, close=False))
        responder.wait_for_answers(1)
        responder.behave("refused")
        assert http.read_response(http.Reader(lambda: sock.recv(65536))).status == 200
        assert sock.recv(1) == b""


def test_where_it_redirects_to_there_is_a_good_answer(responder):
    responder.behave("302")
    place = ask(responder).get("location")
    assert place.startswith(responder.url)
    target = place[len(f"http://{responder.address}"):]
    body = ocsp_asking.ask(responder.port, responder.pki.request("good"), target).body
    assert ocsp_asking.word_for_octets(responder.pki, "good", body) == GOOD
    assert responder.requests[-1].target == target


def test_a_silent_one_keeps_nobody_else_waiting(responder):
    responder.behave(Behaviour(deliver=silent), certificate="good")
    with clients.connect_plain(responder.port) as sock:
        sock.sendall(ocsp_asking.message(responder.port, responder.pki.request("good"), responder.PATH))
        responder.wait_for_requests(1)
        assert word(responder, "direct") == GOOD


# ---------------------------------------------------------------------------------------- certificates


@pytest.mark.parametrize("name", ["good", "revoked", "unknown", "no-aia", "below-revoked", "stranger"])
def test_clients_have_a_chain_to_a_root(responder, name):
    pki = responder.pki
    root = "foreign-root" if name == "stranger" else "root"
    done = shown("verify", "-CAfile", pki.file(root), "-untrusted", pki.chain(name), pki.file(name))
    assert done.returncode == 0, done.stderr


def test_certificates_name_the_responder(responder):
    pki = responder.pki
    for name in ("good", "revoked", "unknown", "intermediate", "server", pki.fresh()):
        assert shown("x509", "-noout", "-ocsp_uri", "-in", pki.file(name)).stdout == responder.url + "\n"
    assert shown("x509", "-noout", "-ocsp_uri", "-in", pki.file("no-aia")).stdout == ""


def test_fresh_clients_are_all_different(responder):
    pki = responder.pki
    names = [pki.fresh() for _client in range(20)]
    assert len({pki.serial(name) for name in names}) == 20
    done = shown("verify", "-CAfile", pki.file("root"), "-untrusted", pki.chain(names[-1]), pki.file(names[-1]))
    assert done.returncode == 0, done.stderr
    clients.context_for(pki, names[-1])


def test_the_forged_delegate_lacks_nothing_but_the_signature(responder):
    pki = responder.pki
    honest, forged = [pki.signer(kind) for kind in ("delegate", "delegate-forged")]
    for options in (["-issuer"], ["-ext", "authorityKeyIdentifier,extendedKeyUsage,keyUsage"]):
        said = [shown("x509", "-noout", *options, "-in", pki.file(name)).stdout for name in (honest, forged)]
        assert said[0] == said[1] != ""
    untrusted = ["-CAfile", pki.file("root"), "-untrusted", pki.file("intermediate")]
    assert shown("verify", *untrusted, pki.file(honest)).returncode == 0
    assert "certificate signature failure" in shown("verify", *untrusted, pki.file(forged)).stderr


@pytest.mark.parametrize("kind", SIGNERS)
def test_signers_of_every_issuer_can_be_made(responder, kind):
    pki = responder.pki
    assert pki.signer(kind, "server-root") != pki.signer(kind) == pki.signer(kind)
