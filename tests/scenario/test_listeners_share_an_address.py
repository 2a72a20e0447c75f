"""Several listeners on one address: SNI chooses, Host must not lead to another profile, certificates are their own."""

import json
import socket
import ssl

import pytest

from support import edge, ports
from support import client as clients


@pytest.fixture
def three(start, backends, pki):
    """api: strict; shop: no certificate asked; the default: strict. One address; three backends that name themselves."""
    def named(text):
        def script(conversation):
            while conversation.read_request():
                conversation.answer(text)
        return backends(script)

    port = ports.free_port()
    sections = [
        edge.listener_section(pki, "api", port, "server-api", server_name="api.example.com", backend="api"),
        edge.listener_section(pki, "shop", port, "server-shop", server_name=["shop.example.com", "*.shop.example.com"],
                              ssl_profile="open", backend="shop"),
        edge.profile_section(pki, "open", verify_client_auth_mode="off"),
        edge.backend_section(named(b"api"), "api"), edge.backend_section(named(b"shop"), "shop")]
    return start(named(b"default"), listener={"port": port}, more=sections)


def ask(client, host):
    return client.request(fields=[("Host", host)])


def open_context(pki, certificate=None):
    """Does not insist on the name: which certificate comes is what is looked at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(pki.file("server-root"))
    if certificate:
        context.load_cert_chain(pki.chain(certificate), pki.key(certificate))
    return context


@pytest.mark.parametrize("name, certificate, answer, shown", [
    ("api.example.com", "good", b"api", "api.example.com"),
    ("shop.example.com", None, b"shop", "shop.example.com"),
    ("localhost", "good", b"default", "localhost"),
    ("API.Example.COM", "good", b"api", "api.example.com"),
])
def test_the_server_name_chooses_certificate_profile_and_backend(three, pki, name, certificate, answer, shown):
    plain = clients.connect_plain(three.port)
    sock = open_context(pki, certificate).wrap_socket(plain, server_hostname=name)
    with clients.Client(sock) as client:
        assert dict(pair for parts in sock.getpeercert()["subject"] for pair in parts)["commonName"] == shown
        response = ask(client, name)
        assert response.status == 200 and response.body == answer


def test_a_star_stands_for_names_below(three, pki):
    plain = clients.connect_plain(three.port)
    with clients.Client(open_context(pki).wrap_socket(plain, server_hostname="a.shop.example.com")) as client:
        assert ask(client, "a.shop.example.com").body == b"shop"


@pytest.mark.parametrize("name", [None, "unknown.example.net"])
def test_no_name_and_unknown_names_go_to_the_default(three, pki, name):
    plain = clients.connect_plain(three.port)
    with clients.Client(open_context(pki, "good").wrap_socket(plain, server_hostname=name)) as client:
        assert ask(client, "localhost").body == b"default"


def test_a_host_of_another_profile_is_misdirected(three, pki):
    """Judged by the open profile, asking for the strict one: 421, and the strict backend hears nothing."""
    plain = clients.connect_plain(three.port)
    with clients.Client(open_context(pki).wrap_socket(plain, server_hostname="shop.example.com")) as client:
        assert ask(client, "api.example.com").status == 421
    plain = clients.connect_plain(three.port)
    with clients.Client(open_context(pki).wrap_socket(plain, server_hostname="shop.example.com")) as client:
        for spelling in ("API.example.com", "api.example.com:443", "api.example.com."):
            response = ask(client, spelling)
            assert response.body != b"api", spelling
            if (response.get("connection") or "").lower() == "close":
                break


def test_a_host_of_another_listener_with_the_same_profile_is_served(three, pki):
    """The default and api share their profile; so one connection may ask for both, by RFC 9110 7.4."""
    plain = clients.connect_plain(three.port)
    with clients.Client(open_context(pki, "good").wrap_socket(plain, server_hostname="localhost")) as client:
        response = ask(client, "api.example.com")
        assert response.status in (200, 421)
        assert response.status == 421 or response.body == b"api"


def test_the_port_of_host_does_not_matter(three, pki):
    plain = clients.connect_plain(three.port)
    with clients.Client(open_context(pki, "good").wrap_socket(plain, server_hostname="api.example.com")) as client:
        assert ask(client, f"api.example.com:{three.port}").body == b"api"


def test_a_name_that_nobody_has_and_no_default_end_the_handshake(start, backend, pki):
    gateway = start(backend, listener={"server_name": "api.example.com", "certificate": "server-api"})
    with pytest.raises(OSError):
        open_context(pki).wrap_socket(clients.connect_plain(gateway.port), server_hostname="other.example.com")
    plain = clients.connect_plain(gateway.port)
    with clients.Client(open_context(pki, "good").wrap_socket(plain, server_hostname="api.example.com")) as client:
        assert ask(client, "api.example.com").status == 200


def test_one_listener_may_have_several_addresses(start, backend, connect):
    first, second = ports.free_port(), ports.free_port()
    gateway = start(backend, listener={"address": [f"127.0.0.1:{first}", f"127.0.0.1:{second}"]})
    for port in (first, second):
        with connect(gateway, "good", port=port) as client:
            told = dict((name.lower(), value) for name, value in json.loads(client.request().body)["fields"])
            assert told["x-forwarded-port"] == str(port)


def test_ipv6_is_an_address_too(start, backend, pki):
    port = ports.free_port()
    gateway = start(backend, listener={"address": f"[::1]:{port}"})
    plain = socket.create_connection(("::1", port), clients.SECONDS)
    with clients.Client(open_context(pki, "good").wrap_socket(plain, server_hostname="localhost")) as client:
        told = dict((name.lower(), value) for name, value in json.loads(client.request().body)["fields"])
        assert told["x-forwarded-for"] == f"[::1]:{client.port}"
        assert gateway.record_of(client)["clientIP"] == "::1"
