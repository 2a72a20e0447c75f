"""ticket_key_file: keys that several machines share; who resumes where, and every mistake in such a file."""

import base64
import os
import re

import pytest

from support import client as clients
from support import edge, ports
from support.gateway import ini_text, run_command
from support.resuming import Returner

VERSIONS = ["1.2", "1.3"]
RULES = {"request_header": "X-Subject: {var_client_certificate_subject}"}
versions = pytest.mark.parametrize("version", VERSIONS)


def key(number):
    return base64.b64encode(bytes([number]) * 31 + b"k").decode()


@pytest.fixture
def write_keys(tmp_path):
    """write_keys(name, line, …) -> path."""
    def writer(name, *lines, ending="\n"):
        path = tmp_path / name
        path.write_bytes(b"".join((line if isinstance(line, bytes) else line.encode()) + ending.encode() for line in lines))
        path.chmod(0o600)
        return str(path)

    return writer


# --------------------------------------------------------------------------------------- two gateways


def start_with(start, backend, path, **changes):
    return start(backend, gateway={"ticket_key_file": path}, rewrite=RULES, **changes)


@versions
def test_a_gateway_takes_the_tickets_of_another_from_clients_it_knows(start, backend, pki, write_keys, version):
    """From one that it has never seen it wants the certificate once: it cannot say who that is."""
    path = write_keys("keys", key(1))
    first, second = start_with(start, backend, path), start_with(start, backend, path)
    returner = Returner(pki, first.port, version=version)
    full = returner.first_visit()
    of_the_first = returner.expect(is_resumed=True).session
    here = returner.expect(is_resumed=False, port=second.port, session=of_the_first)
    assert here.told() | {"x-forwarded-port": ""} == full.told() | {"x-forwarded-port": ""}
    there = returner.expect(is_resumed=True, port=second.port, session=of_the_first)
    assert there.told() == here.told()
    # And back, with what the second gave.
    returner.expect(is_resumed=True, port=first.port)


@versions
def test_the_first_key_encrypts_and_all_decrypt(start, backend, pki, write_keys, version):
    """The way in which keys are changed on many machines: first everywhere as the last, then everywhere as the first."""
    old = start_with(start, backend, write_keys("old", key(1), key(2)))
    new = start_with(start, backend, write_keys("new", key(2), key(3), key(1)))
    stranger = start_with(start, backend, write_keys("other", key(4), key(5), key(6)))
    returner = Returner(pki, old.port, version=version)
    for gateway in (old, new, stranger):
        returner.first_visit(port=gateway.port)
    of_old = returner.first_visit(port=old.port).session
    of_new = returner.first_visit(port=new.port).session
    returner.expect(is_resumed=True, port=new.port, session=of_old)
    returner.expect(is_resumed=True, port=old.port, session=of_new)
    for session in (of_old, of_new):
        returner.expect(is_resumed=False, port=stranger.port, session=session)


@versions
def test_shared_keys_do_not_make_other_listeners_and_profiles_the_same(start, backend, pki, write_keys, version):
    path = write_keys("keys", key(1))
    first = start_with(start, backend, path)
    others = [start_with(start, backend, path, listener={"name": "another"}),
              start_with(start, backend, path, profile={"trusted_client_ca": pki.file("devices-trusted")}),
              start_with(start, backend, path, profile={"verify_client_auth_mode": "off"}),
              start_with(start, backend, path, profile={"verify_client_auth_mode": "passthrough"}),
              start_with(start, backend, path, profile={"verify_client_auth_mode": "passthrough",
                                                        "trusted_client_ca": pki.file("root")}),
              start_with(start, backend, path, profile={"allow_identity": "common_name=good"})]
    returner = Returner(pki, first.port, version=version)
    session = returner.first_visit().session
    for other in others:
        returner.first_visit(port=other.port)
        returner.expect(is_resumed=False, port=other.port, session=session)
    for other in others:
        there = returner.first_visit(port=other.port).session
        returner.expect(is_resumed=False, port=first.port, session=there)


@versions
def test_after_a_restart_with_the_same_keys_a_client_has_to_be_known_first(start, backend, pki, write_keys, version):
    path, port = write_keys("keys", key(1)), ports.free_port()
    first = start_with(start, backend, path, listener={"port": port})
    returner = Returner(pki, port, version=version)
    session = returner.first_visit().session
    clients.close_all()
    first.stop()
    start_with(start, backend, path, listener={"port": port})
    returner.expect(is_resumed=False, session=session)
    returner.expect(is_resumed=True, session=session)


@versions
def test_where_nobody_is_known_shared_keys_are_enough(start, backend, pki, write_keys, version):
    path = write_keys("keys", key(1))
    first, second = (start_with(start, backend, path, profile={"verify_client_auth_mode": "off"}) for _turn in range(2))
    returner = Returner(pki, first.port, None, version)
    session = returner.first_visit().session
    returner.expect(is_resumed=True, port=second.port, session=session)


@versions
def test_a_key_that_is_not_in_its_file_any_more_opens_nothing(start, backend, pki, write_keys, version):
    """The keys of a file do not rotate by themselves; the file does."""
    path, port = write_keys("keys", key(1)), ports.free_port()
    first = start_with(start, backend, path, listener={"port": port})
    returner = Returner(pki, port, version=version)
    session = returner.first_visit().session
    clients.close_all()
    first.stop()
    write_keys("keys", key(2), key(3))
    start_with(start, backend, path, listener={"port": port})
    returner.first_visit()
    returner.expect(is_resumed=False, session=session)


# ------------------------------------------------------------------------------------------- mistakes


def check(folder, pki, path, **gateway):
    config = os.path.join(folder, "gateway.ini")
    with open(config, "w", encoding="utf-8") as file:
        file.write(ini_text(edge.edge_sections(str(folder), pki, "127.0.0.1:9",
                                               gateway={"ticket_key_file": path, **gateway})))
    return run_command("check", "-c", config)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_one_to_three_keys_are_fine(tmp_path, pki, write_keys, count, ending):
    done = check(tmp_path, pki, write_keys("keys", *[key(number) for number in range(1, count + 1)], ending=ending))
    assert done.returncode == 0, done.output


def test_the_last_line_needs_no_end(tmp_path, pki, write_keys):
    path = write_keys("keys", key(1))
    with open(path, "r+b") as file:
        file.truncate(len(key(1)))
    assert check(tmp_path, pki, path).returncode == 0


def test_comments_and_empty_lines_are_passed_over(tmp_path, pki, write_keys):
    path = write_keys("keys", "# the newest", key(1), "", "# the one before", key(2), "")
    assert check(tmp_path, pki, path).returncode == 0


GOOD = key(1)
# The lines of the file, and the line that is told of (0: none in particular).
MISTAKES = {
    "nothing at all": ([], 0),
    "an empty line alone": ([""], 0),
    "a key of 31 bytes": ([base64.b64encode(b"k" * 31).decode()], 1),
    "a key of 33 bytes": ([base64.b64encode(b"k" * 33).decode()], 1),
    "a key of 16 bytes": ([base64.b64encode(b"k" * 16).decode()], 1),
    "a key of 48 bytes": ([base64.b64encode(b"k" * 48).decode()], 1),
    "a key of 80 bytes, as nginx has them": ([base64.b64encode(b"k" * 80).decode()], 1),
    "hexadecimal digits": (["ab" * 32], 1),
    "words": ([GOOD, "this is no key"], 2),
    "a letter that base64 has not": ([GOOD, "*" + GOOD[1:]], 2),
    "base64 for addresses": ([base64.urlsafe_b64encode(b"\xff" * 32).decode()], 1),
    "without its padding": ([GOOD.rstrip("=")], 1),
    "padding in the middle": ([GOOD[:10] + "=" + GOOD[11:]], 1),
    "bits behind the end": ([GOOD[:-2] + ("t" if GOOD[-2] != "t" else "u") + "="], 1),
    "two keys on a line": ([GOOD + " " + key(2)], 1),
    "two keys without a space": ([GOOD + key(2)], 1),
    "text behind the key": ([GOOD + " ; the newest"], 1),
    "four keys": ([key(number) for number in range(1, 5)], 4),
    "the same key twice": ([GOOD, key(2), GOOD], 3),
    "a zero byte": ([GOOD, b"\x00" + GOOD[1:].encode()], 2),
    "a certificate": (["-----BEGIN CERTIFICATE-----"], 1),
    "bytes that are no text": ([GOOD, bytes(range(128, 172))], 2),
    "a line of a megabyte": (["A" * (1 << 20)], 0),
    "a thousand lines": ([key(number % 250) for number in range(1000)], 0),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path, pki, write_keys, what):
    lines, wrong = MISTAKES[what]
    path = write_keys("keys", *lines)
    done = check(tmp_path, pki, path)
    assert done.returncode == 1, done.output
    errors = [line for line in done.output.split("\n") if ": error: " in line]
    assert errors and all("keys" in line for line in errors), done.output
    if wrong:
        assert any(re.search(rf"keys:{wrong}: ", line) for line in errors), done.output
    secret = [line for line in lines if isinstance(line, str) and len(line) >= 40]
    assert not any(line[:40] in done.output for line in secret), "a key was printed"


def test_a_file_that_is_not_there_is_told_with_the_line_of_the_setting(tmp_path, pki):
    done = check(tmp_path, pki, str(tmp_path / "missing.keys"))
    assert done.returncode == 1
    assert re.search(r"gateway\.ini:\d+: error: .*missing\.keys", done.output), done.output


def test_a_folder_is_no_file_of_keys(tmp_path, pki):
    (tmp_path / "keys").mkdir()
    done = check(tmp_path, pki, str(tmp_path / "keys"))
    assert done.returncode == 1 and re.search(r": error: .*keys", done.output), done.output


def test_a_file_that_others_may_read_is_warned_of_or_refused(tmp_path, pki, write_keys):
    """Who has a key reads the sessions of all clients without their knowing."""
    path = write_keys("keys", key(1))
    os.chmod(path, 0o644)
    done = check(tmp_path, pki, path)
    assert re.search(r": (warning|error): .*keys", done.output), done.output


@pytest.mark.parametrize("value", ["0", "999ms", "8d", "-1s", "soon", ""])
def test_a_lifetime_out_of_range_is_told(tmp_path, pki, value):
    done = check(tmp_path, pki, None, ticket_key_lifetime=value)
    assert done.returncode == 1
    assert re.search(r"gateway\.ini:\d+: error: .*ticket_key_lifetime", done.output), done.output


def test_a_mistake_in_the_keys_starts_nothing(tmp_path, pki, write_keys):
    path = write_keys("keys", "no key")
    check(tmp_path, pki, path)
    done = run_command("run", "-c", os.path.join(tmp_path, "gateway.ini"))
    assert done.returncode == 1 and re.search(r"keys", done.output), done.output
