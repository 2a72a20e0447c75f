"""The five kinds of file that verify_client_cert_issuer_dn tells apart, with a client below each authority."""

from sallyport_pki.certificate import authority_plan, client_plan

# Chains: the authorities from below the root down to the one that issues the client. Then: whose clients get in.
SCENARIOS = {
    "1: root, intermediate, leaf": ([["int1"]], "int1"),
    "2: root, two intermediates, leaf": ([["int1", "int2"]], "int2"),
    "3: root, leaf": ([[]], "root"),
    "4: two chains of one length": ([["int1"], ["int2"]], "int1"),
    "5: two chains of different lengths": ([["int1"], ["int2", "int3"]], "int3"),
}


def build(pki, prefix, chains):
    """Makes root, authorities and a client below each; returns the members of the file, leaves too, in its order."""
    members = [f"{prefix}-root"]
    pki.folder.make(members[0], authority_plan(f"/O={prefix}/CN=root"))
    for authority in authorities_of(prefix, chains):
        above = above_of(prefix, chains, authority)
        if above:
            pki.folder.make(authority, authority_plan(f"/O={prefix}/CN={authority}", above))
        pki.folder.make(f"{authority}-client", client_plan(f"/O={prefix}/CN=client of {authority}", authority))
    for chain in chains:
        names = [f"{prefix}-{name}" for name in chain]
        members += names + [f"{(names or members[:1])[-1]}-client"]
    return members


def authorities_of(prefix, chains):
    return [f"{prefix}-root", *[f"{prefix}-{name}" for chain in chains for name in chain]]


def above_of(prefix, chains, authority):
    for chain in chains:
        names = [f"{prefix}-root", *[f"{prefix}-{name}" for name in chain]]
        if authority in names[1:]:
            return names[names.index(authority) - 1]
    return ""


def expect(gateway, connect, name, reason=""):
    with connect(gateway, name) as client:
        assert client.request(target="/").status == (400 if reason else 200)
        record = gateway.record_of(client)
        assert record["reason"] == reason
        if reason == "issuer_dn_mismatch":
            assert record["sslClientVerify"] == "FAILED:unable to verify the client certificate issuer"
