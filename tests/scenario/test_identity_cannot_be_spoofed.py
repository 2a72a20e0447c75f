"""A header that carries identity never comes from a client: on every listener, whatever its mode."""

import json

import pytest

from support import edge as sections

SPOOF = "i-am-the-administrator"
ALWAYS = ["X-Client-Cert", "X-ARR-ClientCert", "Client-Cert", "Client-Cert-Chain", "X-Forwarded-Client-Cert"]
# Of this gateway: one that a rule fills, one that the configuration names.
RULED, NAMED = "X-Device-Subject", "X-Legacy-Identity"


@pytest.fixture(params=["strict", "passthrough", "off"])
def mode(request):
    return request.param


@pytest.fixture
def edge(start, backend, pki, mode):
    trusted = {"trusted_client_ca": pki.file("root")} if mode == "strict" else {}
    return start(backend, gateway={"identity_header": NAMED},
                 profile={"verify_client_auth_mode": mode, **trusted},
                 rewrite={"request_header": f"{RULED}: {{var_client_certificate_subject}}"})


def fields_seen(client, sent):
    response = client.request(target="/spoof", fields=sent)
    assert response.status == 200, response.body
    return json.loads(response.body)["fields"]


@pytest.mark.parametrize("spelling", [str, str.lower, str.upper])
def test_identity_headers_of_clients_are_removed(edge, connect, mode, spelling):
    with connect(edge, "good" if mode == "strict" else None) as client:
        seen = fields_seen(client, [(spelling(name), SPOOF) for name in ALWAYS + [RULED, NAMED]])
    assert not [value for _name, value in seen if SPOOF in value], seen


def test_repeated_ones_are_all_removed(edge, connect, mode):
    with connect(edge, "good" if mode == "strict" else None) as client:
        seen = fields_seen(client, [("X-Client-Cert", SPOOF)] * 5 + [("x-client-cert", SPOOF), (RULED, SPOOF), (RULED, SPOOF)])
    assert SPOOF not in json.dumps(seen)


def test_underscores_do_not_get_around_it(edge, connect, mode):
    """CGI-like backends read X_Client_Cert and X-Client-Cert as one."""
    with connect(edge, "good" if mode == "strict" else None) as client:
        seen = fields_seen(client, [("X_Client_Cert", SPOOF), ("Client_Cert", SPOOF), ("X-ARR_ClientCert", SPOOF)])
    assert SPOOF not in json.dumps(seen)


def test_connection_cannot_name_an_identity_header_away(start, backend, connect):
    """Connection: X-Client-Cert asks for a hop-by-hop removal of what the gateway itself sets."""
    gateway = start(backend, listener={"forward_identity": "x_client_cert"})
    with connect(gateway, "good") as client:
        seen = fields_seen(client, [("Connection", "keep-alive, X-Client-Cert, X-Forwarded-For")])
    names = [name.lower() for name, _value in seen]
    assert names.count("x-client-cert") == 1 and names.count("x-forwarded-for") == 1


def test_an_identity_header_in_trailers_is_removed(edge, backend, connect, mode):
    with connect(edge, "good" if mode == "strict" else None) as client:
        client.send(client.head("POST", "/trailer", [("Transfer-Encoding", "chunked"), ("Trailer", "X-Client-Cert")])
                    + b"3\r\nabc\r\n0\r\nX-Client-Cert: " + SPOOF.encode() + b"\r\n\r\n")
        response = client.response("POST")
        assert response.status in (200, 400)
        assert SPOOF.encode() not in response.body
    for request in backend.sent_to("/trailer"):
        assert SPOOF.encode() not in request.head


def test_a_second_listener_without_mutual_tls_is_no_way_around(start, backend, pki, connect):
    """Both listeners lead to one backend; the list of identity headers is the gateway's, not the listener's."""
    side = sections.listener_section(pki, "side", ssl_profile="open")
    gateway = start(backend, listener={"forward_identity": "x_client_cert"},
                    rewrite={"request_header": f"{RULED}: {{var_client_certificate_subject}}"},
                    more=[side, sections.profile_section(pki, "open", verify_client_auth_mode="off")])
    with connect(gateway, port=gateway.ports[1]) as client:
        seen = fields_seen(client, [("X-Client-Cert", SPOOF), (RULED, SPOOF)])
    assert SPOOF not in json.dumps(seen)


def test_a_rule_that_copies_an_identity_header_does_not_copy_the_clients(start, backend, connect):
    gateway = start(backend, rewrite={"request_header": "X-Copy: {http_req_X-Client-Cert}"})
    with connect(gateway, "good") as client:
        seen = fields_seen(client, [("X-Client-Cert", SPOOF)])
    assert SPOOF not in json.dumps(seen)
