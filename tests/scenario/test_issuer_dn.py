"""verify_client_cert_issuer_dn: the five files of the original, each with a chain of its own, and names that differ in form."""

import pytest
from sallyport_pki.certificate import authority_plan, client_plan

from support.issuer_chains import SCENARIOS, authorities_of, build, expect
from support.trusted_files import check


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(start, backend, pki, connect, scenario):
    chains, wanted = SCENARIOS[scenario]
    prefix = f"dn{scenario[0]}"
    path = pki.bundle(f"{prefix}-file", *build(pki, prefix, chains))
    authorities = authorities_of(prefix, chains)
    gateway = start(backend, profile={"trusted_client_ca": path, "verify_client_cert_issuer_dn": "on"})
    for authority in authorities:
        expect(gateway, connect, f"{authority}-client", "" if authority == f"{prefix}-{wanted}" else "issuer_dn_mismatch")
    gateway = start(backend, profile={"trusted_client_ca": path})
    for authority in authorities:
        expect(gateway, connect, f"{authority}-client")


@pytest.mark.parametrize("switch", ["on", "off"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_file_of_several_chains_is_warned_of(tmp_path, pki, scenario, switch):
    chains, _wanted = SCENARIOS[scenario]
    prefix = f"dn{scenario[0]}"
    path = pki.bundle(f"{prefix}-file", *build(pki, prefix, chains))
    done = check(tmp_path, pki, path, verify_client_cert_issuer_dn=switch)
    assert done.returncode == 0
    assert ("warning: the file holds several chains" in done.output) == (len(chains) > 1), done.output
    strict = check(tmp_path, pki, path, "--strict", verify_client_cert_issuer_dn=switch)
    assert strict.returncode == (1 if len(chains) > 1 else 0)


# ------------------------------------------------------------------------------------------ form of names

# The same authority certified by the root under another form of its name: whether it is the same by RFC 5280 7.1.
FORMS = {
    "as it is": ("/DC=example/O=Contoso Ltd/serialNumber=A-7/CN=Pumps CA", True),
    "in other case": ("/DC=Example/O=CONTOSO ltd/serialNumber=a-7/CN=pumps ca", True),
    "with more blanks": ("/DC=example/O=Contoso  Ltd /serialNumber=A-7/CN= Pumps   CA", True),
    "as other string types": ("/0.9.2342.19200300.100.1.25=example/O=Contoso Ltd/2.5.4.5=A-7/CN=Pumps CA", True),
    "in another order": ("/CN=Pumps CA/serialNumber=A-7/O=Contoso Ltd/DC=example", False),
    "with two attributes in one": ("/DC=example/O=Contoso Ltd/serialNumber=A-7+CN=Pumps CA", False),
    "with one more": ("/DC=example/O=Contoso Ltd/serialNumber=A-7/CN=Pumps CA/CN=x", False),
    "with one less": ("/DC=example/O=Contoso Ltd/CN=Pumps CA", False),
    "without its blank": ("/DC=example/O=Contoso Ltd/serialNumber=A-7/CN=PumpsCA", False),
    "with attributes exchanged": ("/DC=example/O=Pumps CA/serialNumber=A-7/CN=Contoso Ltd", False),
}


@pytest.mark.parametrize("form", FORMS)
def test_names_are_compared_by_rfc_5280_and_not_by_their_bytes(start, backend, pki, connect, form):
    subject, is_same = FORMS[form]
    number = list(FORMS).index(form)
    pki.folder.make("form-root", authority_plan("/CN=Form Root"))
    pki.folder.make("form-ca", authority_plan(FORMS["as it is"][0], "form-root"))
    pki.folder.make(f"form-{number}", authority_plan(subject, "form-root", key_of="form-ca"))
    pki.folder.make(f"form-{number}-client", client_plan("/CN=client", f"form-{number}"))
    path = pki.bundle("form-file", "form-ca", "form-root")
    gateway = start(backend, profile={"trusted_client_ca": path, "verify_client_cert_issuer_dn": "on"})
    expect(gateway, connect, f"form-{number}-client", "" if is_same else "issuer_dn_mismatch")
    if is_same:
        # The trusted certificate is an issuer of the leaf, whatever form of the name the leaf has: none is sent.
        with connect(gateway, f"form-{number}-client", chain=False) as client:
            assert client.request(target="/").status == 200


@pytest.mark.parametrize("switch, reason", [("off", ""), ("on", "issuer_dn_mismatch")])
def test_a_sibling_intermediate_that_the_client_sends(start, backend, pki, connect, switch, reason):
    path = pki.bundle("dev-only", "dev-intermediate", "root")
    gateway = start(backend, profile={"trusted_client_ca": path, "verify_client_cert_issuer_dn": switch})
    expect(gateway, connect, "dev-client-01")
    expect(gateway, connect, "sibling", reason)
    with connect(gateway, "sibling", chain=False) as client:
        assert client.request(target="/").status == 400


def test_each_file_of_a_profile_has_its_issuer(start, backend, pki, connect):
    paths = [pki.bundle("dev-only", "dev-intermediate", "root"), pki.bundle("strangers", "stranger-intermediate", "stranger-root")]
    gateway = start(backend, profile={"trusted_client_ca": paths, "verify_client_cert_issuer_dn": "on"})
    expect(gateway, connect, "dev-client-01")
    expect(gateway, connect, "stranger")
    expect(gateway, connect, "test-client-01", "issuer_dn_mismatch")


def test_the_name_of_the_issuer_is_not_enough(start, backend, pki, connect):
    """Somebody else's authority with the very name of ours."""
    pki.folder.make("false-dev", authority_plan("/O=Contoso/CN=Contoso DEV Intermediate CA", "stranger-root"))
    pki.folder.make("false-client", client_plan("/O=Contoso/CN=false", "false-dev"))
    path = pki.bundle("dev-only", "dev-intermediate", "root")
    gateway = start(backend, profile={"trusted_client_ca": path, "verify_client_cert_issuer_dn": "on"})
    with connect(gateway, "false-client") as client:
        assert client.request(target="/").status == 400
        assert gateway.record_of(client)["reason"] in ("signature_failure", "unable_to_get_local_issuer")
