"""The access log: a JSON line a request with the original's names, one for a handshake that failed, nothing that breaks it."""

import datetime
import hashlib
import json
import os
import re
import signal

import pytest

from support import client as clients
from support import wait

NAMES = ["timeStamp", "clientIP", "clientPort", "httpMethod", "requestUri", "httpStatus", "httpVersion", "receivedBytes",
         "sentBytes", "timeTaken", "transactionId", "sslEnabled", "sslCipher", "sslProtocol", "sslClientVerify",
         "sslClientCertificateFingerprint", "sslClientCertificateIssuerName", "serverRouted", "serverStatus",
         "serverResponseLatency", "listenerName", "host", "error_info", "sslClientCertificateSubject", "sslSessionReused",
         "reason"]


def test_a_request_has_every_field(gateway, backend, pki, connect):
    with connect(gateway, "good", version="1.3") as client:
        assert client.request("POST", "/logged?a=1", [("Host", "api.example.com")], b"12345").status == 200
        record = gateway.record_of(client)
    missing = [name for name in NAMES if name not in record]
    assert not missing, record
    der = pki.der("good")
    assert record["clientIP"] == "127.0.0.1"
    assert record["httpMethod"] == "POST" and record["requestUri"].startswith("/logged")
    assert int(record["httpStatus"]) == 200 and record["httpVersion"] == "HTTP/1.1"
    assert record["sslEnabled"] == "on" and record["sslProtocol"] == "TLSv1.3"
    assert record["sslClientVerify"] == "SUCCESS"
    assert record["sslClientCertificateFingerprint"] == hashlib.sha1(der).hexdigest()
    assert record["sslClientCertificateIssuerName"] == pki.shown("good", "-issuer", "-nameopt", "RFC2253")
    assert record["sslClientCertificateSubject"] == pki.shown("good", "-subject", "-nameopt", "RFC2253")
    assert record["serverRouted"] == backend.address and str(record["serverStatus"]) == "200"
    assert record["listenerName"] == "edge" and record["host"] == "api.example.com"
    assert record["error_info"] == "ERRORINFO_NO_ERROR"
    assert re.fullmatch(r"[0-9a-f]{32}", record["transactionId"])
    assert float(record["timeTaken"]) < 5 and float(record["serverResponseLatency"]) < 5
    assert int(record["receivedBytes"]) > 5 and int(record["sentBytes"]) > 100
    stamp = datetime.datetime.fromisoformat(record["timeStamp"].replace("Z", "+00:00"))
    assert abs((datetime.datetime.now(datetime.timezone.utc) - stamp).total_seconds()) < 60


def test_every_request_of_a_connection_has_a_line(gateway, connect):
    with connect(gateway, "good") as client:
        for turn in range(10):
            assert client.request(target=f"/line/{turn}").status == 200
    for turn in range(10):
        gateway.record(requestUri=f"/line/{turn}")


def test_a_client_without_a_certificate_is_logged_as_none(gateway, connect):
    with connect(gateway) as client:
        assert client.request(target="/none").status == 400
        record = gateway.record_of(client)
    assert record["sslClientVerify"] == "NONE" and record["reason"] == "no_certificate"
    assert record["sslClientCertificateFingerprint"] == "" and record["error_info"] == "ERRORINFO_HTTPS_NO_CERT"
    assert record["serverRouted"] == ""


def test_a_handshake_that_fails_is_logged(gateway):
    sock = clients.connect_plain(gateway.port)
    port = sock.getsockname()[1]
    sock.sendall(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00")
    try:
        while sock.recv(4096):
            pass
    except OSError:
        pass
    sock.close()
    record = gateway.record(clientPort=port)
    assert record["error_info"] != "ERRORINFO_NO_ERROR" and record["reason"]


def test_a_suite_that_nobody_shares_is_logged(gateway, pki):
    plain = clients.connect_plain(gateway.port)
    port = plain.getsockname()[1]
    context = clients.context_for(pki, version="1.2", ciphers="AES128-SHA")
    with pytest.raises(OSError):
        context.wrap_socket(plain, server_hostname="localhost")
    assert gateway.record(clientPort=port)["error_info"] != "ERRORINFO_NO_ERROR"


@pytest.mark.parametrize("target, fields", [
    ('/quote"\\back', []), ("/latin-\u00fc", []), ("/%00%0a%0d", []), ("/x", [("Host", "odd-host")]),
    ("/x", [("User-Agent", 'a"b\\c\td')])])
def test_nothing_a_client_says_breaks_a_line(gateway, connect, target, fields):
    """Whatever is accepted or refused: one client, one line, and it parses."""
    with connect(gateway, "good") as client:
        client.start(target=target, fields=fields)
        client.response()
        gateway.record_of(client)
    raw = open(gateway.log_path, "rb").read()
    assert all(byte >= 0x20 or byte == 0x0A for byte in raw)
    for line in raw.split(b"\n")[:-1]:
        json.loads(line)


def test_odd_names_of_certificates_are_logged_as_they_are(gateway, pki, connect):
    with connect(gateway, "odd-subject") as client:
        assert client.request().status == 200
        assert gateway.record_of(client)["sslClientCertificateSubject"] == pki.shown(
            "odd-subject", "-subject", "-nameopt", "RFC2253")


def test_a_client_that_leaves_in_the_middle_is_logged(gateway, connect):
    client = connect(gateway, "good")
    port = client.port
    client.start(target="/pattern/50000000")
    client.reader.fill()
    client.abort()
    record = gateway.record(clientPort=port)
    assert record["error_info"] == "ERRORINFO_CLIENT_CLOSED_REQUEST"


def test_many_lines_at_once_are_all_there_and_whole(gateway, connect):
    with connect(gateway, "good") as client:
        client.send(b"".join(client.head("GET", f"/burst/{turn}", []) for turn in range(500)))
        for _turn in range(500):
            assert client.response().status == 200
    wait.until(lambda: len([1 for record in gateway.records() if record.get("requestUri", "").startswith("/burst/")]) == 500,
               "five hundred lines")


def test_the_log_may_be_moved_away(start, backend, connect):
    """SIGUSR1 reopens; until it comes the old file is written on. A gateway may not offer it yet, but must survive it."""
    gateway = start(backend)
    with connect(gateway, "good") as client:
        assert client.request(target="/before").status == 200
        gateway.record(requestUri="/before")
        os.rename(gateway.log_path, gateway.log_path + ".1")
        gateway.signal(signal.SIGUSR1)
        assert wait.until(lambda: client.request(target="/meanwhile").status == 200 and os.path.exists(gateway.log_path),
                          "the new log")
        assert client.request(target="/after").status == 200
        gateway.record(requestUri="/after")


def test_the_last_lines_are_there_after_the_stop(start, backend, connect):
    gateway = start(backend)
    with connect(gateway, "good") as client:
        for turn in range(50):
            assert client.request(target=f"/last/{turn}").status == 200
    gateway.stop()
    assert len([record for record in gateway.records() if record.get("requestUri", "").startswith("/last/")]) == 50
