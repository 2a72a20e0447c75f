"""The programs that people use with a gateway: curl, openssl s_client, wrk, nginx."""

import contextlib
import os
import re
import signal
import subprocess
import threading

from support import ports, wait


def run(*arguments, seconds=30, given=None):
    """To its end; standard output, and standard error besides, as text."""
    return subprocess.run([str(argument) for argument in arguments], input=given, capture_output=True, text=True,
                          timeout=seconds, check=False)


def curl(pki, port, target="/", *arguments, certificate=None, name="localhost"):
    """(status, body, curl's own exit status)."""
    identity = ["--cert", pki.chain(certificate), "--key", pki.key(certificate)] if certificate else []
    done = run("curl", "--silent", "--show-error", "--max-time", "20", "--cacert", pki.file("server-root"), *identity,
               "--resolve", f"{name}:{port}:127.0.0.1", "--write-out", "\n%{http_code}", *arguments,
               f"https://{name}:{port}{target}")
    body, _newline, status = done.stdout.rpartition("\n")
    return int(status), body, done.returncode


class SClient:
    """`openssl s_client`, spoken to line by line."""

    def __init__(self, pki, port, *arguments, certificate=None):
        identity = []
        if certificate:
            identity = ["-cert", pki.file(certificate), "-cert_chain", pki.chain(certificate), "-key", pki.key(certificate)]
        self.process = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost",
             "-CAfile", pki.file("server-root"), *identity, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.text = ""
        self.thread = threading.Thread(target=self.read_all, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.process.kill()
        self.process.wait()
        self.thread.join()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()

    def read_all(self):
        while part := os.read(self.process.stdout.fileno(), 65536):
            self.text += part.decode("latin-1")

    def say(self, text):
        """False when s_client has gone."""
        try:
            os.write(self.process.stdin.fileno(), text.encode())
        except BrokenPipeError:
            return False
        return True

    def is_over(self):
        return self.process.poll() is not None and not self.thread.is_alive()

    def until(self, expression, seconds=wait.PATIENCE_SECONDS):
        """The first match in what it printed; or None when it ended without one."""
        def look():
            over = self.is_over()
            return re.search(expression, self.text, re.M) or over

        found = wait.until(look, f"{expression!r} from s_client", seconds)
        return None if found is True else found


# Its workers would become nobody, who may not look into the test's folder.
NGINX_USER = "user root;" if os.getuid() == 0 else ""

NGINX = """
{user}
daemon off;
worker_processes 1;
error_log {folder}/error.log warn;
pid {folder}/nginx.pid;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 0;
    keepalive_requests 1000000;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/www;
        location = /hello {{ return 200 "hello from nginx\\n"; }}
        location = /who {{ return 200 "$http_x_client_cert"; }}
        location = /put {{ proxy_pass http://127.0.0.1:{port}/took; proxy_request_buffering on; }}
        location = /took {{ return 200 "took $http_content_length"; }}
    }}
}}
"""


class Nginx:
    """A real backend, unprivileged, in a folder of its own; its files are in www."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.port = ports.free_port()
        self.address = f"127.0.0.1:{self.port}"
        os.makedirs(os.path.join(self.folder, "www"), exist_ok=True)
        config = os.path.join(self.folder, "nginx.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(NGINX.format(folder=self.folder, port=self.port, user=NGINX_USER))
        self.process = subprocess.Popen(["nginx", "-p", self.folder, "-c", config],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait.until(lambda: ports.is_listening(self.port), "nginx, listening,")

    def write(self, name, octets):
        with open(os.path.join(self.folder, "www", name), "wb") as file:
            file.write(octets)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
