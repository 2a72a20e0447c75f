"""`sallyport explain` with verify_client_revocation = ocsp: the gateway's own words, and the evidence they rest on."""

import json
import os
import time

import pytest

from support import edge, ocsp_answer
from support.client import ask, connect
from support.gateway import ini_text, run_command
from support.ocsp_openssl import OpensslResponder
from support.ocsp_responder import Responder
from support.revocable import Revocable


@pytest.fixture(scope="module", name="made")
def made_once(tmp_path_factory):
    """(responder, pki), shared: each test asks about clients of its own, and what it is told holds for one test."""
    with Responder() as responder:
        yield responder, responder.serve(Revocable(tmp_path_factory.mktemp("revocable"), responder.url))
        assert not responder.failures, responder.failures


@pytest.fixture(name="responder")
def told_nothing(made):
    responder = made[0]
    responder.behave()
    responder.live()
    responder.forget_requests()
    yield responder
    responder.behave()


@pytest.fixture(name="pki")
def revocable_pki(made):
    """Instead of the one that other files share."""
    return made[1]


@pytest.fixture(name="configure")
def configurer(tmp_path, pki):
    """configure(cache_file="", **changes of the profile) -> path of a configuration; nothing runs."""
    def configure(cache_file="", **profile):
        gateway = {"ocsp_cache_file": cache_file} if cache_file else {}
        sections = edge.edge_sections(str(tmp_path), pki, "127.0.0.1:9", gateway=gateway,
                                      profile={"verify_client_revocation": "ocsp", **profile})
        path = tmp_path / "explain.ini"
        path.write_text(ini_text(sections))
        return str(path)

    return configure


def explain(config, *arguments):
    """The JSON document; its exit status is checked against what it says."""
    done = run_command("explain", "--json", "-c", config, *arguments, seconds=60)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    everybody = found["let_in"] is True or found.get("refused") == 0
    assert done.returncode == (0 if everybody else 1)
    return found


def evidence_of(found):
    """Of the only certificate."""
    (evidence,) = found["ocsp"]["certificates"]
    return evidence


def check_of(found):
    return next(check["result"] for check in found["checks"] if check["check"] == "revocation")


def shown(config, *arguments):
    return run_command("explain", "-c", config, *arguments).stdout


# ------------------------------------------------------------------------------------------ answers


def test_a_good_client_is_in_until_its_answer_ends(configure, responder, pki):
    name = pki.fresh()
    found = explain(configure(), pki.chain(name))
    evidence = evidence_of(found)
    assert found["verdict"] == "success" and check_of(found) == "passed"
    assert (evidence["status"], evidence["source"], evidence["responder"]) == ("good", "fetched", responder.url)
    assert evidence["is_asked"] and not evidence["is_of_profile"] and evidence["fault"] is None
    assert evidence["next_update_seconds"] == evidence["used_until_seconds"] == found["valid_until_seconds"]
    assert evidence["this_update_seconds"] <= evidence["produced_at_seconds"] <= evidence["received_at_seconds"]
    assert evidence["age_seconds"] <= 2
    assert len(responder.requests_for(name)) == 1
    text = shown(configure(), pki.chain(name))
    for part in ("status       good, fetched just now, ", f"responder    {responder.url}\n", "this update", "next update",
                 "produced at", "(the issuer itself)\n", "used until"):
        assert part in text


def test_a_revoked_one_is_out_with_time_and_reason(configure, responder, pki):
    name = pki.fresh()
    since = int(time.time()) - 7200
    responder.revoke(name, reason=ocsp_answer.KEY_COMPROMISE, since=-7200)
    found = explain(configure(), pki.chain(name))
    evidence = evidence_of(found)
    assert found["verdict"] == "revoked" and check_of(found) == "failed" and found["about"]["depth"] == 0
    assert evidence["status"] == "revoked" and evidence["revocation_reason"] == "keyCompromise"
    assert abs(evidence["revoked_at_seconds"] - since) <= 5
    assert "new one issued" in found["remedy"]
    text = shown(configure(), pki.chain(name))
    assert "(keyCompromise)\n" in text and "out: revoked (FAILED:certificate revoked)" in text


def test_an_unknown_one_is_out_until_it_may_be_asked_again(configure, pki):
    found = explain(configure(ocsp_failure="allow"), pki.chain("unknown"))
    evidence = evidence_of(found)
    assert found["verdict"] == "revocation_unknown" and evidence["status"] == "unknown"
    assert evidence["used_until_seconds"] == evidence["received_at_seconds"] + 10


def test_a_delegate_is_named(configure, responder, pki):
    name = pki.fresh()
    signer = pki.signer("delegate")
    responder.answer(certificate=name, signer="delegate", identified="name")
    evidence = evidence_of(explain(configure(), pki.chain(name)))
    assert evidence["is_by_delegate"] is True and evidence["signer"] == f"CN={signer},O=Revocable"
    assert f"signed by    CN={signer},O=Revocable  (delegated to by the issuer)" in shown(configure(), pki.chain(name))


def test_a_real_responder_is_understood(configure, pki):
    with OpensslResponder().start(pki) as real:
        config = configure(ocsp_responder=real.url)
        assert explain(config, pki.chain("good"))["verdict"] == "success"
        found = explain(config, pki.chain("revoked"))
        assert found["verdict"] == "revoked" and evidence_of(found)["is_of_profile"] is True
        assert explain(config, pki.chain("unknown"))["verdict"] == "revocation_unknown"


def test_every_certificate_of_the_path_but_the_root_may_be_asked_about(configure, pki):
    chain = pki.chain("below-revoked")
    assert explain(configure(), chain)["verdict"] == "success"
    found = explain(configure(ocsp_check="chain"), chain)
    assert found["verdict"] == "revoked" and found["about"]["depth"] == 1
    assert found["about"]["subject"].startswith("CN=Revoked CA")
    assert [evidence["status"] for evidence in found["ocsp"]["certificates"]] == ["good", "revoked"]


# ------------------------------------------------------------------------------------------ failures

# What the responder does, and the fault that it is.
FAULTS = {
    "refused": "unreachable", "closed at once": "closed", "never": "timeout", "SSH": "http", "302": "redirect",
    "404": "http_status", "oversized as it says": "too_large", "try later": "try_later", "unauthorized": "unauthorized",
    "internal error": "internal_error", "malformed request": "malformed_request",
    "a signature is required": "sig_required", "garbage": "malformed", "wrong serial": "wrong_certificate",
    "expired": "expired", "future": "not_yet_valid", "wrong signer": "signature", "delegate not enclosed": "unknown_signer",
    "delegate without the purpose": "bad_delegate", "broken signature": "signature",
}
SHORT = {"ocsp_timeout": "1s", "ocsp_connect_timeout": "500ms", "ocsp_read_timeout": "500ms"}
# Where it does answer: it may have to make a certificate first, and to wait for a processor.
LONG = {"ocsp_timeout": "20s", "ocsp_connect_timeout": "20s", "ocsp_read_timeout": "20s"}


@pytest.mark.parametrize("what", FAULTS)
def test_what_went_wrong_has_a_word_and_a_remedy(configure, responder, pki, what):
    responder.behave(what)
    name = pki.fresh()
    limits = SHORT if FAULTS[what] == "timeout" else LONG
    found = explain(configure(**limits), pki.chain(name))
    evidence = evidence_of(found)
    assert (found["verdict"], evidence["fault"]) == ("revocation_unavailable", FAULTS[what])
    assert check_of(found) == "failed" and evidence["fault_text"] and evidence["status"] is None
    assert len(found["remedy"]) > 20
    allowed = explain(configure(ocsp_failure="allow", **limits), pki.chain(name))
    assert (allowed["verdict"], evidence_of(allowed)["fault"]) == ("success", FAULTS[what])


def test_every_remedy_is_its_own(configure, responder, pki):
    remedies = set()
    faults = ("refused", "404", "try later", "wrong serial", "expired")
    for what in faults:
        responder.behave(what)
        remedies.add(explain(configure(**LONG), pki.chain(pki.fresh()))["remedy"])
    assert len(remedies) == len(faults)


def test_a_certificate_without_url_and_one_with_a_hostile_url(configure, pki):
    assert explain(configure(), pki.chain("no-aia"))["verdict"] == "no_ocsp_url"
    name = pki.fresh(url="http://evil\x1b]0;owned\x07/\x1b[2J")
    found = explain(configure(), pki.chain(name))
    assert found["verdict"] == "revocation_unavailable" and evidence_of(found)["fault"] == "bad_url"
    text = shown(configure(), pki.chain(name))
    assert "\x1b" not in text and "\x07" not in text and "http://evil\\1B]0;owned\\07/\\1B[2J" in text


def test_a_dead_responder_is_waited_for_once_for_a_whole_folder(configure, responder, pki, tmp_path):
    responder.behave("never")
    folder = tmp_path / "clients"
    folder.mkdir()
    for _ in range(20):
        name = pki.fresh()
        (folder / f"{name}.pem").write_text(pki.folder.read(name, "-chain.pem"))
    begun = time.monotonic()
    done = run_command("explain", "-c", configure(**SHORT), str(folder))
    assert time.monotonic() - begun < 10
    assert done.returncode == 1 and done.stdout.count("revocation_unavailable  the responder did not answer in time") == 20


# ------------------------------------------------------------------------------- nobody is asked


def test_without_a_network_nobody_is_asked(configure, responder, pki):
    name = pki.fresh()
    found = explain(configure(), "--no-network", pki.chain(name))
    assert found["verdict"] == "revocation_unavailable" and found["ocsp"]["nobody_asked"] == "no_network"
    assert evidence_of(found)["is_supposed_dead"] is True and evidence_of(found)["fault"] is None
    assert "--no-network" in found["remedy"]
    assert explain(configure(ocsp_failure="allow"), "--no-network", pki.chain(name))["verdict"] == "success"
    found = explain(configure(), "--time", f"@{int(time.time()) + 3600}", pki.chain(name))
    assert found["verdict"] == "revocation_unavailable" and found["ocsp"]["nobody_asked"] == "other_time"
    assert responder.requests == []


def test_nobody_is_asked_about_a_bad_path(configure, responder, pki):
    found = explain(configure(), pki.chain("stranger"))
    assert found["ocsp"] is None and check_of(found) == "not_reached"
    found = explain(configure(validate_revocation="off"), pki.chain("good"))
    assert found["ocsp"] is None and check_of(found) == "not_asked" and found["let_in"] is True
    assert responder.requests == []


# -------------------------------------------------------------------------------- the gateway's file


@pytest.fixture(name="keep")
def kept_cache(tmp_path, responder, pki, backend):
    """keep(name, status) -> path of the file left by a gateway that has met that client."""
    def keeper(name, status):
        folder = tmp_path / "gateway"
        folder.mkdir()
        path = str(tmp_path / "ocsp.cache")
        gateway = edge.start(folder, edge.edge_sections(str(folder), pki, backend, gateway={"ocsp_cache_file": path},
                                                        profile={"verify_client_revocation": "ocsp"}))
        try:
            assert ask(gateway.port, pki, name).status == status
            gateway.stop()
        finally:
            gateway.kill()
        assert os.path.exists(path)
        responder.forget_requests()
        return path

    return keeper


@pytest.fixture(name="kept")
def kept_good_client(pki, keep):
    """(name of a client that a gateway let in, path of the file it left)."""
    name = pki.fresh()
    return name, keep(name, 200)


def test_a_revocation_does_not_pass_with_its_answer(configure, responder, pki, keep):
    name = pki.fresh()
    responder.revoke(name)
    config = configure(keep(name, 400), ocsp_failure="allow")
    end = evidence_of(explain(config, "--no-network", pki.chain(name)))["used_until_seconds"]
    found = explain(config, "--time", f"@{end + 10}", pki.chain(name))
    assert found["verdict"] == "revoked" and evidence_of(found)["is_over"]
    assert "that is over, but a revocation does not pass with it\n" in shown(config, "--time", f"@{end + 10}", pki.chain(name))


def test_what_the_gateway_kept_is_used_and_not_touched(configure, responder, pki, kept):
    name, path = kept
    with open(path, "rb") as file:
        before = file.read()
    for options in ([], ["--no-network"]):
        found = explain(configure(path), *options, pki.chain(name))
        evidence = evidence_of(found)
        assert found["verdict"] == "success" and (evidence["status"], evidence["source"]) == ("good", "cache")
        assert not evidence["is_asked"] and not evidence["is_supposed_dead"]
        assert found["valid_until_seconds"] == evidence["used_until_seconds"]
    assert responder.requests == []
    assert explain(configure(path), pki.chain(pki.fresh()))["verdict"] == "success"
    with open(path, "rb") as file:
        assert file.read() == before


def test_a_known_client_gets_in_while_the_responder_is_dead(configure, responder, pki, kept):
    name, path = kept
    responder.behave("refused")
    assert "status       good, from ocsp_cache_file, " in shown(configure(path), pki.chain(name))
    found = explain(configure(path), pki.chain(pki.fresh()))
    assert found["verdict"] == "revocation_unavailable" and evidence_of(found)["fault"] == "unreachable"


def test_at_another_time_the_kept_answer_counts_as_long_as_it_holds(configure, pki, kept):
    name, path = kept
    end = evidence_of(explain(configure(path), pki.chain(name)))["used_until_seconds"]
    assert explain(configure(path), "--time", f"@{end - 1}", pki.chain(name))["verdict"] == "success"
    found = explain(configure(path), "--time", f"@{end}", pki.chain(name))
    evidence = evidence_of(found)
    assert found["verdict"] == "revocation_unavailable" and evidence["is_over"] and evidence["status"] == "good"
    assert "that is over" in shown(configure(path), "--time", f"@{end}", pki.chain(name))
    graceful = explain(configure(path, ocsp_stale_grace="1h"), "--time", f"@{end + 3599}", pki.chain(name))
    assert graceful["verdict"] == "success" and evidence_of(graceful)["is_in_grace"]
    assert explain(configure(path, ocsp_stale_grace="1h"), "--time", f"@{end + 3600}",
                   pki.chain(name))["verdict"] == "revocation_unavailable"
    before = evidence["received_at_seconds"] - 1
    assert evidence_of(explain(configure(path), "--time", f"@{before}", pki.chain(name)))["status"] is None


def test_an_answer_without_our_nonce_is_not_gone_by(configure, pki, kept):
    name, path = kept
    found = explain(configure(path, ocsp_nonce="on"), "--no-network", pki.chain(name))
    assert found["verdict"] == "revocation_unavailable" and evidence_of(found)["status"] == "good"
    text = shown(configure(path, ocsp_nonce="on"), "--no-network", pki.chain(name))
    assert "not by this profile, for want of our nonce" in text
    found = explain(configure(path, ocsp_nonce="on"), pki.chain(name))
    assert found["verdict"] == "success" and evidence_of(found)["has_nonce"]


# --------------------------------------------------------------------------------------- the gateway


WORDS = ("good", "revoked", "unknown", "try later", "wrong serial", "forged delegate", "404", "delegate")


def test_the_words_are_those_of_the_log(responder, pki, backend, tmp_path):
    """The same configuration file, a running gateway, one new client for each."""
    gateway = edge.start(tmp_path, edge.edge_sections(str(tmp_path), pki, backend,
                                                      profile={"verify_client_revocation": "ocsp", **LONG}))
    try:
        for what in WORDS:
            responder.behave(what)
            name = pki.fresh()
            found = explain(gateway.config, pki.chain(name))
            with connect(gateway.port, pki, name) as client:
                assert client.request(target="/").status == (200 if found["let_in"] else 400), what
                record = gateway.record_of(client)
            assert record["sslClientVerify"] == found["status"], what
            assert record.get("reason", "") == ("" if found["let_in"] else found["verdict"]), what
        gateway.stop()
    finally:
        gateway.kill()
