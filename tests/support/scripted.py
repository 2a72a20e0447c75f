"""A TLS server in which a function of the test's own has each connection, for what no gateway would do."""

import socket
import ssl
import threading

SECONDS = 20
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Connection:
    """What script is given. number: which connection it is, from 1 on."""

    def __init__(self, server, sock, number):
        self.server, self.sock, self.number = server, sock, number

    def read_head(self):
        """False at the connection's end. Requests without a body only."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            piece = self.sock.recv(65536)
            if not piece:
                return False
            head += piece
        with self.server.lock:
            self.server.request_count += 1
        return True

    def send(self, *pieces):
        for piece in pieces:
            self.sock.sendall(piece)


def serve(connection):
    while connection.read_head():
        connection.send(ANSWER)


class ScriptedServer:
    """request_count: the requests that came, for comparison with what a client says of them."""

    def __init__(self, pki, script=serve):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pki.chain("server"), pki.key("server"))
        self.script, self.request_count, self.lock = script, 0, threading.Lock()
        self.gate = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.gate.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(SECONDS)

    def accept(self):
        number = 0
        while True:
            try:
                plain, _address = self.listener.accept()
            except OSError:
                return
            number += 1
            plain.settimeout(SECONDS)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.have, args=(plain, number), daemon=True).start()

    def have(self, plain, number):
        try:
            with self.context.wrap_socket(plain, server_side=True) as sock:
                self.script(Connection(self, sock, number))
        except OSError:
            plain.close()
