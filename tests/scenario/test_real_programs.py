"""curl, openssl s_client, Python's own HTTP client and wrk talk to it without a surprise; nginx is the backend."""

import http.client
import json
import re

import pytest

from support import pattern, programs
from support import client as clients


def test_curl_reaches_nginx_with_a_certificate_and_not_without(start, nginx, pki):
    gateway = start(nginx)
    assert programs.curl(pki, gateway.port, "/hello", certificate="good") == (200, "hello from nginx\n", 0)
    status, body, exit_status = programs.curl(pki, gateway.port, "/hello")
    assert status == 400 and "No required SSL certificate was sent" in body and exit_status == 0
    status, body, exit_status = programs.curl(pki, gateway.port, "/hello", certificate="expired")
    assert status == 400 and "The SSL certificate error" in body and exit_status == 0


@pytest.mark.parametrize("version", ["--tlsv1.3", "--tls-max=1.2"])
def test_curl_moves_files_both_ways(start, nginx, pki, tmp_path, version):
    gateway = start(nginx)
    body = pattern.whole(3_000_000)
    nginx.write("file", body)
    fetched = tmp_path / "fetched"
    versions = [version] if "=" not in version else version.split("=")
    assert programs.curl(pki, gateway.port, "/file", *versions, "--output", fetched, certificate="good")[0] == 200
    assert fetched.read_bytes() == body
    status, took, _exit = programs.curl(pki, gateway.port, "/put", *versions, "--upload-file", fetched, certificate="good")
    assert (status, took) == (200, "took 3000000")


def test_curl_asks_for_a_range_and_a_head(start, nginx, pki):
    gateway = start(nginx)
    nginx.write("file", pattern.whole(100_000))
    status, _body, _exit = programs.curl(pki, gateway.port, "/file", "--range", "10-19", "--output", "/dev/null",
                                         certificate="good")
    assert status == 206
    status, _body, exit_status = programs.curl(pki, gateway.port, "/file", "--head", certificate="good")
    assert status == 200 and exit_status == 0
    assert programs.curl(pki, gateway.port, "/nothing-here", certificate="good")[0] == 404


def test_nginx_reads_the_certificate_from_the_header(start, nginx, pki):
    gateway = start(nginx, listener={"forward_identity": "x_client_cert"})
    status, body, _exit = programs.curl(pki, gateway.port, "/who", certificate="good")
    assert status == 200 and body.startswith("-----BEGIN%20CERTIFICATE-----%0A")


def test_s_client_talks_by_hand(start, backend, pki):
    gateway = start(backend)
    for version in ("-tls1_2", "-tls1_3"):
        with programs.SClient(pki, gateway.port, version, "-verify_return_error", certificate="good") as peer:
            assert peer.until(r"Verify return code: 0 \(ok\)")
            peer.say("GET /by-hand HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert peer.until(r"HTTP/1.1 200 OK")
            assert peer.until(r"by-hand")


def test_pythons_own_client_keeps_its_connection(start, backend, pki):
    gateway = start(backend)
    connection = http.client.HTTPSConnection("localhost", gateway.port, context=clients.context_for(pki, "good"), timeout=10)
    for turn in range(5):
        connection.request("POST", f"/python/{turn}", body=b"x" * 1000, headers={"Content-Type": "text/plain"})
        response = connection.getresponse()
        assert response.status == 200 and json.loads(response.read())["size"] == 1000
    connection.request("POST", "/python/chunked", body=iter([b"a" * 500, b"b" * 500]), encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})
    assert json.loads(connection.getresponse().read())["size"] == 1000
    connection.close()


def test_wrk_counts_no_error(start, nginx):
    gateway = start(nginx, profile={"verify_client_auth_mode": "off"})
    done = programs.run("wrk", "-t1", "-c16", "-d2s", "--timeout", "15s", f"https://127.0.0.1:{gateway.port}/hello", seconds=20)
    assert done.returncode == 0, done.stderr
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    assert int(re.search(r"(\d+) requests in", done.stdout)[1]) > 100
    assert gateway.counters().get("answers_5xx", 0) == 0


def test_curl_with_a_pfx_gets_in(start, backend, pki):
    """The form in which the tree of certificates is handed out."""
    gateway = start(backend)
    status, _body, _exit = programs.curl(pki, gateway.port, "/pfx", "--cert-type", "P12", "--cert",
                                         pki.file("dev-client-01", ".pfx") + ":")
    assert status == 200
