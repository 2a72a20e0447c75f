"""Listeners that come, go and move by a reload; those that stay keep their sockets and clients."""

import socket

import pytest

from support import client as clients
from support import edge, ports, wait
from support.reloading import changed, refuse, reload


def inodes(port):
    """Of the sockets that listen there. The kernel tells its table piece by piece, and may leave out a row while others come
    and go: hence three looks."""
    rows = []
    for _look in range(3):
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows += [line.split() for line in list(table)[1:]]
    return {row[9] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port}


def second(pki, **changes):
    return edge.listener_section(pki, "second", ports.free_port(), **changes)


def port_of(section):
    return int(section[1]["address"].rpartition(":")[2])


def test_one_is_added_and_taken_away_and_the_other_keeps_its_sockets(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    more = second(pki)
    before = inodes(gateway.port)
    with clients.connect(gateway.port, pki, "good") as client:
        assert client.request().status == 200
        for _turn in range(3):
            reload(gateway, sections + [more])
            assert clients.ask(port_of(more), pki, "good").status == 200
            reload(gateway, sections)
            # Closed when it is said to be done.
            with pytest.raises(ConnectionRefusedError):
                clients.connect_plain(port_of(more))
        assert client.request().status == 200
    assert inodes(gateway.port) == before


def test_idle_clients_of_one_that_goes_are_told_so(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    more = second(pki)
    reload(gateway, sections + [more])
    with clients.connect(port_of(more), pki, "good") as client:
        assert client.request().status == 200
        reload(gateway, sections)
        assert client.is_ended() and client.reader.ending == "closed"   # with close_notify
    gateway.check_calm()


def test_a_request_in_progress_at_one_that_goes_is_finished(start_sections, backends, pki):
    server = backends()
    gateway, sections = start_sections(server)
    more = second(pki)
    reload(gateway, sections + [more])
    with clients.connect(port_of(more), pki, "good") as client:
        client.start(target="/wait/gone")
        wait.until(lambda: server.sent_to("/wait/gone"), "the request")
        reload(gateway, sections)
        server.gate.set()
        response = client.response()
        assert response.status == 200 and response.get("connection") == "close"
        assert client.is_ended()


def test_whoever_cannot_end_has_the_time_of_a_drain(start_sections, backends, pki):
    server = backends()
    gateway, sections = start_sections(server, gateway={"drain_timeout": "1s"})
    more = second(pki)
    reload(gateway, sections + [more])
    with clients.connect(port_of(more), pki, "good") as client:
        client.start(target="/wait/for-ever")
        wait.until(lambda: server.sent_to("/wait/for-ever"), "the request")
        with wait.Stopwatch() as watch:
            reload(gateway, sections)
            assert client.rest() == b""
        assert 0.9 < watch.seconds < 10
    server.gate.set()
    gateway.check_calm()


def test_an_answer_that_a_drain_cuts_off_is_no_whole_one(start_sections, backends, pki):
    """Its end is the end of the connection: close_notify would make it look complete (RFC 9112 section 8)."""
    def begin(conversation):
        conversation.read_head()
        conversation.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nthe beginning")
        conversation.backend.gate.wait(20)

    server = backends(begin)
    gateway, sections = start_sections(server, gateway={"drain_timeout": "500ms"})
    more = second(pki)
    reload(gateway, sections + [more])
    client = clients.connect(port_of(more), pki, "good")
    client.start(version="HTTP/1.0")
    wait.until(lambda: b"the beginning" in client.reader.buffer or client.reader.fill() is None, "the beginning")
    reload(gateway, sections)
    client.rest()
    assert client.reader.ending != "closed"
    server.gate.set()


def test_a_handshake_at_one_that_stays_outlives_the_drain(start_sections, backend, pki):
    gateway, sections = start_sections(backend, gateway={"drain_timeout": "100ms"})
    plain = clients.connect_plain(gateway.port)
    plain.sendall(b"\x16")  # so that it is let in
    wait.until(lambda: gateway.counters()["connections_open"] == 1, "the client")
    reload(gateway, sections)
    with pytest.raises(socket.timeout):
        plain.settimeout(0.5)
        plain.recv(1)
    plain.close()


def test_an_address_moves(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    port = ports.free_port()
    with clients.connect(gateway.port, pki, "good") as client:
        assert client.request().status == 200
        reload(gateway, changed(sections, "listener edge", address=f"127.0.0.1:{port}"))
        assert client.is_ended()
    assert clients.ask(port, pki, "good").status == 200
    with pytest.raises(ConnectionRefusedError):
        clients.connect_plain(gateway.port)
    reload(gateway, sections)
    assert clients.ask(gateway.port, pki, "good").status == 200


def test_an_address_becomes_all_of_the_machine_and_one_again(start_sections, backend, pki):
    """127.0.0.1 and 0.0.0.0 overlap: the sockets of the one stand beside those of the other until they are closed."""
    gateway, sections = start_sections(backend)
    everywhere = changed(sections, "listener edge", address=f"0.0.0.0:{gateway.port}")
    both = changed(sections, "listener edge", address=[f"127.0.0.1:{gateway.port}", f"0.0.0.0:{gateway.port}"])
    for wanted in (everywhere, sections, both, everywhere, both, sections):
        reload(gateway, wanted)
        assert clients.ask(gateway.port, pki, "good").status == 200
        if wanted is sections:
            with pytest.raises(ConnectionRefusedError):
                clients.connect_plain(gateway.port, host="127.0.0.2")
        else:
            clients.connect_plain(gateway.port, host="127.0.0.2").close()
    gateway.check_calm()


def test_a_second_address_comes_and_goes(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    port = ports.free_port()
    both = changed(sections, "listener edge", address=[f"127.0.0.1:{gateway.port}", f"127.0.0.1:{port}"])
    reload(gateway, both)
    with clients.connect(gateway.port, pki, "good") as stays, clients.connect(port, pki, "good") as goes:
        assert stays.request().status == goes.request().status == 200
        reload(gateway, sections)
        assert goes.is_ended()
        assert stays.request().status == 200


def test_a_listener_of_another_name_at_the_same_address_is_another_one(start_sections, backend, pki):
    """Nobody is moved under rules that may be quite different; the socket stays."""
    gateway, sections = start_sections(backend)
    before = inodes(gateway.port)
    renamed = [("listener other" if title == "listener edge" else title, settings) for title, settings in sections]
    with clients.connect(gateway.port, pki, "good") as client:
        assert client.request().status == 200
        reload(gateway, renamed)
        assert client.is_ended()
    assert clients.ask(gateway.port, pki, "good").status == 200
    assert inodes(gateway.port) == before


def test_an_address_that_somebody_has_is_no_half_reload(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    free, taken = second(pki), edge.listener_section(pki, "third", ports.free_port())
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", port_of(taken)))
        somebody.listen(1)
        said = refuse(gateway, sections + [free, taken], "the address is in use")
        with open(gateway.config, encoding="utf-8") as file:
            line = file.read().split("\n").index(f"address = {taken[1]['address']}") + 1
        assert f"{gateway.config}:{line}: error: [listener third] address = {taken[1]['address']}: " in said, said
        assert not ports.is_listening(port_of(free))
        assert clients.ask(gateway.port, pki, "good").status == 200
    reload(gateway, sections + [free, taken])
    for each in (free, taken):
        assert clients.ask(port_of(each), pki, "good").status == 200


def test_server_names_move_to_another_listener(start_sections, backend, pki):
    """api.example.com gets a listener of its own with another certificate, and loses it."""
    gateway, sections = start_sections(backend)
    own = edge.listener_section(pki, "api", gateway.port, "server-api", server_name="api.example.com")
    for more, name in (([own], "server-api"), ([], None)):
        reload(gateway, sections + more)
        if name:
            with clients.connect(gateway.port, pki, "good", name="api.example.com") as client:
                assert client.sock.getpeercert(binary_form=True) == pki.der(name)
                assert client.request(fields=[("Host", "api.example.com")]).status == 200
    assert clients.ask(gateway.port, pki, "good").status == 200
