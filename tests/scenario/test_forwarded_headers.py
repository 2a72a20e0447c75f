"""What the gateway adds to every request, and what it passes through, changes and drops."""

import json
import re

import pytest


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": {"verify_client_auth_mode": "off"}}


def seen_by_backend(client, **request):
    response = client.request(**request)
    assert response.status == 200, response.body
    told = json.loads(response.body)
    told["by_name"] = {}
    for name, value in told["fields"]:
        told["by_name"].setdefault(name.lower(), []).append(value)
    return told


def test_the_client_is_named_in_the_forwarded_headers(gateway, connect):
    with connect(gateway) as client:
        fields = seen_by_backend(client, fields=[("Host", "api.example.com:8443")])["by_name"]
    assert fields["x-forwarded-for"] == [f"127.0.0.1:{client.port}"]
    assert fields["x-forwarded-proto"] == ["https"]
    assert fields["x-forwarded-port"] == [str(gateway.port)]
    assert fields["x-original-host"] == ["api.example.com:8443"]
    assert fields["host"] == ["api.example.com:8443"]


def test_x_forwarded_for_is_appended_to(gateway, connect):
    with connect(gateway) as client:
        fields = seen_by_backend(client, fields=[("X-Forwarded-For", "203.0.113.9, 198.51.100.2")])["by_name"]
    joined = ", ".join(fields["x-forwarded-for"])
    assert [part.strip() for part in joined.split(",")] == ["203.0.113.9", "198.51.100.2", f"127.0.0.1:{client.port}"]


def test_several_x_forwarded_for_lines_keep_their_order(gateway, connect):
    with connect(gateway) as client:
        fields = seen_by_backend(client, fields=[("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "198.51.100.2")])
    joined = ", ".join(fields["by_name"]["x-forwarded-for"])
    assert [part.strip() for part in joined.split(",")] == ["203.0.113.9", "198.51.100.2", f"127.0.0.1:{client.port}"]


@pytest.mark.parametrize("name, value", [("X-Forwarded-Proto", "http"), ("X-Forwarded-Port", "1"),
                                         ("X-Original-Host", "evil.example.com"), ("X-AppGW-Trace-Id", "evil")])
def test_what_only_the_gateway_knows_is_not_taken_from_clients(gateway, connect, name, value):
    with connect(gateway) as client:
        fields = seen_by_backend(client, fields=[(name, value)])["by_name"]
    assert len(fields[name.lower()]) == 1 and fields[name.lower()][0] != value


def test_every_request_has_a_trace_id_of_its_own_that_the_log_knows(gateway, connect):
    with connect(gateway) as client:
        ids = [seen_by_backend(client, target=f"/trace/{turn}")["by_name"]["x-appgw-trace-id"][0] for turn in range(3)]
    assert len(set(ids)) == 3
    for each in ids:
        assert re.fullmatch(r"[0-9a-f]{32}", each)
        gateway.record(transactionId=each)


def test_request_ids_of_clients_are_passed_through(gateway, connect):
    sent = [("X-Request-Id", "r-17"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    with connect(gateway) as client:
        fields = seen_by_backend(client, fields=sent)["by_name"]
    for name, value in sent:
        assert fields[name.lower()] == [value]


def test_hop_by_hop_headers_go_no_further(gateway, connect):
    with connect(gateway) as client:
        fields = seen_by_backend(client, fields=[
            ("Connection", "keep-alive, X-Hop"), ("X-Hop", "1"), ("Keep-Alive", "timeout=9"), ("Proxy-Connection", "close"),
            ("TE", "trailers"), ("X-Stays", "yes")])["by_name"]
    assert fields["x-stays"] == ["yes"]
    assert not {"x-hop", "keep-alive", "proxy-connection"} & set(fields)


def test_other_headers_arrive_as_they_were_sent(gateway, connect):
    sent = [("X-Empty", ""), ("X-Odd", "a  b\tc;\"q\", d"), ("Cookie", "a=1; b=2"), ("X-Twice", "1"), ("X-Twice", "2"),
            ("X-Latin", "gr\u00fc\u00dfe"), ("Accept-Encoding", "gzip, br")]
    with connect(gateway) as client:
        fields = seen_by_backend(client, fields=sent)["by_name"]
    for name, value in sent:
        assert value in fields[name.lower()]
    assert fields["x-twice"] == ["1", "2"]


@pytest.mark.parametrize("target", ["/", "/a//b/../c", "/%2e%2e/%41", "/q?a=1&b=%20?&c", "/;p=1", "/~x!$&'()*+,;=:@", "*"])
def test_the_target_is_not_rewritten(gateway, connect, target):
    with connect(gateway) as client:
        told = seen_by_backend(client, method="OPTIONS" if target == "*" else "GET", target=target)
    assert told["target"] == target


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_methods_are_passed_on(gateway, connect, method):
    with connect(gateway) as client:
        assert seen_by_backend(client, method=method)["method"] == method


def test_headers_of_the_answer_come_back_without_its_hop_by_hop_ones(gateway, connect):
    with connect(gateway) as client:
        response = client.request(target="/fields")
    assert response.get("x-one") == "1"
    assert response.all("set-cookie") == ["a=1", "b=2"]
    assert response.get("server") == "backend/1"
    assert response.get("keep-alive") is None and response.get("x-hop") is None
