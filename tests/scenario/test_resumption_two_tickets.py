"""Alice offers Bob's ticket, which everybody on the wire can read, beside or instead of her own. She never becomes Bob.

TLS 1.3 lets a client offer several tickets at once, and wolfSSL may open others than the one it resumes from.
"""

import itertools
import json
import os

import pytest

from support import client as clients
from support import handmade, libssl, resuming, wire
from support.handmade import HandmadeClient, Offer
from support.resuming import Returner

ALICE, BOB = "good", "p384"
SHORT, LONG = b"\x13\x01", b"\x13\x02"   # TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384
NAMES = {SHORT: "TLS_AES_128_GCM_SHA256", LONG: "TLS_AES_256_GCM_SHA384"}
RULES = {"request_header": ["X-Subject: {var_client_certificate_subject}"]}
ILLEGAL_PARAMETER, DECODE_ERROR, DECRYPT_ERROR = 47, 50, 51


@pytest.fixture(scope="module")
def shared_changes():
    return {"rewrite": RULES}


def session_of(pki, gateway, certificate, suite=SHORT, version="1.3"):
    returner = Returner(pki, gateway.port, certificate, version)
    if version == "1.3":
        libssl.set_suites13(returner.context, NAMES[suite])
    return returner, returner.first_visit().session


def bobs_ticket_from_the_wire(pki, gateway, suite):
    """As Alice gets it: out of the hello of his next connection."""
    returner, session = session_of(pki, gateway, BOB, suite)
    bios = [resuming.ssl.MemoryBIO(), resuming.ssl.MemoryBIO()]
    tls = returner.context.wrap_bio(*bios, server_hostname="localhost", session=session)
    with pytest.raises(resuming.ssl.SSLWantReadError):
        tls.do_handshake()
    [(_kind, hello)], _left = wire.records_of(bios[1].read())
    ticket = libssl.inside(session).ticket
    assert ticket in hello
    return Offer(ticket, os.urandom(len(libssl.inside(session).secret)), suite, Offer.of_session(session).obfuscated_age)


def own_offer(pki, gateway, suite):
    return Offer.of_session(session_of(pki, gateway, ALICE, suite)[1])


def try_offers(gateway, offers, **how):
    """(selected, subject that the backend was told, status); (None, None, alert) when the handshake failed."""
    sock = clients.connect_plain(gateway.port)
    client = HandmadeClient(sock, offers, **how)
    try:
        client.run()
    except handmade.Refused as refusal:
        sock.close()
        return None, None, f"alert {refusal.args[0]}"
    with clients.Client(client) as asking:
        response = asking.request(target="/who")
    if response.status != 200:
        return client.selected, None, response.status
    fields = {name.lower(): value for name, value in json.loads(response.body)["fields"]}
    return client.selected, fields["x-subject"], 200


# What may become of an offer that holds a ticket whose key Alice does not have.
HARMLESS = {(None, 400), (None, f"alert {DECRYPT_ERROR}"), (None, f"alert {ILLEGAL_PARAMETER}")}


def check_alice(pki, outcome, own_index):
    selected, subject, status = outcome
    if subject is not None:
        assert subject == pki.shown(ALICE, "-subject", "-nameopt", "RFC2253"), outcome
        assert selected == own_index, outcome
    else:
        assert (selected, status) in HARMLESS, outcome


@pytest.mark.parametrize("suite", [SHORT, LONG])
@pytest.mark.parametrize("has_share", [True, False])
def test_a_client_made_by_hand_resumes_from_its_own_ticket(gateway, pki, suite, has_share):
    """Else what follows would show nothing."""
    outcome = try_offers(gateway, [own_offer(pki, gateway, suite)], has_share=has_share)
    assert outcome == (0, pki.shown(ALICE, "-subject", "-nameopt", "RFC2253"), 200)


@pytest.mark.parametrize("has_share", [True, False], ids=["at once", "asked again"])
@pytest.mark.parametrize("age", ["right", "wrong"])
@pytest.mark.parametrize("order", ["own first", "Bob's first"])
@pytest.mark.parametrize("own, bobs", itertools.product([SHORT, LONG], repeat=2), ids=lambda suite: suite.hex())
def test_a_ticket_beside_ones_own_makes_nobody_else(gateway, backend, pki, own, bobs, order, age, has_share):
    offers = [own_offer(pki, gateway, own), bobs_ticket_from_the_wire(pki, gateway, bobs)]
    if age == "wrong":
        offers[1].obfuscated_age = (offers[1].obfuscated_age + 5_000_000) % (1 << 32)
    own_index = 0
    if order == "Bob's first":
        offers.reverse()
        own_index = 1
    bob = pki.shown(BOB, "-subject", "-nameopt", "RFC2253")
    for suites in ([SHORT, LONG], [LONG, SHORT]):
        before = len(backend.requests)
        check_alice(pki, try_offers(gateway, offers, suites=suites, has_share=has_share), own_index)
        assert not any(request.get("x-subject") == bob for request in backend.requests[before:])


def test_a_crowd_of_tickets_makes_nobody_else(gateway, pki):
    """Bob's again and again, other people's, and one's own in every place."""
    own = own_offer(pki, gateway, SHORT)
    others = [bobs_ticket_from_the_wire(pki, gateway, suite) for suite in (SHORT, LONG)]
    others += [Offer(os.urandom(len(own.ticket)), os.urandom(32), SHORT, 0) for _turn in range(3)]
    for place in range(len(others) + 1):
        offers = others[:place] + [own] + others[place:]
        check_alice(pki, try_offers(gateway, offers, suites=[LONG, SHORT]), place)


def test_two_tickets_of_ones_own_are_ones_own(gateway, pki):
    own, newer = own_offer(pki, gateway, SHORT), own_offer(pki, gateway, SHORT)
    for offers in ([own, newer], [newer, own]):
        selected, subject, status = try_offers(gateway, offers)
        assert (status, subject) == (200, pki.shown(ALICE, "-subject", "-nameopt", "RFC2253")), status
        assert selected in (0, 1)


def test_the_same_ticket_twice_makes_nobody_else(gateway, pki):
    """No client does that, and wolfSSL takes it for a mistake."""
    own, bobs = own_offer(pki, gateway, SHORT), bobs_ticket_from_the_wire(pki, gateway, SHORT)
    for offers in ([own, own], [own, bobs, own], [bobs, own, own], [own, bobs, bobs], [bobs, bobs]):
        _selected, subject, status = try_offers(gateway, offers)
        assert subject in (None, pki.shown(ALICE, "-subject", "-nameopt", "RFC2253"))
        assert status in (200, 400, f"alert {DECODE_ERROR}", f"alert {DECRYPT_ERROR}", f"alert {ILLEGAL_PARAMETER}"), status


@pytest.mark.parametrize("count", [50, 400])
def test_hundreds_of_tickets_are_no_work_and_no_way_in(gateway, pki, count):
    own = own_offer(pki, gateway, SHORT)
    offers = [Offer(os.urandom(20), os.urandom(32), SHORT, 0) for _turn in range(count)] + [own]
    check_alice(pki, try_offers(gateway, offers), count)
    assert Returner(pki, gateway.port).first_visit().status == 200


def test_openssl_offering_bobs_ticket_as_an_external_key_stays_alice(gateway, pki):
    """The same with a real library: its own ticket, and behind it a key of its user's whose name is Bob's ticket."""
    for own, bobs in itertools.product([SHORT, LONG], repeat=2):
        ticket = bobs_ticket_from_the_wire(pki, gateway, bobs).ticket
        alice, _session = session_of(pki, gateway, ALICE, own)
        libssl.set_suites13(alice.context, ":".join(NAMES.values()))
        told = alice.expect(is_resumed=True).told()
        libssl.offer_beside(alice.context, ticket, bobs, os.urandom(32 if bobs == SHORT else 48))
        for _turn in range(3):
            visit = alice.visit()
            assert visit.status == 200
            assert visit.told()["x-subject"] == told["x-subject"] != pki.shown(BOB, "-subject", "-nameopt", "RFC2253")


# ------------------------------------------------------------------------------- instead of one's own


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_bobs_ticket_without_bobs_secret_is_worth_nothing(gateway, backend, pki, version):
    _bob, session = session_of(pki, gateway, BOB, version=version)
    alice, own = session_of(pki, gateway, ALICE, version=version)
    stolen = libssl.inside(session)
    libssl.change(own, ticket=stolen.ticket, age_add=stolen.age_add, made_at=stolen.made_at)
    with pytest.raises(OSError):
        alice.visit(session=own, target="/stolen")
    assert not backend.sent_to("/stolen")
    # And without a session she is who she was.
    subject = pki.shown(ALICE, "-subject", "-nameopt", "RFC2253")
    assert alice.first_visit().told()["x-subject"] == subject


@pytest.mark.parametrize("suite", [SHORT, LONG])
def test_bobs_ticket_alone_with_a_wrong_binder_ends_the_handshake(gateway, pki, suite):
    """RFC 8446 4.2.11: decrypt_error, or a full handshake when the ticket is refused for another reason."""
    outcome = try_offers(gateway, [bobs_ticket_from_the_wire(pki, gateway, suite)])
    assert outcome in {(None, None, f"alert {DECRYPT_ERROR}"), (None, None, f"alert {ILLEGAL_PARAMETER}")}


def test_a_ticket_whose_hello_changed_after_the_binder_is_refused(gateway, pki):
    """The binder covers the hello: a name that somebody changes on the way is noticed."""
    class Changing(HandmadeClient):
        """The name that is sent is not the one that was bound."""

        def hello(self, cookie=None):
            return super().hello(cookie).replace(b"localhost", b"localhosT")

    sock = clients.connect_plain(gateway.port)
    with pytest.raises(handmade.Refused):
        Changing(sock, [own_offer(pki, gateway, SHORT)]).run()
    sock.close()


def test_other_tickets_after_the_retry_than_before_it_make_nobody_else(gateway, backend, pki):
    """RFC 8446 4.1.2 forbids it; who does it all the same is ended or judged anew."""
    bob = pki.shown(BOB, "-subject", "-nameopt", "RFC2253")
    own, bobs = own_offer(pki, gateway, SHORT), bobs_ticket_from_the_wire(pki, gateway, SHORT)

    class Swapping(HandmadeClient):
        """Offers other tickets in its second hello than in its first."""

        def answer_retry(self, retry):
            self.offers = self.later
            return super().answer_retry(retry)

    for first, second in (([own], [bobs]), ([bobs], [own]), ([own], [bobs, own]), ([own, bobs], [bobs, own]), ([own], []),
                          ([bobs], []), ([own, bobs], []), ([], [own]), ([], [bobs])):
        before = len(backend.requests)
        client = Swapping(clients.connect_plain(gateway.port), first, has_share=False, suites=[SHORT])
        client.later = second
        try:
            client.run()
            with clients.Client(client) as asking:
                response = asking.request(target="/swapped")
            assert response.status in (200, 400)
            if response.status == 200:
                assert second[client.selected] is own
        except (handmade.Refused, AssertionError) as refusal:
            assert isinstance(refusal, handmade.Refused) or "Finished" in str(refusal), refusal
        assert not any(request.get("x-subject") == bob for request in backend.requests[before:])
