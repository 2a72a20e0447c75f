"""The gateway's own certificates and keys: encrypted, mismatched, missing, broken."""

import os

import pytest

from support import edge
from support.gateway import ini_text, run_command


def check(folder, pki, **listener):
    path = os.path.join(folder, "gateway.ini")
    title, settings = edge.listener_section(pki)
    settings.update(listener)
    sections = [edge.gateway_section(str(folder)), (title, settings), edge.profile_section(pki),
                edge.backend_section("127.0.0.1:9")]
    with open(path, "w", encoding="utf-8") as file:
        file.write(ini_text(sections))
    return run_command("check", "-c", path)


def write_secret(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def expect_error(done, *words):
    assert done.returncode == 1, done.output
    errors = [line for line in done.output.split("\n") if ": error: " in line]
    assert errors, done.output
    for word in words:
        assert any(word in line for line in errors), done.output


def test_a_key_of_another_certificate_is_refused(tmp_path, pki):
    expect_error(check(tmp_path, pki, certificate_key=pki.key("server-rsa")), "server-rsa.key")
    expect_error(check(tmp_path, pki, certificate_key=pki.key("server-api")), "server-api.key")


def test_an_encrypted_key_serves_with_its_passphrase(start, backend, pki, connect):
    gateway = start(backend, listener={"certificate": "server-locked",
                                       "certificate_key_passphrase_file": pki.file("passphrase", ".txt")})
    with connect(gateway, "good") as client:
        assert client.request().status == 200


def test_an_encrypted_key_without_a_passphrase_is_refused(tmp_path, pki):
    expect_error(check(tmp_path, pki, certificate=pki.chain("server-locked"), certificate_key=pki.key("server-locked")),
                 "server-locked.key")


def test_a_wrong_passphrase_is_refused(tmp_path, pki):
    wrong = write_secret(tmp_path / "wrong.txt", "incorrect horse\n")
    done = check(tmp_path, pki, certificate=pki.chain("server-locked"), certificate_key=pki.key("server-locked"),
                 certificate_key_passphrase_file=wrong)
    expect_error(done, "server-locked.key")
    assert "horse" not in done.output, "a passphrase was printed"


def test_a_passphrase_file_that_is_not_there_is_refused(tmp_path, pki):
    expect_error(check(tmp_path, pki, certificate=pki.chain("server-locked"), certificate_key=pki.key("server-locked"),
                       certificate_key_passphrase_file="missing.txt"), "missing.txt")


@pytest.mark.parametrize("text", ["", "no PEM at all\n", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
                                  "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"],
                         ids=["empty", "words", "nothing inside", "nonsense inside"])
def test_a_broken_key_is_refused(tmp_path, pki, text):
    expect_error(check(tmp_path, pki, certificate_key=write_secret(tmp_path / "broken.key", text)), "broken.key")


@pytest.mark.parametrize("text", ["", "no PEM at all\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
                         ids=["empty", "words", "nonsense inside"])
def test_a_broken_certificate_is_refused(tmp_path, pki, text):
    expect_error(check(tmp_path, pki, certificate=write_secret(tmp_path / "broken.pem", text)), "broken.pem")


def test_files_the_wrong_way_round_are_refused(tmp_path, pki):
    expect_error(check(tmp_path, pki, certificate=pki.key("server"), certificate_key=pki.file("server")))


def test_a_certificate_without_a_key_is_refused(tmp_path, pki):
    expect_error(check(tmp_path, pki, certificate_key=None), "certificate_key")


def test_a_folder_is_no_certificate(tmp_path, pki):
    expect_error(check(tmp_path, pki, certificate=str(tmp_path)), str(tmp_path))


def test_both_kinds_of_mistake_come_in_one_run(tmp_path, pki):
    done = check(tmp_path, pki, certificate="missing.pem", certificate_key="missing.key")
    assert done.returncode == 1 and "missing.pem" in done.output


@pytest.mark.parametrize("name", ["server", "server-rsa", "server-p384"])
def test_each_kind_of_key_is_taken(tmp_path, pki, name):
    done = check(tmp_path, pki, certificate=pki.chain(name), certificate_key=pki.key(name))
    assert done.returncode == 0, done.output
