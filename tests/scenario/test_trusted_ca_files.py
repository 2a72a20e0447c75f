"""trusted_client_ca files: the five error codes with file and line, the warnings, and the limits."""

import re

import pytest

from support import edge
from support.gateway import ini_text, run_command
from support.trusted_files import (INVALID, NO_CA, NOTHING, ONE_ROOT, PRIVATE_KEY, check, check_text, expect_code,
                                   garbled, read, text_of)

BAD = {
    "an empty file": (lambda pki: "", NOTHING),
    "white space": (lambda pki: "\n  \n\n", NOTHING),
    "words": (lambda pki: "This is where the CA was to be put.\n", NOTHING),
    "a root with its key": (lambda pki: text_of(pki, "root") + read(pki.key("root")), PRIVATE_KEY),
    "a key alone": (lambda pki: read(pki.key("root")), PRIVATE_KEY),
    "an encrypted key": (lambda pki: text_of(pki, "root") + read(pki.key("server-locked")), PRIVATE_KEY),
    "nothing between the delimiters": (
        lambda pki: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", INVALID),
    "nothing between, besides a good one": (
        lambda pki: text_of(pki, "root") + "-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----\n", INVALID),
    "garbled": (garbled, INVALID),
    "no base64": (lambda pki: "-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----\n", INVALID),
    "an end that is missing": (lambda pki: text_of(pki, "root").replace("-----END CERTIFICATE-----\n", ""), INVALID),
    "half a certificate": (lambda pki: "\n".join(text_of(pki, "root").split("\n")[:4]) + "\n-----END CERTIFICATE-----\n",
                           INVALID),
    "only a leaf": (lambda pki: text_of(pki, "good"), NO_CA),
    "a self-signed certificate that is no CA": (lambda pki: text_of(pki, "self-signed"), NO_CA),
    "an intermediate without its root": (lambda pki: text_of(pki, "dev-intermediate"), ONE_ROOT),
    "two roots": (lambda pki: text_of(pki, "root", "stranger-root"), ONE_ROOT),
    "two roots of one name": (lambda pki: text_of(pki, "root", "same-name-root"), ONE_ROOT),
    "two chains with their roots": (
        lambda pki: text_of(pki, "dev-intermediate", "root", "stranger-intermediate", "stranger-root"), ONE_ROOT),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_code(tmp_path, pki, name):
    make, code = BAD[name]
    expect_code(check_text(tmp_path, pki, make(pki)), code)


def test_a_gateway_with_a_bad_file_does_not_start(tmp_path, pki):
    (tmp_path / "ca.pem").write_text("")
    path = tmp_path / "gateway.ini"
    path.write_text(ini_text(edge.edge_sections(str(tmp_path), pki, "127.0.0.1:9",
                                                profile={"trusted_client_ca": "ca.pem"})))
    done = run_command("run", "-c", str(path))
    assert done.returncode == 1 and NOTHING in done.output


GOOD = {
    "a root": lambda pki: text_of(pki, "root"),
    "a root and intermediates": lambda pki: text_of(pki, "dev-intermediate", "test-intermediate", "root"),
    "words around it": lambda pki: "Our CA:\n\n" + text_of(pki, "root") + "\nThat was it.\n",
    "lines of Windows": lambda pki: text_of(pki, "root").replace("\n", "\r\n"),
    "a leaf besides, ignored": lambda pki: text_of(pki, "dev-client-01", "dev-intermediate", "root"),
    "no line end at the end": lambda pki: text_of(pki, "root").rstrip("\n"),
    "a root of RSA": lambda pki: text_of(pki, "rsa-authority-ca-1", "root"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_is_taken(tmp_path, pki, name):
    done = check_text(tmp_path, pki, GOOD[name](pki))
    assert done.returncode == 0, done.output


@pytest.mark.parametrize("ending", [".cer", ".crt", ".pem"])
def test_each_ending_is_taken(tmp_path, pki, ending):
    assert check_text(tmp_path, pki, text_of(pki, "root"), name="ca" + ending).returncode == 0


def test_a_leaf_in_the_file_is_noted(tmp_path, pki):
    done = check_text(tmp_path, pki, text_of(pki, "dev-client-01", "dev-intermediate", "root"))
    assert done.returncode == 0 and re.search(r"ca\.pem:1: note: ", done.output), done.output


def test_a_file_over_25_kb_is_refused(tmp_path, pki):
    root = text_of(pki, "root")
    fits = root + "#" * (25_600 - len(root) - 1) + "\n"
    assert check_text(tmp_path, pki, fits).returncode == 0
    done = check_text(tmp_path, pki, fits + "#")
    assert done.returncode == 1 and "25" in done.output


def test_an_expired_authority_is_a_warning(tmp_path, pki):
    done = check_text(tmp_path, pki, text_of(pki, "expired-authority-ca-1", "root"))
    assert done.returncode == 0 and re.search(r"ca\.pem:1: warning: ", done.output), done.output


def test_der_is_no_pem(tmp_path, pki):
    (tmp_path / "ca.cer").write_bytes(pki.der("root"))
    done = check(tmp_path, pki, "ca.cer")
    assert done.returncode == 1 and (INVALID in done.output or NOTHING in done.output)


def test_two_bad_files_are_told_of_in_one_run(tmp_path, pki):
    (tmp_path / "one.pem").write_text("")
    (tmp_path / "two.pem").write_text(text_of(pki, "good"))
    done = check(tmp_path, pki, ["one.pem", "two.pem"])
    assert done.returncode == 1 and NOTHING in done.output and NO_CA in done.output


def test_one_bad_file_among_good_ones_fails_all(tmp_path, pki):
    (tmp_path / "one.pem").write_text("")
    assert check(tmp_path, pki, [pki.file("root"), "one.pem"]).returncode == 1


def test_a_hundred_files_are_taken_and_one_more_is_not(tmp_path, pki):
    for number in range(101):
        (tmp_path / f"ca-{number}.pem").write_text(text_of(pki, "root"))
    names = [f"ca-{number}.pem" for number in range(101)]
    assert check(tmp_path, pki, names[:100]).returncode == 0
    assert check(tmp_path, pki, names).returncode == 1
