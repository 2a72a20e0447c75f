"""Tickets that we did not give, or not so: of other servers, of any size, changed, invented; and early data."""

import itertools
import os

import pytest

from support import client as clients
from support import handmade, http, libssl, resuming
from support.foreign import ForeignServer
from support.handmade import HandmadeClient, Offer
from support.resuming import Returner

VERSIONS = ["1.2", "1.3"]
SHORT, LONG = b"\x13\x01", b"\x13\x02"   # by their hashes: SHA-256 and SHA-384
BOTH = ["TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"]
# Alternative names in the client's certificate: OpenSSL puts it into its tickets.
NAME_COUNTS = [0, 5, 20, 100, 250]
SIZES = [0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 64, 100, 127, 128, 191, 192, 237, 238, 239, 255, 256, 257, 269, 270, 271, 300, 500,
         512, 748, 1000, 1024, 1500, 1999, 2000, 2048, 2049, 4096, 8192]

# The longest first message that is read; more is refused with an alert, whatever it is made of.
HELLO_MAX = 16384

ILLEGAL_PARAMETER, DECRYPT_ERROR = 47, 51

versions = pytest.mark.parametrize("version", VERSIONS)


def expect_full(returner, session):
    visit = returner.expect(is_resumed=False, session=session)
    assert visit.session.has_ticket
    return visit


# ------------------------------------------------------------------------------------- of another server


def long_certificate(pki, count):
    """The name of a client certificate that makes a ticket as long."""
    name = f"names-{count}"
    names = [f"DNS:device-{number:04}.a-rather-long-name-for-a-device.example.com" for number in range(count)]
    plan = type(pki.folder.plan("good"))
    pki.folder.make(name, plan(subject=f"/O=Sallyport Test/CN={name}", issuer="devices", extended_key_usage=["client"],
                               alternative_names=names))
    return name


@versions
@pytest.mark.parametrize("count", NAME_COUNTS)
def test_a_client_that_moves_here_from_openssl_makes_a_full_handshake(gateway, pki, version, count):
    certificate = long_certificate(pki, count)
    with ForeignServer(pki, version) as server:
        returner = Returner(pki, server.port, certificate, version)
        session = returner.first_visit().session
        assert returner.visit().is_resumed and server.resumptions == 1
    assert len(libssl.inside(session).ticket) > 600
    returner.port = gateway.port
    expect_full(returner, session)
    returner.expect(is_resumed=True)


def test_the_sizes_reach_as_far_as_they_should(pki):
    """What the tickets above weigh: from under a kilobyte to sixteen."""
    sizes = []
    with ForeignServer(pki, "1.3") as server:
        for count in NAME_COUNTS:
            returner = Returner(pki, server.port, long_certificate(pki, count), "1.3")
            sizes.append(len(libssl.inside(returner.first_visit().session).ticket))
    assert sizes[0] < 1000 and 14000 < sizes[-1] < 17000, sizes


@versions
def test_a_ticket_that_makes_the_hello_too_long_is_refused_with_an_alert(gateway, pki, version):
    """Of a client whose certificate fills tens of kilobytes. Without the ticket it gets in; OpenSSL forgets it then."""
    with ForeignServer(pki, version) as server:
        returner = Returner(pki, server.port, "huge", version)
        session = returner.first_visit().session
    assert len(libssl.inside(session).ticket) > HELLO_MAX
    returner.port = gateway.port
    with pytest.raises(resuming.ssl.SSLError, match="ILLEGAL_PARAMETER"):
        returner.visit(session=session)
    gateway.record(reason="hello_too_large")
    returner.first_visit()
    returner.expect(is_resumed=True)


def test_a_ticket_of_tls_1_2_in_a_hello_that_offers_1_3_too(gateway, pki):
    with ForeignServer(pki, "1.2") as server:
        returner = Returner(pki, server.port, "good", None)
        session = returner.first_visit().session
        assert libssl.inside(session).version == libssl.TLS12
    returner.port = gateway.port
    visit = returner.visit(session=session)
    assert visit.status == 200 and not visit.is_resumed


# -------------------------------------------------------------------- in the hello of who is asked again


class Asked(HandmadeClient):
    """Sends no key share at first, and then leaves out what does not fit the suite it was told (RFC 8446 4.1.4)."""

    def __init__(self, gateway, offers, suites):
        super().__init__(clients.connect_plain(gateway.port), offers, suites=suites, has_share=False)

    def answer_retry(self, retry):
        digest = handmade.HASHES[handmade.suite_of(retry)]
        self.offers = [offer for offer in self.offers if offer.digest == digest]
        return super().answer_retry(retry)


def visit_asked(gateway, offers, suites):
    """(the offer that was taken, status)"""
    client = Asked(gateway, offers, suites).run()
    assert client.was_asked_again
    with clients.Client(client) as asking:
        return (None if client.selected is None else client.offers[client.selected]), asking.request().status


def invented(suite):
    return Offer(os.urandom(750), os.urandom(handmade.hashlib.new(handmade.HASHES[suite]).digest_size), suite, 0)


@pytest.mark.parametrize("suites", BOTH)
@pytest.mark.parametrize("suite", BOTH)
def test_a_client_from_openssl_that_is_asked_for_another_key_share(gateway, pki, suite, suites):
    """Its ticket is of either hash. Where that is not the suite's, its second hello has none."""
    with ForeignServer(pki, "1.3") as server:
        returner = Returner(pki, server.port)
        libssl.set_suites13(returner.context, suite.split(":", maxsplit=1)[0])
        session = returner.first_visit().session
    returner.port = gateway.port
    libssl.set_suites13(returner.context, suites)
    libssl.set_groups(returner.context, "P-521:X25519")
    expect_full(returner, session)
    returner.expect(is_resumed=True)


@pytest.mark.parametrize("suites", [[SHORT, LONG], [LONG, SHORT]], ids=["short first", "long first"])
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_foreign_tickets_of_who_is_asked_again_lead_to_a_full_handshake(gateway, suites, count):
    for kinds in itertools.product([SHORT, LONG], repeat=count):
        assert visit_asked(gateway, [invented(suite) for suite in kinds], suites) == (None, 400), kinds


@pytest.mark.parametrize("suites", [[SHORT, LONG], [LONG, SHORT]], ids=["short first", "long first"])
@pytest.mark.parametrize("own, foreign", itertools.product([SHORT, LONG], repeat=2), ids=lambda suite: suite.hex())
def test_ones_own_ticket_beside_a_foreign_one_of_who_is_asked_again(gateway, pki, own, foreign, suites):
    returner = Returner(pki, gateway.port)
    libssl.set_suites13(returner.context, handmade.SUITES[own])
    mine = Offer.of_session(returner.first_visit().session)
    other = invented(foreign)
    for offers in ([mine, other], [other, mine], [other, mine, invented(foreign)]):
        assert visit_asked(gateway, offers, suites) == (mine, 200)


@pytest.mark.parametrize("suite", [SHORT, LONG])
def test_the_binder_of_who_is_asked_again_covers_all_that_was_said(gateway, pki, suite):
    """RFC 8446 4.2.11.2: the hash of the first hello, the request for another, and the second hello."""
    def covering(spoil):
        class Spoiled(Asked):
            """Binds its second hello to something else."""

            def binder_of(self, offer, begun):
                if not self.was_asked_again:
                    return super().binder_of(offer, begun)
                said = handmade.message(handmade.MESSAGE_HASH, handmade.hashed(offer.digest, self.first_hello))
                return offer.binder(spoil(self.first_hello, said, self.retry) + begun)
        return Spoiled

    returner = Returner(pki, gateway.port)
    libssl.set_suites13(returner.context, handmade.SUITES[suite])
    mine = Offer.of_session(returner.first_visit().session)
    assert covering(lambda _first, said, retry: said + retry)(gateway, [mine], [suite]).run().selected == 0
    for spoil in (lambda _first, _said, _retry: b"", lambda _first, said, _retry: said, lambda _first, _said, retry: retry,
                  lambda first, _said, retry: first + retry, lambda _first, said, retry: said[:-1] + b"x" + retry,
                  lambda _first, said, retry: said + retry[:-1] + b"x"):
        client = covering(spoil)(gateway, [mine], [suite])
        with pytest.raises(handmade.Refused) as refusal:
            client.run()
        assert refusal.value.args[0] in (ILLEGAL_PARAMETER, DECRYPT_ERROR)
        client.close()


# ---------------------------------------------------------------------------------------- of nobody


@versions
def test_invented_tickets_of_any_size_lead_to_a_full_handshake(gateway, pki, version):
    returner = Returner(pki, gateway.port, version=version)
    for size in SIZES:
        session = returner.first_visit().session
        libssl.change(session, ticket=os.urandom(size))
        if size == 0 and version == "1.3":
            continue  # no ticket, no offer
        visit = returner.visit(session=session)
        assert (visit.status, visit.is_resumed) == (200, False), size


@pytest.mark.parametrize("count", [1, 2])
def test_invented_tickets_of_any_size_by_hand(gateway, count):
    """OpenSSL would not send an empty one: RFC 8446 4.2.11 wants a byte at least, so that one may be an error."""
    for size in [size for size in SIZES if size * count < HELLO_MAX - 1000]:
        offers = [Offer(os.urandom(size), os.urandom(32), SHORT, 0) for _turn in range(count)]
        client = HandmadeClient(clients.connect_plain(gateway.port), offers)
        try:
            client.run()
        except handmade.Refused:
            assert size == 0
            continue
        with clients.Client(client) as asking:
            assert client.selected is None and asking.request().status == 400, size


@versions
def test_a_changed_byte_anywhere_in_the_ticket_leads_to_a_full_handshake(gateway, pki, version):
    returner = Returner(pki, gateway.port, version=version)
    session = returner.first_visit().session
    ticket = libssl.inside(session).ticket
    with resuming.Counted(gateway, "handshakes_resumed") as counted:
        for place in range(len(ticket)):
            changed = bytearray(ticket)
            changed[place] ^= 1 << place % 8
            libssl.change(session, ticket=bytes(changed))
            visit = returner.visit(session=session, target="/changed")
            assert (visit.status, visit.is_resumed) == (200, False), f"byte {place} of {len(ticket)}"
    assert counted.by["handshakes_resumed"] == 0
    libssl.change(session, ticket=ticket)
    returner.expect(is_resumed=True, session=session)


@versions
def test_a_ticket_cut_or_lengthened_leads_to_a_full_handshake(gateway, pki, version):
    returner = Returner(pki, gateway.port, version=version)
    session = returner.first_visit().session
    ticket = libssl.inside(session).ticket
    for other in [ticket[:size] for size in range(1, len(ticket), 7)] + [b"\x00" + ticket, ticket[1:] + ticket]:
        libssl.change(session, ticket=other)
        visit = returner.visit(session=session, target="/cut")
        assert (visit.status, visit.is_resumed) == (200, False), len(other)


@versions
def test_what_hangs_on_behind_a_ticket_changes_nothing(gateway, pki, version):
    """wolfSSL does not look at it: the ticket says itself how long it is."""
    returner = Returner(pki, gateway.port, version=version)
    full = returner.first_visit()
    ticket = libssl.inside(full.session).ticket
    for tail in (b"\x00", ticket, os.urandom(2000)):
        libssl.change(full.session, ticket=ticket + tail)
        assert returner.visit(session=full.session).told() == full.told()


@pytest.mark.parametrize("version", VERSIONS)
def test_tickets_glued_together_from_two_are_none(gateway, pki, version):
    """Name, vector, content and code of Alice's and Bob's in every mixture."""
    alice, bob = (Returner(pki, gateway.port, name, version) for name in ("good", "p384"))
    own = alice.first_visit().session
    first, second = libssl.inside(own).ticket, libssl.inside(bob.first_visit().session).ticket
    assert len(first) == len(second)
    for cut in (16, 32, 34, len(first) // 2, len(first) - 34, len(first) - 32, len(first) - 16):
        for mixture in (first[:cut] + second[cut:], second[:cut] + first[cut:]):
            if mixture in (first, second):
                continue
            libssl.change(own, ticket=mixture)
            try:
                visit = alice.visit(session=own)
            except OSError:
                # The whole of Bob's but its name: opened, and useless without his secret.
                assert mixture[16:] == second[16:]
                continue
            assert (visit.status, visit.is_resumed) == (200, False), cut


def test_a_ticket_of_tls_1_3_does_for_no_master_secret_of_1_2(gateway, backend, pki):
    """The ticket of one version in the hello of the other: the formats are alike."""
    returner = Returner(pki, gateway.port, version=None)
    session = returner.first_visit().session
    known = libssl.inside(session)
    assert known.version == libssl.TLS13
    libssl.change(session, version=libssl.TLS12, suite=b"\xc0\x2b",
                  secret=known.secret + bytes(48 - len(known.secret)))
    returner.context.maximum_version = clients.VERSIONS["1.2"]
    visit = returner.visit(session=session, target="/crossed")
    assert (visit.status, visit.is_resumed) == (200, False)
    assert gateway.record(requestUri="/crossed")["sslProtocol"] == "TLSv1.2"
    assert len(backend.sent_to("/crossed")) == 1


# ------------------------------------------------------------------------------------------ early data

EARLY = b"POST /early HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"


def test_no_ticket_invites_early_data(gateway, pki):
    """What comes before the handshake is done may be replayed by anybody: it is never asked for."""
    returner = Returner(pki, gateway.port)
    session = returner.first_visit().session
    client = HandmadeClient(clients.connect_plain(gateway.port), [Offer.of_session(session)]).run()
    with clients.Client(client) as asking:
        assert asking.request().status == 200
    assert client.selected == 0 and client.tickets
    for ticket in client.tickets:
        # NewSessionTicket: lifetime, age_add, nonce, ticket, extensions; 42 would be early_data. RFC 8446 4.6.1.
        at = 4 + 4 + 4
        at += 1 + ticket[at]
        at += 2 + int.from_bytes(ticket[at:at + 2], "big")
        assert ticket[at:] == b"\x00\x00", ticket[at:]


def offer_early_data(pki, gateway, port):
    """A client of OpenSSL's whose session of that server pretends that it may: (TLS object, its bios, its socket)."""
    returner = Returner(pki, port)
    session = libssl.change(returner.first_visit().session, early_data_size=16384)
    bios = [resuming.ssl.MemoryBIO(), resuming.ssl.MemoryBIO()]
    tls = returner.context.wrap_bio(*bios, server_hostname="localhost", session=session)
    libssl.write_early_data(tls, EARLY)
    return tls, bios, clients.connect_plain(gateway.port)


def expect_early_data_is_passed_over(offered):
    """The handshake goes on behind it (RFC 8446 4.2.10), and a request is answered."""
    tls, bios, sock = offered

    def go_on(call):
        while True:
            try:
                return call()
            except resuming.ssl.SSLWantReadError:
                sock.sendall(bios[1].read())
                part = sock.recv(65536)
                assert part
                bios[0].write(part)

    with sock:
        go_on(tls.do_handshake)
        assert not libssl.early_data_is_accepted(tls)
        tls.write(b"GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert go_on(lambda: tls.read(65536)).startswith(b"HTTP/1.1 200 ")


def test_early_data_is_neither_accepted_nor_heard(gateway, backend, pki):
    """Nobody was invited, but whoever comes anyway is served behind it."""
    expect_early_data_is_passed_over(offer_early_data(pki, gateway, gateway.port))
    assert Returner(pki, gateway.port).first_visit().status == 200
    assert not backend.sent_to("/early")


def test_early_data_for_another_servers_ticket_is_passed_over(gateway, backend, pki):
    """As a client sends it that has moved here from one that had invited it."""
    with ForeignServer(pki, "1.3") as server:
        offered = offer_early_data(pki, gateway, server.port)
    expect_early_data_is_passed_over(offered)
    assert not backend.sent_to("/early")


@pytest.mark.parametrize("size", [0, 1, 3, 1000, 16000])
@pytest.mark.parametrize("has_share", [True, False])
def test_early_data_by_hand_is_never_heard(gateway, backend, pki, size, has_share):
    """Sealed under the right early key: a server that has it could read it."""
    session = Returner(pki, gateway.port).first_visit().session
    offer = Offer.of_session(session)
    octets = (EARLY + b"x" * size) if size else b""
    client = HandmadeClient(clients.connect_plain(gateway.port), [offer], suites=[offer.suite], has_share=has_share,
                            early_data=octets)
    try:
        client.run()
        with clients.Client(client) as asking:
            assert asking.request().status == 200
    except (OSError, http.Ended):
        client.close()
    assert Returner(pki, gateway.port).first_visit().status == 200
    assert not backend.sent_to("/early")
