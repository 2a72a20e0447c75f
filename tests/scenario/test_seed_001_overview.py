"""Seed 001, what mutual authentication is and which files it wants: each statement, unless the product's rule wins."""

import json

import pytest
from sallyport_pki.certificate import authority_plan, client_plan

from support import edge, programs
from support.issuer_chains import SCENARIOS, authorities_of, build, expect
from support.judged import expect_entry, expect_refusal
from support.trusted_files import ONE_ROOT, check, check_text, expect_code, text_of


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": {"reveal_reason": "on"}}


# --------------------------------------------------------------------------------- what it is


def test_client_and_gateway_authenticate_each_other(gateway, backend, pki, connect):
    """The client finds the name and the root of the gateway right, the gateway those of the client."""
    with connect(gateway, "good") as client:
        subject = dict(part[0] for part in client.sock.getpeercert()["subject"])
        assert subject["commonName"] == "localhost"
        expect_entry(gateway, backend, client)
    assert programs.curl(pki, gateway.port, certificate="good", name="other.invalid")[2] == 60


def test_tls_1_2_is_enough_for_mutual_authentication(gateway, backend, connect):
    """Recommended there, the least that there is here: TLS 1.2 and 1.3 do, 1.1 does not."""
    for version in ("1.2", "1.3"):
        with connect(gateway, "good", version=version) as client:
            expect_entry(gateway, backend, client)
    done = programs.run("openssl", "s_client", "-connect", f"127.0.0.1:{gateway.port}", "-tls1_1", "-cipher",
                        "DEFAULT:@SECLEVEL=0", given="")
    assert done.returncode != 0 and "alert protocol version" in done.stderr, done.stderr


def test_which_clients_may_talk_to_the_gateway_is_decided_by_the_trusted_ca(gateway, backend, connect):
    """Clients below the authority that was given get in, those of another do not, nor those without any."""
    with connect(gateway, "good") as client:
        expect_entry(gateway, backend, client)
    with connect(gateway, "stranger") as client:
        expect_refusal(gateway, backend, client, ["unable_to_get_local_issuer"])
    with connect(gateway) as client:
        expect_refusal(gateway, backend, client, ["no_certificate"])


def test_a_profile_that_authenticates_clients_must_have_a_trusted_ca(tmp_path, pki):
    """Without trusted_client_ca a strict profile is a mistake of the configuration."""
    done = check(tmp_path, pki, None)
    assert done.returncode == 1 and "trusted_client_ca" in done.output


def test_the_profile_takes_effect_at_the_listener_that_names_it(start, backend, pki, connect):
    """Two listeners, one of which has the profile: only that one asks its clients who they are."""
    open_door = edge.listener_section(pki, name="open", ssl_profile="everybody")
    more = [open_door, edge.profile_section(pki, name="everybody", verify_client_auth_mode="off")]
    gateway = start(backend, profile={"reveal_reason": "on"}, more=more)
    with connect(gateway) as client:
        expect_refusal(gateway, backend, client, ["no_certificate"])
    with connect(gateway, port=gateway.ports[1]) as client:
        assert client.request(target="/").status == 200


# --------------------------------------------------------------------------------- the files


def test_there_is_always_a_root_in_the_file(tmp_path, pki):
    """An intermediate alone is no chain; with its root it is one."""
    expect_code(check_text(tmp_path, pki, text_of(pki, "devices")), ONE_ROOT)
    assert check_text(tmp_path, pki, text_of(pki, "devices", "root")).returncode == 0


def test_the_chain_has_as_many_intermediates_as_one_likes(start, backend, pki, connect):
    """One root and twenty intermediates, below one another or beside: clients of the last ones get in."""
    names = ["root"]
    for number in range(20):
        name = f"seed-001-ca-{number}"
        pki.folder.make(name, authority_plan(f"/CN=authority {number}", names[-1] if number < 4 else "root"))
        names.append(name)
    pki.folder.make("seed-001-deep", client_plan("/CN=deep", "seed-001-ca-3"))
    pki.folder.make("seed-001-wide", client_plan("/CN=wide", "seed-001-ca-19"))
    gateway = start(backend, profile={"trusted_client_ca": pki.bundle("seed-001-many", *names), "reveal_reason": "on"})
    for name in ("seed-001-deep", "seed-001-wide"):
        with connect(gateway, name, chain=False) as client:
            expect_entry(gateway, backend, client)


def test_a_file_has_25_kb_or_less(tmp_path, pki):
    """25,600 bytes are taken, one more is not."""
    text = text_of(pki, "root")
    text += "#" * (25_600 - len(text) - 1) + "\n"
    assert check_text(tmp_path, pki, text).returncode == 0
    done = check_text(tmp_path, pki, text + "#")
    assert done.returncode == 1 and "ca.pem" in done.output and "25" in done.output


def test_root_and_all_intermediates_are_given_in_one_file(start, backend, pki, connect):
    """With the whole chain above the leaf in the file the client needs to send no more than its leaf."""
    path = pki.bundle("seed-001-whole", "root", *[f"deep-ca-{number}" for number in (1, 2, 3)], "devices")
    gateway = start(backend, profile={"trusted_client_ca": path, "reveal_reason": "on"})
    with connect(gateway, "deep", chain=False) as client:
        expect_entry(gateway, backend, client)


def test_a_chain_that_was_not_given_entirely_lets_nobody_in_by_a_leaf_alone(start, backend, pki, connect):
    """One intermediate of four is missing: the leaf's issuer is known, and from there on no way leads to the root."""
    path = pki.bundle("seed-001-part", "root", *[f"deep-ca-{number}" for number in (1, 2, 3)])
    gateway = start(backend, profile={"trusted_client_ca": path, "reveal_reason": "on"})
    with connect(gateway, "deep", chain=False) as client:
        expect_refusal(gateway, backend, client, ["unable_to_get_issuer"])
    with connect(gateway, "deep") as client:
        expect_entry(gateway, backend, client)


@pytest.mark.parametrize("ending", [".pem", ".cer"])
def test_a_chain_is_given_as_a_pem_or_cer_file(start, backend, pki, tmp_path, connect, ending):
    """Either ending, text in both."""
    path = tmp_path / f"chain{ending}"
    path.write_text(text_of(pki, "dev-intermediate", "root"))
    gateway = start(backend, profile={"trusted_client_ca": str(path), "reveal_reason": "on"})
    with connect(gateway, "dev-client-01", chain=False) as client:
        expect_entry(gateway, backend, client)


def test_a_profile_has_five_chains_and_here_up_to_a_hundred(start, backend, pki, tmp_path, connect):
    """Five there; the limit here is a hundred: clients of a sixth authority get in, and the 101st file is refused."""
    roots = []
    for number in range(6):
        pki.folder.make(f"seed-001-root-{number}", authority_plan(f"/CN=root {number}"))
        pki.folder.make(f"seed-001-client-{number}", client_plan(f"/CN=client {number}", f"seed-001-root-{number}"))
        roots.append(pki.file(f"seed-001-root-{number}"))
    gateway = start(backend, profile={"trusted_client_ca": roots, "reveal_reason": "on"})
    for number in range(6):
        with connect(gateway, f"seed-001-client-{number}") as client:
            expect_entry(gateway, backend, client)
    files = [pki.file("root")] * 101
    for count in (100, 101):
        links = [tmp_path / f"ca-{count}-{number}.pem" for number in range(count)]
        for link, file in zip(links, files):
            link.symlink_to(file)
        assert check(tmp_path, pki, [str(link) for link in links]).returncode == (0 if count == 100 else 1)


# -------------------------------------------------------------------------- which authorities


def test_certificates_of_a_well_known_authority_are_supported(start, backend, pki, connect):
    """Shaped as public ones are: an RSA root, an intermediate with a path length, a leaf for clients and servers."""
    pki.folder.make("seed-001-public", authority_plan("/C=US/O=Public Trust/CN=Public Root R1", key="rsa4096"))
    pki.folder.make("seed-001-public-ca", authority_plan("/C=US/O=Public Trust/CN=Public CA 1", "seed-001-public",
                                                         key="rsa2048", path_length=0,
                                                         extended_key_usage=["server", "client"]))
    pki.folder.make("seed-001-public-client", client_plan(
        "/CN=client.example.com", "seed-001-public-ca", key="rsa2048", extended_key_usage=["server", "client"],
        alternative_names=["DNS:client.example.com"]))
    path = pki.bundle("seed-001-public-file", "seed-001-public-ca", "seed-001-public")
    gateway = start(backend, profile={"trusted_client_ca": path, "reveal_reason": "on"})
    with connect(gateway, "seed-001-public-client") as client:
        expect_entry(gateway, backend, client)


def test_certificates_of_an_organizations_own_authority_are_supported_once_it_is_given(start, backend, pki, connect):
    """Nobody else trusts it: its intermediate and root must be in the file."""
    path = pki.bundle("seed-001-own", "stranger-intermediate", "stranger-root")
    gateway = start(backend, profile={"trusted_client_ca": path, "reveal_reason": "on"})
    with connect(gateway, "stranger", chain=False) as client:
        expect_entry(gateway, backend, client)


def test_an_intermediate_of_ones_own_keeps_out_the_clients_of_other_organizations(start, backend, pki, connect):
    """Two organizations below one root: with the issuer verified, only clients of the own intermediate get in."""
    path = pki.bundle("seed-001-ours", "dev-intermediate", "root")
    for switch, reason in (("off", ""), ("on", "issuer_dn_mismatch")):
        gateway = start(backend, profile={"trusted_client_ca": path, "verify_client_cert_issuer_dn": switch})
        expect(gateway, connect, "dev-client-01")
        expect(gateway, connect, "test-client-01", reason)


# -------------------------------------------------------------------------------- issuer DN


def test_verifying_the_issuer_dn_is_off_unless_it_is_asked_for(start, backend, pki, connect):
    """A profile without a word about it takes the clients of every intermediate below the root."""
    gateway = start(backend, profile={"trusted_client_ca": pki.bundle("seed-001-ours", "dev-intermediate", "root")})
    expect(gateway, connect, "test-client-01")


def test_only_the_immediate_issuer_counts_when_the_issuer_dn_is_verified(start, backend, pki, connect):
    """An issuer further up, root or intermediate, is not enough."""
    pki.folder.make("seed-001-below", authority_plan("/CN=below devices", "devices"))
    pki.folder.make("seed-001-below-client", client_plan("/CN=client", "seed-001-below"))
    path = pki.file("devices-trusted")
    gateway = start(backend, profile={"trusted_client_ca": path, "verify_client_cert_issuer_dn": "on"})
    expect(gateway, connect, "good")
    expect(gateway, connect, "seed-001-below-client", "issuer_dn_mismatch")


def expect_issuer(start, backend, pki, connect, scenario):
    """Of the clients below each authority of the scenario's file only those of the wanted one get in."""
    chains, wanted = SCENARIOS[next(name for name in SCENARIOS if name.startswith(scenario))]
    prefix = f"seed-001-{scenario}"
    path = pki.bundle(f"{prefix}-file", *build(pki, prefix, chains))
    gateway = start(backend, profile={"trusted_client_ca": path, "verify_client_cert_issuer_dn": "on"})
    for authority in authorities_of(prefix, chains):
        is_wanted = authority == f"{prefix}-{wanted}"
        expect(gateway, connect, f"{authority}-client", "" if is_wanted else "issuer_dn_mismatch")


def test_scenario_1_of_root_intermediate_and_leaf_the_issuer_is_the_intermediate(start, backend, pki, connect):
    """The subject of the intermediate is what the client's issuer must be."""
    expect_issuer(start, backend, pki, connect, "1")


def test_scenario_2_of_root_two_intermediates_and_leaf_the_issuer_is_the_second(start, backend, pki, connect):
    """The deepest authority, next to the leaf."""
    expect_issuer(start, backend, pki, connect, "2")


def test_scenario_3_of_root_and_leaf_the_issuer_is_the_root(start, backend, pki, connect):
    """No intermediate: the root itself issues."""
    expect_issuer(start, backend, pki, connect, "3")


def test_scenario_4_of_two_chains_of_one_length_the_issuer_is_that_of_the_first(start, backend, pki, connect):
    """The order in the file decides."""
    expect_issuer(start, backend, pki, connect, "4")


def test_scenario_5_of_two_chains_of_different_lengths_the_issuer_is_that_of_the_longer(start, backend, pki, connect):
    """The length decides, not the order."""
    expect_issuer(start, backend, pki, connect, "5")


@pytest.mark.parametrize("scenario", "45")
def test_several_chains_in_one_file_are_warned_of(tmp_path, pki, scenario):
    """One chain a file is the advice; the check of the configuration gives it."""
    chains, _wanted = SCENARIOS[next(name for name in SCENARIOS if name.startswith(scenario))]
    prefix = f"seed-001-{scenario}"
    path = pki.bundle(f"{prefix}-file", *build(pki, prefix, chains))
    done = check(tmp_path, pki, path, verify_client_cert_issuer_dn="on")
    assert done.returncode == 0 and "warning: the file holds several chains" in done.output


def test_one_chain_a_file_lets_the_clients_of_each_chain_in(start, backend, pki, connect):
    """The advice followed: the chains of scenario 4 in a file each, and nobody is turned away."""
    prefix = "seed-001-4"
    build(pki, prefix, [["int1"], ["int2"]])
    paths = [pki.bundle(f"{prefix}-file-{number}", f"{prefix}-root", f"{prefix}-int{number}") for number in (1, 2)]
    gateway = start(backend, profile={"trusted_client_ca": paths, "verify_client_cert_issuer_dn": "on"})
    for number in (1, 2):
        expect(gateway, connect, f"{prefix}-int{number}-client")


# ------------------------------------------------------------------------- server variables


def test_server_variables_tell_the_backend_about_the_certificate(start, backend, pki, connect):
    """A rewrite rule passes on who the client is and that it was verified."""
    names = ["subject", "issuer", "fingerprint", "serial", "verification"]
    rules = [f"X-Client-{name}: {{var_client_certificate_{name}}}" for name in names]
    gateway = start(backend, rewrite={"request_header": rules})
    with connect(gateway, "dev-client-01") as client:
        told = {name.lower(): value for name, value in json.loads(client.request(target="/identity").body)["fields"]}
    assert told["x-client-subject"] == pki.shown("dev-client-01", "-subject", "-nameopt", "RFC2253")
    assert told["x-client-issuer"] == pki.shown("dev-client-01", "-issuer", "-nameopt", "RFC2253")
    assert told["x-client-fingerprint"] == pki.shown("dev-client-01", "-fingerprint", "-sha1").replace(":", "").lower()
    assert told["x-client-serial"] == pki.shown("dev-client-01", "-serial")
    assert told["x-client-verification"] == "SUCCESS"
