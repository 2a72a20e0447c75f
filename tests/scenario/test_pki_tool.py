"""tools/sallyport-pki: every command, what it refuses, what OpenSSL says of its certificates."""

import os
import re
import stat
import subprocess
import sys

import pytest

from support.authority import KINDS, ROOT

TOOL = os.path.join(ROOT, "tools", "sallyport-pki")

# OpenSSL's error numbers for the words of a strict profile; it has no word for what it cannot read.
OPENSSL_ERRORS = {
    "expired": {10}, "not_yet_valid": {9}, "unsupported_purpose": {26}, "self_signed": {18, 19},
    "invalid_ca": {20, 24, 32, 79}, "path_length": {25}, "name_constraint": {47, 48},
    "critical_extension": {34}, "signature_failure": {7},
}
# OpenSSL's default is a lower security level, a longer chain, and a look at fewer extensions.
OPENSSL_LETS_IN = {"weak_algorithm", "chain_too_long"}
OPENSSL_DOES_NOT_LOOK = {"bad-policies", "loose"}


class Run:
    """One run of the tool in a folder."""

    def __init__(self, folder, *arguments):
        done = subprocess.run([sys.executable, TOOL, *arguments, "--dir", str(folder)],
                              capture_output=True, text=True, check=False, timeout=60)
        self.status, self.said, self.complained = done.returncode, done.stdout, done.stderr


def run(folder, *arguments):
    done = Run(folder, *arguments)
    assert done.status == 0, done.complained
    return done


def refuse(folder, word, *arguments, status=1):
    done = Run(folder, *arguments)
    assert done.status == status, done.said + done.complained
    assert word in done.complained and "Traceback" not in done.complained
    return done


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)


def shown(path, *options):
    done = openssl("x509", "-noout", "-in", str(path), *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(name="passphrase")
def passphrase_file(tmp_path):
    path = tmp_path / "passphrase.txt"
    path.write_text("correct horse\nanother line\n")
    return str(path)


@pytest.fixture(name="authority")
def authority_folder(tmp_path):
    """A folder with a root and an intermediate."""
    folder = tmp_path / "pki"
    run(folder, "root", "root")
    run(folder, "intermediate", "middle", "--issuer", "root")
    return folder


# The documents of the product


def test_the_tree_of_two_stages_comes_with_one_command(tmp_path):
    run(tmp_path, "tree")
    for stage in ("dev", "test"):
        middle = f"{stage}-intermediate"
        assert "Contoso Root CA" in shown(tmp_path / f"{middle}.pem", "-issuer")
        for number in ("01", "02"):
            client = f"{stage}-client-{number}"
            assert stage.upper() in shown(tmp_path / f"{client}.cer", "-issuer")
            assert run(tmp_path, "verify", client, "--purpose", "client").said.endswith(": OK\n")
            pfx = openssl("pkcs12", "-in", str(tmp_path / f"{client}.pfx"), "-passin", "pass:",
                          "-nodes")
            assert pfx.returncode == 0, pfx.stderr
            assert pfx.stdout.count("BEGIN CERTIFICATE") == 2
            assert pfx.stdout.count("BEGIN PRIVATE KEY") == 1
    for authority in ("root", "dev-intermediate", "test-intermediate"):
        assert (tmp_path / f"{authority}.cer").read_text() == \
            (tmp_path / f"{authority}.pem").read_text()


def test_an_encrypted_key_a_request_and_its_signing(authority, passphrase):
    """Key, request, certificate, look at it, verify it: the steps of the how-to, in its order."""
    run(authority, "csr", "www", "--key", "rsa2048", "--passphrase-file", passphrase,
        "--subject", "/O=Contoso/CN=www.contoso.com")
    key = authority / "www.key"
    assert "ENCRYPTED" in key.read_text()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    request = openssl("req", "-in", str(authority / "www.csr"), "-noout", "-subject", "-verify")
    assert request.returncode == 0 and "www.contoso.com" in request.stdout + request.stderr
    run(authority, "sign", "www", "--issuer", "middle", "--alternative-name", "DNS:www.contoso.com")
    text = shown(authority / "www.pem", "-text")
    assert re.search(r"Issuer: CN ?= ?middle", text)
    assert re.search(r"Subject: O ?= ?Contoso, CN ?= ?www.contoso.com", text)
    assert "TLS Web Client Authentication" in text and "DNS:www.contoso.com" in text
    assert run(authority, "verify", "www").said == f"{authority / 'www.pem'}: OK\n"


def test_a_request_for_a_server_is_signed_as_one(authority):
    run(authority, "csr", "host")
    run(authority, "sign", "host", "--issuer", "root", "--server")
    assert "TLS Web Server Authentication" in shown(authority / "host.pem", "-text")
    assert Run(authority, "verify", "host", "--purpose", "client").status == 1


def test_the_key_that_is_there_is_kept_for_a_request(authority):
    run(authority, "csr", "device")
    key = (authority / "device.key").read_text()
    run(authority, "csr", "device")
    assert (authority / "device.key").read_text() == key
    run(authority, "csr", "device", "--force")
    assert (authority / "device.key").read_text() != key


def test_a_pfx_is_encrypted_with_its_passphrase(authority, passphrase):
    run(authority, "leaf", "client", "--issuer", "middle", "--passphrase-file", passphrase)
    run(authority, "pfx", "client", "--passphrase-file", passphrase)
    path = str(authority / "client.pfx")
    assert openssl("pkcs12", "-in", path, "-passin", "pass:", "-nodes").returncode != 0
    good = openssl("pkcs12", "-in", path, "-passin", "pass:correct horse", "-nodes")
    assert good.returncode == 0 and good.stdout.count("BEGIN CERTIFICATE") == 2
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


@pytest.mark.parametrize("key", ["p256", "p384", "p521", "rsa2048", "ed25519"])
def test_an_authority_with_an_encrypted_key_signs(tmp_path, passphrase, key):
    run(tmp_path, "root", "root", "--key", key, "--passphrase-file", passphrase)
    run(tmp_path, "leaf", "client", "--issuer", "root", "--key", key)
    assert run(tmp_path, "verify", "client").said.endswith(": OK\n")


# What openssl verify says


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_agrees_about_the_kind(pki, kind):
    word = KINDS[kind].reason
    folder = os.path.dirname(pki.file(kind))
    done = Run(folder, "verify", kind, "--purpose", "client", "--trusted", "root")
    numbers = {int(number) for number in re.findall(r"^error (\d+) at", done.said, re.M)}
    if not word or word in OPENSSL_LETS_IN or kind in OPENSSL_DOES_NOT_LOOK:
        assert done.status == 0 and done.said.endswith(": OK\n"), done.said
    else:
        assert done.status == 1
        if word == "malformed":
            assert done.said
        else:
            assert numbers & OPENSSL_ERRORS[word], done.said


def test_verify_prints_what_openssl_prints(pki):
    folder = os.path.dirname(pki.file("expired"))
    arguments = ["-no-CApath", "-no-CAstore", "-trusted", pki.file("root"),
                 "-untrusted", pki.chain("expired"), pki.file("expired")]
    done = openssl("verify", *arguments)
    assert done.returncode != 0
    assert Run(folder, "verify", "expired").said == done.stdout + done.stderr


def test_verify_looks_at_policies_when_told_to(pki):
    folder = os.path.dirname(pki.file("with-policy"))
    assert Run(folder, "verify", "with-policy", "--policies").status == 0
    assert Run(folder, "verify", "without-policy").status == 0
    assert "error 43 at" in Run(folder, "verify", "without-policy", "--policies").said


def test_verify_trusts_only_whom_it_is_told_to(pki):
    folder = os.path.dirname(pki.file("good"))
    assert "error 20 at" in Run(folder, "verify", "stranger", "--trusted", "root").said
    assert "error 20 at" in Run(folder, "verify", "dev-client-01", "--trusted", "stranger-root",
                                "--trusted", "server-root").said
    assert Run(folder, "verify", "dev-client-01", "--trusted", "stranger-root",
               "--trusted", "trusted").status == 0
    assert "error 7 at" in Run(folder, "verify", "same-name", "--trusted", "root").said


# Twice


def test_the_same_command_keeps_what_is_there(authority):
    run(authority, "leaf", "client", "--issuer", "middle")
    before = (authority / "client.pem").read_text()
    assert "kept" in run(authority, "leaf", "client", "--issuer", "middle").said
    assert (authority / "client.pem").read_text() == before


def test_another_plan_is_refused_unless_forced(authority):
    run(authority, "leaf", "client", "--issuer", "middle")
    before = (authority / "client.pem").read_text()
    other = ["leaf", "client", "--issuer", "middle", "--days", "9"]
    refuse(authority, "--force", *other)
    assert (authority / "client.pem").read_text() == before
    run(authority, *other, "--force")
    assert (authority / "client.pem").read_text() != before


def test_a_renewed_authority_makes_its_leaves_anew(authority):
    run(authority, "leaf", "client", "--issuer", "middle", "--kind", "p384")
    before = (authority / "client.pem").read_text()
    run(authority, "intermediate", "middle", "--issuer", "root", "--force")
    run(authority, "leaf", "client", "--issuer", "middle", "--kind", "p384")
    assert (authority / "client.pem").read_text() != before
    assert Run(authority, "verify", "client").status == 0


def test_quiet_says_nothing(tmp_path):
    assert run(tmp_path, "root", "root", "--quiet").said == ""


# Wrong usage


def test_wrong_usage_ends_with_two(tmp_path):
    refuse(tmp_path, "COMMAND", status=2)
    refuse(tmp_path, "invalid choice", "branch", "x", status=2)
    refuse(tmp_path, "NAME", "root", status=2)
    refuse(tmp_path, "--issuer", "leaf", "x", status=2)
    refuse(tmp_path, "invalid choice", "root", "x", "--key", "rsa512", status=2)
    refuse(tmp_path, "unrecognized", "root", "x", "--colour", "red", status=2)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "-", "a b", ""])
def test_a_name_that_is_no_file_name_is_refused(authority, name):
    refuse(authority, "letters", "leaf", name, "--issuer", "middle")
    refuse(authority, "letters", "leaf", "x", f"--issuer={name}")
    assert not (authority / "x.pem").exists()


@pytest.mark.parametrize("subject", ["CN=x", "/CN", "/COLOUR=red", "/CN=a+b"])
def test_a_bad_subject_leaves_nothing_behind(tmp_path, subject):
    refuse(tmp_path / "pki", "subject", "root", "x", "--subject", subject)
    assert not (tmp_path / "pki").exists()


@pytest.mark.parametrize("name", ["example.com", "IP:300.1.1.1", "IP:192.0.2.1/8", "host:a"])
def test_a_bad_alternative_name_leaves_nothing_behind(authority, name):
    refuse(authority, "alternative name", "leaf", "x", "--issuer", "middle",
           "--alternative-name", name)
    assert not list(authority.glob("x.*"))


def test_what_is_not_there_is_named(authority, passphrase):
    refuse(authority, "nobody.pem", "leaf", "x", "--issuer", "nobody")
    refuse(authority, "x.csr", "sign", "x", "--issuer", "root")
    refuse(authority, "nobody.plan", "pfx", "nobody")
    refuse(authority, "nobody.pem", "verify", "nobody")
    refuse(authority, "nobody.pem", "verify", "middle", "--trusted", "nobody")
    refuse(authority, passphrase + "x", "root", "y", "--passphrase-file", passphrase + "x")


def test_an_empty_passphrase_makes_no_key(tmp_path):
    (tmp_path / "empty").write_text("")
    refuse(tmp_path / "pki", "openssl genpkey failed", "root", "x",
           "--passphrase-file", str(tmp_path / "empty"))
    assert not (tmp_path / "pki" / "x.pem").exists()


def test_a_damaged_request_is_not_signed(authority):
    run(authority, "csr", "x")
    path = authority / "x.csr"
    lines = path.read_text().splitlines(True)
    lines[2] = lines[2][:9] + ("A" if lines[2][9] != "A" else "B") + lines[2][10:]
    path.write_text("".join(lines))
    refuse(authority, "openssl req failed", "sign", "x", "--issuer", "root")
    assert not (authority / "x.pem").exists()


def test_damaged_files_are_refused(authority):
    run(authority, "leaf", "client", "--issuer", "middle")
    (authority / "client.plan").write_text("{}")
    refuse(authority, "client.plan is damaged", "pfx", "client")
    (authority / "client.pem").write_text("no certificate\n")
    refuse(authority, "holds no certificate", "verify", "client")
    (authority / "middle.key").write_text("no key\n")
    refuse(authority, "openssl pkey failed", "leaf", "other", "--issuer", "middle")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    refuse(tmp_path / "file", str(tmp_path / "file"), "root", "root")


def test_every_kind_is_listed_with_its_word(tmp_path):
    lines = run(tmp_path, "kinds").said.splitlines()
    assert len(lines) == len(KINDS)
    for line, (name, kind) in zip(lines, KINDS.items()):
        assert line.split()[0] == name and (kind.reason or "let in") in line
    refuse(tmp_path, "invalid choice", "leaf", "x", "--issuer", "r", "--kind", "purple", status=2)
