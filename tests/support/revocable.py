"""Authorities, clients and a server whose certificates name an OCSP responder, and whoever may sign its answers or not.

Made in one call when the responder's address is known:

    root -> intermediate -> good, revoked, unknown, no-aia, and fresh() ones    intermediate has an AIA of its own
            `-> revoked-intermediate -> below-revoked
    foreign-root -> foreign -> stranger                                         nobody trusts them
    server-root -> server                                                       with an AIA, for stapling

The names are those that support/edge.py and support/client.py take: a Revocable stands wherever a Certificates does.
Signers (SIGNERS) are made when they are first asked for, once below each issuer.
"""

import dataclasses
import threading

from support import ocsp_request, signing
from support.authority import Certificates, tool

der = tool.der
authority_plan = tool.certificate.authority_plan
client_plan = tool.certificate.client_plan
server_plan = tool.certificate.server_plan
YESTERDAY = {"starts_days": -30, "ends_days": -1}
TOMORROW = {"starts_days": 1, "ends_days": 30}

GOOD, REVOKED, UNKNOWN = "good", "revoked", "unknown"
# What a responder says of those that are not good.
STATUSES = {"revoked": REVOKED, "unknown": UNKNOWN, "revoked-intermediate": REVOKED}


@dataclasses.dataclass
class Signer:
    """Who signs an answer. by: issuer, or who else issues this one: above, below, foreign, itself, shadow."""

    changes: dict = dataclasses.field(default_factory=dict)
    by: str = "issuer"


# One row a signer with a certificate of its own; besides them: issuer, shadow, below, and any certificate's name.
SIGNERS = {
    "delegate": Signer(),
    "delegate-rsa": Signer({"key": "rsa2048"}),
    "delegate-p384": Signer({"key": "p384"}),
    "delegate-ed25519": Signer({"key": "ed25519"}),
    "delegate-without-key-usage": Signer({"key_usage": []}),
    "delegate-without-purpose": Signer({"extended_key_usage": []}),
    "delegate-for-clients": Signer({"extended_key_usage": ["client"]}),
    "delegate-for-anything": Signer({"extended_key_usage": ["any"]}),
    "delegate-may-not-sign": Signer({"key_usage": ["keyEncipherment"]}),
    "delegate-expired": Signer(YESTERDAY),
    "delegate-of-tomorrow": Signer(TOMORROW),
    "delegate-critical": Signer({"unknown_critical": True}),
    "delegate-broken": Signer({"garble": "signature"}),
    "delegate-sha1": Signer({"digest": "sha1"}),
    "delegate-rsa1024": Signer({"key": "rsa1024"}),
    "delegate-from-above": Signer(by="above"),
    "delegate-from-below": Signer(by="below"),
    "delegate-from-elsewhere": Signer(by="foreign"),
    "delegate-of-itself": Signer(by="itself"),
    # RFC 6960 4.2.2.2 holds for it but for one thing: the issuer never signed it.
    "delegate-forged": Signer(by="shadow"),
}


class Revocable(Certificates):
    """path: an empty folder; url: of the responder, as it will stand in the certificates."""

    def __init__(self, path, url):
        self.url = url
        self.lock = threading.RLock()
        self.count = 0
        self.known = {}          # (issuer, serial) -> name
        self.issuers = {}        # name -> the authority above it
        self.authorities = {}    # (digest, name hash, key hash) -> name
        super().__init__(path, self.make_all)

    # ------------------------------------------------------------------------------------- making

    def make_all(self, folder):
        self.folder = folder
        self.authority("root", "/O=Revocable/CN=Revocable Root CA")
        self.authority("intermediate", "/O=Revocable/CN=Revocable Intermediate CA", "root", ocsp_url=self.url)
        self.authority("revoked-intermediate", "/O=Revocable/CN=Revoked CA", "intermediate", ocsp_url=self.url)
        self.authority("foreign-root", "/O=Foreign/CN=Foreign Root CA")
        self.authority("foreign", "/O=Foreign/CN=Foreign CA", "foreign-root")
        self.authority("server-root", "/O=Revocable/CN=Server Root CA")
        for name in ("good", "revoked", "unknown"):
            self.client(name)
        self.client("no-aia", url="")
        self.client("direct", issuer="root")
        self.client("below-revoked", issuer="revoked-intermediate")
        self.client("stranger", issuer="foreign")
        self.server("server")

    def make(self, name, plan):
        with self.lock:
            self.folder.make(name, plan)
            self.learn(name, plan.issuer)
        return name

    def learn(self, name, issuer):
        """Keeps what a request will be known by."""
        if issuer:
            self.known[issuer, self.serial(name)] = name
            self.issuers[name] = issuer

    def authority(self, name, subject, issuer="", **changes):
        self.make(name, authority_plan(subject, issuer, **changes))
        for digest in ocsp_request.DIGESTS:
            as_issuer = ocsp_request.id_for(self.der(name), 0, digest)
            self.authorities[digest, as_issuer.name_hash, as_issuer.key_hash] = name
        return name

    def client(self, name, issuer="intermediate", url=None, **changes):
        """url: what its AIA says; "" for none, None for the responder's own."""
        told = self.url if url is None else url
        return self.make(name, client_plan(f"/O=Revocable/CN={name}", issuer, ocsp_url=told, **changes))

    def server(self, name, issuer="server-root", **changes):
        return self.make(name, server_plan("/CN=localhost", issuer, ["DNS:localhost", "IP:127.0.0.1"],
                                           **{"ocsp_url": self.url, **changes}))

    def fresh(self, issuer="intermediate", url=None, **changes):
        """Another client, of a new name and the key of good: without a call of openssl, a millisecond."""
        with self.lock:
            self.count += 1
            name = f"fresh-{self.count}"
            told = self.url if url is None else url
            plan = client_plan(f"/O=Revocable/CN={name}", issuer, ocsp_url=told, **changes)
            self.folder.write(name, ".key", self.folder.read("good", ".key"), 0o600)
            self.issue(name, plan, ocsp_request.public_key_of(self.der("good")), issuer, issuer)
            self.folder.write(name, "-chain.pem", self.folder.chain(name, plan))
        return name

    def issue(self, name, plan, public_key, issuer, key_of):
        """Signs with the key of key_of what says that it is the issuer's."""
        above = self.der(issuer)
        key = signing.key_of(self.key(key_of))
        algorithm = signing.KINDS[key.usual_kind].algorithm
        inner = tool.certificate.to_be_signed(plan, der.subject_of(above), public_key,
                                              ocsp_request.public_key_of(above), algorithm)
        whole = der.sequence(inner, algorithm, der.bit_string(key.sign(inner)[1]))
        self.folder.write(name, ".pem", der.pem("CERTIFICATE", whole))
        self.learn(name, issuer)

    # ------------------------------------------------------------------------------------ signers

    def signer(self, kind, issuer="intermediate"):
        """The name of the certificate and key of this kind below issuer."""
        with self.lock:
            if kind == "issuer":
                return issuer
            if kind == "shadow":
                return self.shadow_of(issuer)
            if kind == "below":
                return self.below(issuer)
            if kind not in SIGNERS:
                return kind
            name = f"{kind}-for-{issuer}"
            if not self.folder.has(name, ".pem"):
                self.make_signer(name, SIGNERS[kind], issuer)
            return name

    def make_signer(self, name, row, issuer):
        changes = {"extended_key_usage": ["ocsp-signing"], **row.changes}
        if row.by == "shadow":
            self.forge(name, issuer, changes)
            return
        if row.by == "below":
            by = self.below(issuer)
        else:
            above = self.folder.plan(issuer).issuer or issuer
            by = {"issuer": issuer, "above": above, "foreign": "foreign", "itself": ""}[row.by]
        self.make(name, client_plan(f"/O=Revocable/CN={name}", by, **changes))

    def below(self, issuer):
        name = f"below-{issuer}"
        if not self.folder.has(name, ".pem"):
            self.authority(name, f"/O=Revocable/CN={name}", issuer)
        return name

    def shadow_of(self, issuer):
        """An authority with the issuer's own name and another key."""
        name = f"shadow-of-{issuer}"
        if not self.folder.has(name, ".pem"):
            self.folder.make(name, authority_plan(self.folder.plan(issuer).subject))
        return name

    def forge(self, name, issuer, changes):
        """Issuer name and key identifier are those of the issuer, the signature is the shadow's."""
        shadow = self.shadow_of(issuer)
        self.folder.write(name, ".key", tool.openssl.make_key("p256", ""), 0o600)
        plan = client_plan(f"/O=Revocable/CN={name}", issuer, **changes)
        self.issue(name, plan, self.folder.public_key(name, ""), issuer, shadow)

    # ----------------------------------------------------------------------------------- questions

    def serial(self, name):
        return ocsp_request.serial_of(self.der(name))

    def request(self, name, nonce=None, digest="sha1"):
        """The OCSP request for this certificate, in DER."""
        return ocsp_request.request_for(self.der(self.issuers[name]), self.serial(name), nonce, digest)

    def names_of(self, certificate_id):
        """(certificate, issuer) of what was asked for; None for who is not known."""
        issuer = self.authorities.get((certificate_id.digest, certificate_id.name_hash, certificate_id.key_hash))
        return self.known.get((issuer, certificate_id.serial)), issuer
