"""What a profile may say about revocation, each setting by what becomes of a client and by what the responder is asked."""

import json

import pytest

from support import guarded, ocsp_request, ports, stats, wait
from support.guarded import UNAVAILABLE, Visitor

OVERRIDE = "/override"
LENIENT, CHAIN = {"ocsp_failure": "allow"}, {"ocsp_check": "chain"}
OPEN = {"verify_client_auth_mode": "passthrough"}
RULES = {"request_header": "X-Verdict: {var_client_certificate_verdict}"}

pytestmark = pytest.mark.usefixtures("forgetful")


@pytest.fixture(scope="module")
def pki(responder):
    return responder.pki


@pytest.fixture(scope="module", name="made")
def one_listener_a_profile(pki, responder):
    override = {"ocsp_responder": f"http://{responder.address}{OVERRIDE}"}
    trusted = {"trusted_client_ca": pki.file("root")}
    return guarded.doors(pki, {
        "strict": {}, "lenient": LENIENT, "chain": CHAIN, "lenient-chain": {**LENIENT, **CHAIN},
        "override": override, "override-elsewhere": {"ocsp_responder": f"http://127.0.0.1:{ports.free_port()}/"},
        "nonce": {"ocsp_nonce": "on"}, "get": {"ocsp_method": "get"}, "get-nonce": {"ocsp_method": "get", "ocsp_nonce": "on"},
        "hasty": {"seconds": guarded.HASTY_SECONDS}, "none": {"verify_client_revocation": "none"}, "off": {"validate_revocation": "off"},
        "open": {**OPEN, **trusted}, "report": {**OPEN, **trusted, "report": "on"}}, {"rewrite": "told"})


@pytest.fixture(scope="module", name="doors")
def their_ports(made):
    return made[0]


@pytest.fixture(scope="module")
def shared_changes(made):
    return {"more": made[1] + [("rewrite told", RULES)]}


@pytest.fixture(name="word")
def the_word_for(gateway, pki, doors):
    return lambda name, door: guarded.word(gateway, pki, name, doors[door])


# --------------------------------------------------------------------------------------- what failure means


@pytest.mark.parametrize("door", ["strict", "lenient", "chain", "override", "nonce", "get"])
def test_revoked_and_unknown_are_out_whatever_the_profile_says(responder, pki, word, door):
    assert word("good", door) == ""
    for status in ("revoked", "unknown"):
        name = pki.fresh()
        responder.know(name, status)
        assert word(name, door) == word(status, door) == {"unknown": "revocation_unknown"}.get(status, status)


def test_a_certificate_that_names_no_responder_has_a_word_of_its_own(responder, word):
    before = len(responder.requests)
    assert word("no-aia", "strict") == "no_ocsp_url"
    assert word("no-aia", "lenient") == ""
    assert word("no-aia", "override") == ""
    assert [asked.target for asked in responder.requests[before:]] == [OVERRIDE]


@pytest.mark.parametrize("status, reason", [("revoked", "revoked"), ("unknown", "revocation_unknown")])
def test_the_first_word_on_who_was_let_in_without_one_ends_that(gateway, responder, pki, doors, word, status, reason):
    """One profile has nobody to ask and forgives it; then another asks."""
    name = pki.fresh(url="")
    kept = [Visitor(doors["lenient"], pki, name).client for _connection in range(2)]
    assert {client.response().status for client in kept} == {200}
    responder.know(name, status)
    assert word(name, "override") == reason
    if status == "revoked":
        assert all(client.is_ended() for client in kept)
    else:
        assert {client.request(target=f"/first-word/{name}").status for client in kept} == {400}
        assert gateway.record(requestUri=f"/first-word/{name}")["reason"] == reason
    assert word(name, "lenient") == reason


def test_each_word_is_counted_by_itself(gateway, responder, pki, word):
    unanswered, unasked = pki.fresh(), pki.fresh(url="")
    responder.behave("garbage", certificate=unanswered)
    those = {"revoked": "revoked", "unknown": "revocation_unknown", unanswered: UNAVAILABLE, unasked: "no_ocsp_url"}
    series = [f'sallyport_verdicts_total{{profile="strict",reason="{reason}"}}' for reason in those.values()]
    before = stats.metrics(gateway)
    assert [word(name, "strict") for name in those] == list(those.values())
    after = stats.metrics(gateway)
    assert [after[name] - before[name] for name in series] == [1] * len(series)


@pytest.mark.parametrize("url", ["https://127.0.0.1/ocsp", "ldap://127.0.0.1/", "http://127.0.0.1:99999/", "http://",
                                 "http://a@127.0.0.1/", "http://no.such.name.invalid/ocsp", "http://[::1/"])
def test_a_responder_that_cannot_be_asked_is_a_failure(pki, word, url):
    assert word(pki.fresh(url=url), "strict") in (UNAVAILABLE, "no_ocsp_url")
    assert word(pki.fresh(url=url), "lenient") == ""


def test_a_responder_may_be_named(responder, pki, word):
    assert word(pki.fresh(url=responder.url_for("localhost")), "strict") == ""


# ----------------------------------------------------------------------------------------------- who is asked


def test_the_profiles_responder_goes_before_the_certificates(responder, pki, word):
    name = pki.fresh(url=f"http://127.0.0.1:{ports.free_port()}/")
    assert word(name, "strict") == UNAVAILABLE
    assert word(name, "override") == "", "a failure of one responder says nothing of another"
    asked, = responder.requests_for(name)
    assert (asked.method, asked.target) == ("POST", OVERRIDE)
    other = pki.fresh()
    assert word(other, "override-elsewhere") == UNAVAILABLE
    assert not responder.requests_for(other)


def test_a_failure_is_one_of_the_responder_and_of_the_question(responder, pki, word):
    """Or a door that forgives failures would let in whom its own responder calls revoked."""
    names = [pki.fresh() for _client in range(2)]
    for name in names:
        responder.revoke(name)
    assert word(names[0], "override-elsewhere") == UNAVAILABLE
    assert word(names[0], "lenient") == "revoked"
    responder.behave("nonce missing", certificate=names[1])
    assert word(names[1], "nonce") == UNAVAILABLE
    responder.behave(certificate=names[1])
    assert word(names[1], "lenient") == "revoked"


def test_the_hurry_of_one_profile_is_not_the_failure_of_another(gateway, responder, pki, doors, word):
    """The patient one comes after it, and while it waits."""
    after, beside = pki.fresh(), pki.fresh()
    responder.behave("late", certificate=after)
    assert word(after, "hasty") == UNAVAILABLE
    responder.behave(certificate=after)
    assert word(after, "hasty") == UNAVAILABLE, "asked again after ocsp_retry_after"
    assert word(after, "strict") == ""
    responder.behave("late", certificate=beside)
    visitors = []
    for door in ("hasty", "strict"):
        visitors.append(Visitor(doors[door], pki, beside))
        wait.until(lambda: len(responder.requests_for(beside)) == len(visitors), "the question")
    assert guarded.word_of(gateway, visitors[0].end()) == UNAVAILABLE
    responder.gate.set()
    assert guarded.word_of(gateway, visitors[1].end()) == ""


def test_an_answer_serves_every_profile(responder, pki, word):
    name = pki.fresh()
    assert [word(name, door) for door in ("strict", "lenient", "get", "override")] == [""] * 4
    assert len(responder.requests_for(name)) == 1


def test_the_leaf_alone_is_asked_about(responder, word):
    before = len(responder.requests_for("revoked-intermediate"))
    assert word("below-revoked", "strict") == ""
    assert len(responder.requests_for("revoked-intermediate")) == before


def test_with_the_chain_a_revoked_intermediate_keeps_all_below_it_out(responder, word):
    for door in ("chain", "lenient-chain"):
        assert word("below-revoked", door) == "revoked"
    assert word("direct", "chain") == "", "there is nobody between it and the root"
    assert word("good", "chain") == ""
    assert len(responder.requests_for("intermediate")) == 1


def test_with_the_chain_every_certificate_must_be_answered_for(responder, pki, word):
    pki.authority("mute", "/O=Revocable/CN=Mute CA", "root")
    assert word(pki.fresh("mute"), "strict") == ""
    assert word(pki.fresh("mute"), "chain") == "no_ocsp_url"
    assert word(pki.fresh("mute"), "lenient-chain") == ""
    pki.authority("doubtful", "/O=Revocable/CN=Doubtful CA", "root", ocsp_url=responder.url)
    responder.behave("garbage", certificate="doubtful")
    assert word(pki.fresh("doubtful"), "strict") == ""
    assert word(pki.fresh("doubtful"), "chain") == UNAVAILABLE
    assert word(pki.fresh("doubtful"), "lenient-chain") == ""


def test_with_the_chain_a_revoked_leaf_does_not_wait_for_its_intermediate(gateway, responder, pki, doors):
    pki.authority("slow", "/O=Revocable/CN=Slow CA", "root", ocsp_url=responder.url)
    responder.behave("never", certificate="slow")
    name = pki.fresh("slow")
    responder.revoke(name)
    assert guarded.word(gateway, pki, name, doors["strict"]) == "revoked"
    seen = guarded.visit(gateway, pki, name, doors["chain"])
    assert guarded.word_of(gateway, seen) == "revoked" and seen.seconds < guarded.PATIENT_SECONDS / 2


# ------------------------------------------------------------------------------------------- how it is asked


def test_a_question_has_a_nonce_only_when_the_profile_says_so(responder, pki, word):
    names = [pki.fresh() for _client in range(3)]
    assert [word(name, "nonce") for name in names] == [""] * 3
    nonces = [responder.requests_for(name)[0].nonce for name in names]
    assert len(set(nonces)) == 3 and all(16 <= len(nonce) <= 32 for nonce in nonces)
    name = pki.fresh()
    assert word(name, "strict") == "" and responder.requests_for(name)[0].nonce is None


def test_an_answer_without_a_nonce_is_not_enough_for_who_wants_one(responder, pki, word):
    name = pki.fresh()
    assert word(name, "strict") == word(name, "nonce") == word(name, "nonce") == word(name, "strict") == ""
    assert [asked.nonce is not None for asked in responder.requests_for(name)] == [False, True]


def test_post_says_what_it_is(responder, pki, word):
    name = pki.fresh()
    assert word(name, "strict") == ""
    asked, = responder.requests_for(name)
    assert (asked.method, asked.target, asked.get("host")) == ("POST", responder.PATH, responder.address)
    assert asked.get("content-type") == "application/ocsp-request"
    assert asked.request.id.digest == "sha1" and asked.body == pki.request(name)


@pytest.mark.parametrize("door", ["get", "get-nonce"])
def test_get_has_the_question_in_its_target(responder, pki, word, door):
    name = pki.fresh()
    assert word(name, door) == ""
    asked, = responder.requests_for(name)
    assert asked.method == "GET" and asked.body == b""
    assert ocsp_request.octets_of_target(asked.target, responder.PATH) == pki.request(name, asked.nonce)


# ------------------------------------------------------------------------------------------- who is not asked


@pytest.mark.parametrize("door", ["none", "off"])
def test_a_profile_may_waive_it(responder, word, door):
    before = len(responder.requests)
    assert [word(name, door) for name in ("good", "revoked", "no-aia")] == [""] * 3
    assert len(responder.requests) == before


def test_who_is_out_anyway_is_not_asked_about(responder, pki, word):
    """A stranger's certificate says where to connect to, and nobody has vouched for it."""
    before = len(responder.requests)
    assert word("stranger", "strict") not in ("", UNAVAILABLE)
    assert word(pki.fresh(ends_days=-1, starts_days=-2), "lenient") == "expired"
    assert len(responder.requests) == before


VERDICTS = {"good": "SUCCESS", "revoked": "FAILED:certificate revoked", "unknown": "FAILED:certificate status unknown",
            "no-aia": "FAILED:certificate has no OCSP responder URL"}


@pytest.mark.parametrize("name", VERDICTS)
@pytest.mark.parametrize("door", ["open", "report"])
def test_an_open_door_says_what_a_strict_one_would_have_done(gateway, pki, doors, name, door):
    # An answer would do that another profile has got from its own responder.
    certificate = pki.fresh(url="") if name == "no-aia" else name
    visitor = Visitor(doors[door], pki, certificate)
    response = visitor.client.response()
    told = {key.lower(): value for key, value in json.loads(response.body)["fields"]}
    assert (response.status, told["x-verdict"]) == (200, VERDICTS[name])
    record = gateway.record(requestUri=visitor.target)
    assert record["sslClientVerify"] == VERDICTS[name]
    if door == "report":
        word = {"good": "", "unknown": "revocation_unknown", "no-aia": "no_ocsp_url"}.get(name, name)
        assert record["wouldRefuse"] == word
