"""A server of another make, from whose tickets clients come to us: OpenSSL's, with the client's certificate inside."""

import socket
import ssl
import threading

from support import client as clients

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class ForeignServer:
    """Answers one request a connection. resumptions: how many of its clients came back."""

    def __init__(self, pki, version=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pki.chain("server"), pki.key("server"))
        self.context.verify_mode = ssl.CERT_OPTIONAL
        self.context.load_verify_locations(pki.file("root"))
        self.context.set_ciphers("DEFAULT:@SECLEVEL=0")
        if version:
            self.context.minimum_version = self.context.maximum_version = clients.VERSIONS[version]
        self.resumptions = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(clients.SECONDS)

    def serve(self):
        while True:
            try:
                plain, _address = self.listener.accept()
            except OSError:
                return
            plain.settimeout(clients.SECONDS)
            try:
                with self.context.wrap_socket(plain, server_side=True) as sock:
                    self.resumptions += sock.session_reused
                    if sock.recv(65536):
                        sock.sendall(ANSWER)
            except OSError:
                plain.close()
