"""`sallyport check` and `run` on wrong configurations: every mistake in one run, with file and line, and nothing is started."""

import json
import os
import re
import socket

import pytest

from support import edge, ports
from support.gateway import ini_text, run_command


@pytest.fixture
def lines(tmp_path, pki):
    """A configuration that is right, line by line."""
    sections = edge.edge_sections(str(tmp_path), pki, "127.0.0.1:9", rewrite={"request_header": "X-Rule: yes"})
    return ini_text(sections).split("\n")


def write(folder, lines, name="gateway.ini"):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    return path


def place_of(lines, start):
    """The index of the first line that begins so."""
    return next(index for index, line in enumerate(lines) if line.startswith(start))


def errors_of(output):
    """[(file name, line number, message)]; the line is 0 when it is about a whole file."""
    found = re.findall(r"^(\S*?)(?::(\d+))?: error: (.*)$", output, re.M)
    return [(os.path.basename(path), int(line or 0), message) for path, line, message in found]


def test_a_right_configuration_is_fine(tmp_path, lines):
    done = run_command("check", "-c", write(tmp_path, lines))
    assert done.returncode == 0, done.output
    assert not errors_of(done.output)


def test_check_binds_nothing(tmp_path, lines):
    port = int(lines[place_of(lines, "address")].rpartition(":")[2])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen(1)
        assert run_command("check", "-c", write(tmp_path, lines)).returncode == 0


# What replaces the line that begins so, and words that the message must hold.
REPLACED = {
    "an unknown value": ("verify_client_auth_mode", "verify_client_auth_mode = strickt",
                         ["strickt", "strict", "passthrough", "off", "did you mean"]),
    "an unknown key": ("workers", "wrokers = 2", ["wrokers", "workers"]),
    "a word for a number": ("workers", "workers = many", ["many"]),
    "a number too small": ("workers", "workers = 0", ["0"]),
    "a number too large": ("workers", "workers = 99999999999999999999", ["99999999999999999999"]),
    "a negative number": ("workers", "workers = -1", ["-1"]),
    "an address without a port": ("address", "address = 127.0.0.1", ["127.0.0.1"]),
    "an address of letters": ("address", "address = somewhere:8443", ["somewhere"]),
    "a port too large": ("address", "address = 127.0.0.1:70000", ["70000"]),
    "a profile that is not there": ("ssl_profile", "ssl_profile = devises", ["devises", "devices"]),
    "a backend that is not there": ("backend", "backend = nowhere", ["nowhere"]),
    "a rewrite that is not there": ("rewrite", "rewrite = nothing", ["nothing"]),
    "a certificate that is not there": ("certificate =", "certificate = missing.pem", ["missing.pem"]),
    "a key that is not there": ("certificate_key", "certificate_key = missing.key", ["missing.key"]),
    "a CA file that is not there": ("trusted_client_ca", "trusted_client_ca = missing.pem", ["missing.pem"]),
    "a server without a port": ("server", "server = 127.0.0.1", ["127.0.0.1"]),
    "an unknown variable": ("request_header", "request_header = X-A: {var_client_certificat}", ["client_certificat"]),
    "a brace left open": ("request_header", "request_header = X-A: {var_host", ["{"]),
    "a header rule without a colon": ("request_header", "request_header = X-A", ["X-A"]),
    "a header name with a space": ("request_header", "request_header = X A: b", ["X A"]),
    "a section of an unknown kind": ("[rewrite", "[rewrites rules]", ["rewrites"]),
    "a section without a name": ("[rewrite", "[rewrite]", ["rewrite"]),
    "a section left open": ("[rewrite", "[rewrite rules", ["]"]),
    "a line that says nothing": ("workers", "workers", ["="]),
    "a status that is not known yet": ("request_header", "request_header = X-A: {var_http_status}", ["http_status"]),
}


@pytest.mark.parametrize("name", REPLACED)
def test_a_mistake_is_told_with_its_line(tmp_path, lines, name):
    start, line, words = REPLACED[name]
    at = place_of(lines, start)
    done = run_command("check", "-c", write(tmp_path, lines[:at] + [line] + lines[at + 1:]))
    assert done.returncode == 1, done.output
    there = [message for file, number, message in errors_of(done.output) if (file, number) == ("gateway.ini", at + 1)]
    assert there, done.output
    assert any(all(word in message for word in words) for message in there), there


ADDED = {
    "a key given twice": ("workers", "workers = 1", ["workers"]),
    "a key of another section": ("[backend", "ssl_policy = AppGwSslPolicy20220101S", ["ssl_policy"]),
    "a time without sense": ("[backend", "request_timeout = soon", ["soon"]),
    "a time too long": ("[backend", "request_timeout = 9999999d", ["9999999d"]),
    "an unknown policy": ("[ssl_profile", "ssl_policy = AppGwSslPolicy2022", ["AppGwSslPolicy2022", "AppGwSslPolicy20220101"]),
    "a retired policy": ("[ssl_profile", "ssl_policy = AppGwSslPolicy20150501", ["AppGwSslPolicy20150501"]),
    "a flag that is none": ("[ssl_profile", "reveal_reason = perhaps", ["perhaps"]),
    "an unknown way of revocation": ("[ssl_profile", "verify_client_revocation = crl", ["crl", "ocsp"]),
    "a responder behind TLS": ("[ssl_profile", "ocsp_responder = https://ocsp.example.com/", ["https", "http://HOST"]),
    "a name of two stars": ("[listener", "server_name = *.*.example.com", ["*.*.example.com"]),
    "an unknown form of identity": ("[listener", "forward_identity = x_client_crt", ["x_client_crt", "x_client_cert"]),
    "a hop-by-hop header in a rule": ("[rewrite", "request_header = Connection: close", ["Connection"]),
    "a length in a rule": ("[rewrite", "request_header = Content-Length: 5", ["Content-Length"]),
}


@pytest.mark.parametrize("name", ADDED)
def test_a_wrong_addition_is_told_with_its_line(tmp_path, lines, name):
    start, line, words = ADDED[name]
    at = place_of(lines, start) + 1
    done = run_command("check", "-c", write(tmp_path, lines[:at] + [line] + lines[at:]))
    assert done.returncode == 1, done.output
    # Of a thing said twice either place may be named.
    places = (at + 1, at) if "twice" in name else (at + 1,)
    there = [message for file, number, message in errors_of(done.output) if file == "gateway.ini" and number in places]
    assert any(all(word in message for word in words) for message in there), done.output


def test_every_mistake_comes_in_one_run(tmp_path, lines):
    wrong = {"workers": "workers = many", "verify_client_auth_mode": "verify_client_auth_mode = strickt",
             "server": "server = nowhere", "certificate_key": "certificate_key = missing.key",
             "request_header": "request_header = X: {var_nothing}"}
    places = []
    for start, line in wrong.items():
        at = place_of(lines, start)
        lines[at] = line
        places.append(at + 1)
    done = run_command("check", "-c", write(tmp_path, lines))
    assert done.returncode == 1
    told = {number for _file, number, _message in errors_of(done.output)}
    assert not set(places) - told, done.output
    assert [number for _file, number, _message in errors_of(done.output)] == sorted(
        number for _file, number, _message in errors_of(done.output))


def test_a_mistake_in_an_included_file_names_that_file(tmp_path, lines):
    folder = tmp_path / "conf.d"
    folder.mkdir()
    write(folder, ["[backend other]", "server = 127.0.0.1:9", "colour = blue"], "10-other.ini")
    write(folder, ["[backend third]", "server = 127.0.0.1:9"], "20-third.ini")
    at = place_of(lines, "[gateway]") + 1
    done = run_command("check", "-c", write(tmp_path, lines[:at] + ["include = conf.d/*.ini"] + lines[at:]))
    assert done.returncode == 1
    assert [(file, number) for file, number, _message in errors_of(done.output)] == [("10-other.ini", 3)], done.output


def test_paths_are_relative_to_the_file_that_names_them(tmp_path, lines, pki):
    folder = tmp_path / "certificates"
    folder.mkdir()
    for source, name in ((pki.chain("server"), "server.pem"), (pki.key("server"), "server.key")):
        with open(source, encoding="utf-8") as file:
            write(folder, file.read().split("\n"), name)
        os.chmod(folder / name, 0o600)
    lines[place_of(lines, "certificate =")] = "certificate = certificates/server.pem"
    lines[place_of(lines, "certificate_key")] = "certificate_key = certificates/server.key"
    path = write(tmp_path, lines)
    assert run_command("check", "-c", path, cwd="/").returncode == 0


HARD = {
    "an empty file": b"",
    "a file of zeros": b"\x00" * 1000,
    "a NUL in a line": b"[gateway]\nworkers = 1\x00\n",
    "random bytes": bytes(range(256)) * 20,
    "a very long line": b"[gateway]\nworkers = " + b"1" * 100_000 + b"\n",
    "a key without a section": b"workers = 1\n",
    "no listener": b"[gateway]\nworkers = 1\n",
    "carriage returns alone": b"[gateway]\rworkers = 1\r",
    "a hundred thousand sections": b"".join(b"[backend b%d]\nserver = 127.0.0.1:9\n" % n for n in range(100_000)),
}


@pytest.mark.parametrize("name", HARD)
def test_hostile_files_are_refused_without_harm(tmp_path, name):
    path = tmp_path / "hostile.ini"
    path.write_bytes(HARD[name])
    done = run_command("check", "-c", str(path))
    assert done.returncode == 1
    assert "hostile.ini" in done.output
    assert len(done.output) < 200_000


@pytest.mark.parametrize("make", ["nothing", "folder", "fifo"])
def test_what_is_no_file_is_refused(tmp_path, make):
    path = tmp_path / "strange.ini"
    if make == "folder":
        path.mkdir()
    elif make == "fifo":
        os.mkfifo(path)
    done = run_command("check", "-c", str(path))
    assert done.returncode == 1 and "strange.ini" in done.output


def test_run_with_mistakes_starts_nothing(tmp_path, lines):
    port = int(lines[place_of(lines, "address")].rpartition(":")[2])
    lines[place_of(lines, "workers")] = "workers = many"
    done = run_command("run", "-c", write(tmp_path, lines))
    assert done.returncode == 1
    assert errors_of(done.output)
    assert not ports.is_listening(port)
    assert not os.path.exists(tmp_path / "access.log")


def test_run_on_a_taken_port_says_so(tmp_path, lines):
    port = int(lines[place_of(lines, "address")].rpartition(":")[2])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen(1)
        done = run_command("run", "-c", write(tmp_path, lines))
    assert done.returncode == 1
    assert str(port) in done.output and "in use" in done.output


def test_run_with_a_log_that_cannot_be_written_says_so(tmp_path, lines):
    at = place_of(lines, "access_log")
    lines[at] = f"access_log = {tmp_path}/no/such/folder/access.log"
    done = run_command("run", "-c", write(tmp_path, lines))
    assert done.returncode == 1
    assert "no/such/folder" in done.output


WRONG_USE = [[], ["check"], ["check", "-c"], ["dance"], ["run"], ["check", "--colour", "-c", "x.ini"], ["run", "-c", "a", "b"]]


@pytest.mark.parametrize("arguments", WRONG_USE, ids=" ".join)
def test_wrong_usage_is_2_and_says_what_is_right(arguments):
    done = run_command(*arguments)
    assert done.returncode == 2, done.output
    assert "sallyport" in done.output.lower()


def test_help_is_help():
    done = run_command("--help")
    assert done.returncode == 0
    for command in ("run", "check", "version"):
        assert command in done.stdout


def test_version_names_what_it_was_built_with():
    done = run_command("version", "-v")
    assert done.returncode == 0
    for part in ("wolfSSL", "liburing", "llhttp", "inih", "jemalloc", "kernel", "io_uring"):
        assert part.lower() in done.stdout.lower(), done.stdout


def test_mistakes_can_be_read_by_a_program(tmp_path, lines):
    lines[place_of(lines, "workers")] = "workers = many"
    done = run_command("check", "--json", "-c", write(tmp_path, lines))
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert [entry for entry in found if entry["severity"] == "error" and entry["line"] == 2]
