"""A real responder: `openssl ocsp`, one process for one authority, from an index file that may change while it runs.

It looks at its index after every answer, so that a change would hold from the request after the next one on: we make
one ourselves. It serves one client at a time: one that connects and says nothing holds up all others for its -timeout.
It answers in HTTP/1.0 and closes; it cannot be told an address, only a port.
"""

import os
import signal
import subprocess
import threading
import time

from support import ocsp_asking, ocsp_request, ports, revocable, wait

ANSWERED = "OCSP Response Data:"
REASONS = {1: "keyCompromise", 2: "CACompromise", 3: "affiliationChanged", 4: "superseded", 5: "cessationOfOperation",
           6: "certificateHold"}
EXPIRES = "491231235959Z"


class OpensslResponder:
    """delegate: the signer's kind in revocable.SIGNERS; "issuer": the authority signs itself.

    Its port is known before it runs, so that certificates can name it:

        responder = OpensslResponder()
        pki = Revocable(folder, responder.url)
        with responder.start(pki): …
    """

    def __init__(self):
        self.port = ports.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}/"
        self.process = self.reader = self.pki = None
        self.authority, self.arguments, self.rows = "", [], {}
        self.answers = self.probes = 0
        self.indexes = []

    # ------------------------------------------------------------------------------------ its life

    def start(self, pki, authority="intermediate", delegate="delegate", minutes=60):
        """minutes: from thisUpdate to nextUpdate; None leaves the latter out. Ready when this returns."""
        self.pki, self.authority = pki, authority
        self.arguments = ["-rsigner", pki.file(pki.signer(delegate, authority)),
                          "-rkey", pki.key(pki.signer(delegate, authority))]
        self.arguments += ["-nmin", str(minutes)] if minutes else []
        for name, issuer in pki.issuers.items():
            status = revocable.STATUSES.get(name, revocable.GOOD)
            if issuer == authority and status != revocable.UNKNOWN:
                self.rows[name] = self.row(name, status)
        self.write_index()
        self.run()
        return self

    def run(self):
        self.process = subprocess.Popen(
            # Line by line, or its answers could be counted only four kilobytes later.
            ["stdbuf", "-oL", "openssl", "ocsp", "-port", str(self.port), "-index", self.index_path(),
             "-CA", self.pki.file(self.authority), "-text", "-timeout", "5", *self.arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read_all, args=(self.process.stdout,), daemon=True)
        self.reader.start()
        try:
            wait.until(self.has_begun, "openssl ocsp, listening,")
            assert self.process.poll() is None, "openssl ocsp ended at once"
            self.probe()
        except BaseException:
            self.stop()
            raise

    def has_begun(self):
        return ports.is_listening(self.port) or self.process.poll() is not None

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.stop()

    def stop(self):
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.process = None
        for index in self.indexes[:-1]:
            index.close()
        del self.indexes[:-1]

    def restart(self):
        self.stop()
        self.run()

    def freeze(self):
        """From now on it accepts, as far as its queue goes, and stays silent."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    # -------------------------------------------------------------------------------- what it says

    def revoke(self, name, reason=None, seconds_ago=0):
        """Holds from the next request on."""
        self.rows[name] = self.row(name, revocable.REVOKED, reason, seconds_ago)
        self.change_index()

    def renew(self, name):
        """Good again, or known for the first time."""
        self.rows[name] = self.row(name, revocable.GOOD)
        self.change_index()

    def forget(self, name):
        self.rows.pop(name, None)
        self.change_index()

    def row(self, name, status, reason=None, seconds_ago=0):
        """A line of openssl's index: status, end, revocation, serial, file, subject."""
        then = time.strftime("%y%m%d%H%M%SZ", time.gmtime(time.time() - seconds_ago))
        revoked = then + (f",{REASONS[reason]}" if reason else "")
        mark, revocation = ("R", revoked) if status == revocable.REVOKED else ("V", "")
        serial = self.pki.serial(name)
        digits = f"{serial:X}"
        digits = "0" * (len(digits) % 2) + digits
        return "\t".join([mark, EXPIRES, revocation, digits, "unknown", f"/CN={name}"])

    def index_path(self):
        return self.pki.folder.file(f"index-of-{self.authority}", ".txt")

    def change_index(self):
        self.write_index()
        if self.process:
            self.probe()

    def write_index(self):
        """By a new file of the same name: its inode is what openssl notices even within one second.

        The former ones stay open, or a change after the next could have the inode of the one that openssl has read.
        """
        attributes = self.index_path() + ".attr"
        if not os.path.exists(attributes):
            with open(attributes, "w", encoding="ascii") as file:
                file.write("unique_subject = no\n")
        self.pki.folder.write(f"index-of-{self.authority}", ".txt", "".join(f"{row}\n" for row in self.rows.values()))
        self.indexes.append(open(self.index_path(), "rb"))  # pylint: disable=consider-using-with

    # ----------------------------------------------------------------------------------- questions

    def probe(self):
        """A request of our own, which requests() does not count."""
        before = self.answers
        octets = ocsp_request.request_for(self.pki.der(self.authority), self.pki.serial(self.authority))
        assert ocsp_asking.ask(self.port, octets).status == 200
        wait.until(lambda: self.answers > before, "what openssl ocsp says of its answer")
        self.probes += 1

    def read_all(self, pipe):
        for line in pipe:
            if line.decode("latin-1").startswith(ANSWERED):
                self.answers += 1

    def requests(self):
        """How many it has answered, our own apart."""
        return self.answers - self.probes

    def wait_for_requests(self, count, seconds=wait.PATIENCE_SECONDS):
        wait.until(lambda: self.requests() >= count, f"request {count} of openssl ocsp", seconds)
