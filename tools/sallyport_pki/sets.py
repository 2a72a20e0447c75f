"""Whole sets of certificates, each made by one command."""

from .certificate import authority_plan, client_plan, server_plan
from .kinds import KINDS, make_kind

STAGES = ("dev", "test")
SERVER_NAMES = ["DNS:localhost", "DNS:example.com", "DNS:*.example.com", "IP:127.0.0.1"]
ODD_SUBJECT = ("/C=DE/O=Comma, Plus\\+ \"Quote\" & Söhne/OU=#hash/OU= space /DC=example/UID=u-7"
               "/emailAddress=a@example.com/2.5.4.12=Title/CN=odd <one>;\\=two")


def make_tree(folder, passphrase_file=""):
    """A root, an intermediate each for development and test, two clients each, as PEM, CER and
    PFX."""
    folder.make("root", authority_plan("/O=Contoso/CN=Contoso Root CA"))
    for stage in STAGES:
        authority = f"{stage}-intermediate"
        subject = f"/O=Contoso/CN=Contoso {stage.upper()} Intermediate CA"
        folder.make(authority, authority_plan(subject, "root", path_length=0))
        for number in ("01", "02"):
            client = f"{stage}-client-{number}"
            folder.make(client, client_plan(f"/O=Contoso/OU=IoT/CN={client}", authority))
            folder.make_pfx(client, passphrase_file)
            folder.write(client, ".cer", folder.read(client))
    for authority in ("root", "dev-intermediate", "test-intermediate"):
        folder.write(authority, ".cer", folder.read(authority))
    folder.bundle("trusted", "dev-intermediate", "test-intermediate", "root")


def make_strangers(folder):
    """Authorities that nobody trusts, some of them with the names of those that are trusted."""
    folder.make("stranger-root", authority_plan("/O=Stranger/CN=Stranger Root CA"))
    folder.make("stranger-intermediate", authority_plan(
        "/O=Stranger/CN=Stranger Intermediate CA", "stranger-root"))
    folder.make("stranger", client_plan("/O=Stranger/CN=stranger", "stranger-intermediate"))
    folder.write("stranger", "-full.pem",
                 folder.read("stranger", "-chain.pem") + folder.read("stranger-root"))
    folder.make("same-name-root", authority_plan(
        "/O=Contoso/CN=Contoso Root CA", key_identifiers=False))
    folder.make("same-name", client_plan(
        "/O=Contoso/CN=impostor", "same-name-root", key_identifiers=False))
    folder.make("same-name-marked", client_plan("/O=Contoso/CN=impostor", "same-name-root"))


def make_servers(folder, passphrase_file):
    """Server certificates of both key types for localhost and example.com, one with an encrypted
    key."""
    folder.make("server-root", authority_plan("/O=Sallyport Test/CN=Server Root CA"))
    folder.make("server-intermediate", authority_plan(
        "/O=Sallyport Test/CN=Server Intermediate CA", "server-root"))

    def make(name, names=tuple(SERVER_NAMES), common_name="localhost", **changes):
        folder.make(name, server_plan(f"/CN={common_name}", "server-intermediate", list(names),
                                      **changes))

    make("server")
    make("server-rsa", key="rsa2048")
    make("server-p384", key="p384")
    for other in ("api", "shop"):
        host = f"{other}.example.com"
        make(f"server-{other}", [f"DNS:{host}"], host)
    if passphrase_file:
        make("server-locked", passphrase_file=passphrase_file)


def make_policies(folder):
    """An authority below which every certificate must bear a policy (RFC 5280 4.2.1.11), a client
    that does and one that does not."""
    folder.make("policy-authority", authority_plan(
        "/O=Sallyport Test/CN=Policy CA", "root", policies=["example-policy"],
        explicit_policy=0))
    folder.make("with-policy", client_plan(
        "/CN=with-policy", "policy-authority", policies=["example-policy"]))
    folder.make("without-policy", client_plan("/CN=without-policy", "policy-authority"))


def make_odd(folder):
    """Clients that are let in and have something unusual to forward."""
    folder.make("sibling", client_plan("/O=Contoso/CN=sibling", "test-intermediate"))
    folder.make("odd-subject", client_plan(
        ODD_SUBJECT, "devices", serial=0xA1B2C3D4E5, alternative_names=[
            "DNS:odd.example.com", "URI:urn:device:7", "email:odd@example.com", "IP:192.0.2.7"]))
    folder.make("two-in-one", client_plan("/O=Contoso/OU=multi+CN=two-in-one", "devices"))
    folder.make("small-serial", client_plan("/CN=small", "devices", serial=2))
    folder.make("long-serial", client_plan("/CN=long", "devices", serial=(1 << 159) - 1))


def make_everything(folder):
    """The tree, every kind, strangers and servers: what the tests use."""
    folder.write("passphrase", ".txt", "correct horse\n", 0o600)
    make_tree(folder)
    make_strangers(folder)
    make_servers(folder, folder.file("passphrase", ".txt"))
    # An authority without a path length, so that kinds can put more below it.
    folder.make("devices", authority_plan("/O=Sallyport Test/CN=Device CA", "root"))
    for kind in KINDS:
        make_kind(folder, kind, kind, "devices")
    make_policies(folder)
    make_odd(folder)
    folder.bundle("devices-trusted", "devices", "root")
