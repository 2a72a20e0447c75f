"""request_header and response_header rules: set, remove, variables, fields of the message."""

import json

import pytest


def seen(client, **request):
    response = client.request(**request)
    assert response.status == 200, response.body
    fields = {}
    for name, value in json.loads(response.body)["fields"]:
        fields.setdefault(name.lower(), []).append(value)
    return fields, response


# Each general variable with what it must yield for the request of the test.
REQUEST = {"method": "POST", "target": "/over/here?a=1&b=2", "fields": [("Host", "api.example.com")], "body": b"12345"}


def expectations(client, gateway):
    return {
        "add_x_forwarded_for_proxy": "127.0.0.1", "client_ip": "127.0.0.1", "client_port": str(client.port),
        "host": "api.example.com", "http_method": "POST", "http_version": "HTTP/1.1", "query_string": "a=1&b=2",
        "request_query": "a=1&b=2", "request_scheme": "https", "request_uri": "/over/here?a=1&b=2",
        "server_port": str(gateway.port), "ssl_connection_protocol": client.sock.version(), "ssl_enabled": "On",
        "uri_path": "/over/here",
    }


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_the_general_variables_tell_of_the_request(start, backend, connect, version):
    names = ["add_x_forwarded_for_proxy", "client_ip", "client_port", "host", "http_method", "http_version", "query_string",
             "request_query", "request_scheme", "request_uri", "server_port", "ssl_connection_protocol", "ssl_enabled",
             "uri_path", "ciphers_used", "client_tcp_rtt"]
    gateway = start(backend, rewrite={"request_header": [f"X-V-{name.replace('_', '-')}: {{var_{name}}}" for name in names]})
    with connect(gateway, "good", version=version) as client:
        fields, _response = seen(client, **REQUEST)
        told = {name: fields.get(f"x-v-{name.replace('_', '-')}", [None])[0] for name in names}
        for name, value in expectations(client, gateway).items():
            assert told[name] == value, name
        assert told["ciphers_used"]
        if version == "1.3":
            assert told["ciphers_used"] == client.sock.cipher()[0]
        assert told["client_tcp_rtt"].isdigit()


def test_a_rule_sets_replaces_and_removes_request_headers(start, backend, connect):
    gateway = start(backend, rewrite={"request_header": [
        "X-New: made by {var_http_method} of {http_req_X-Given}", "X-Replaced: ours", "X-Removed:"]})
    with connect(gateway, "good") as client:
        fields, _response = seen(client, fields=[("X-Given", "something"), ("X-Replaced", "theirs"), ("X-Replaced", "again"),
                                                 ("x-removed", "theirs")])
    assert fields["x-new"] == ["made by GET of something"]
    assert fields["x-replaced"] == ["ours"]
    assert "x-removed" not in fields


def test_a_rule_sets_replaces_and_removes_response_headers(start, backend, connect):
    gateway = start(backend, rewrite={"response_header": [
        "Strict-Transport-Security: max-age=1", "X-One: {http_resp_X-One}+{var_http_status}", "Server:", "Set-Cookie:"]})
    with connect(gateway, "good") as client:
        response = client.request(target="/fields")
    assert response.get("strict-transport-security") == "max-age=1"
    assert response.all("x-one") == ["1+200"]
    assert response.get("server") is None and response.get("set-cookie") is None


def test_response_rules_hold_for_every_answer_of_a_connection(start, backend, connect):
    gateway = start(backend, rewrite={"response_header": "X-Gate: yes"})
    with connect(gateway, "good") as client:
        for target in ("/", "/chunked/1000", "/status/404", "/status/204", "/pattern/70000"):
            assert client.request(target=target).get("x-gate") == "yes", target


def test_a_missing_field_is_empty_and_an_empty_value_removes(start, backend, connect):
    gateway = start(backend, rewrite={"request_header": ["X-Maybe: {http_req_X-Absent}", "X-Part: [{http_req_X-Absent}]"]})
    with connect(gateway, "good") as client:
        fields, _response = seen(client, fields=[("X-Maybe", "theirs")])
    assert "x-maybe" not in fields
    assert fields["x-part"] == ["[]"]


def test_a_value_of_the_client_cannot_start_a_new_header(start, backend, connect):
    gateway = start(backend, rewrite={"request_header": "X-Copy: {var_request_uri}"})
    with connect(gateway, "good") as client:
        fields, _response = seen(client, target="/a%0d%0aX-Injected:%20yes")
    assert "x-injected" not in fields and fields["x-copy"] == ["/a%0d%0aX-Injected:%20yes"]


def test_a_large_value_still_fits(start, backend, connect):
    gateway = start(backend, rewrite={"request_header": [f"X-Copy-{n}: {{http_req_X-Big}}" for n in range(4)]})
    with connect(gateway, "good") as client:
        response = client.request(fields=[("X-Big", "b" * 6000)])
        assert response.status == 200
        fields = dict((name.lower(), value) for name, value in json.loads(response.body)["fields"])
    assert all(fields[f"x-copy-{n}"] == "b" * 6000 for n in range(4))
