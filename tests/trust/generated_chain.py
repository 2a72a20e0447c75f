"""The chains that tests/trust/differential.py compares: a plan, the ways to break it, and its certificates made and put in order.

A way is a function of plan, random source and maker that changes the plan; one seed gives the same chains again.
"""

import ssl
import time

DAY = 86400

KINDS = {
    "dns": ("DNS", "DNS:{0}", ["good.test", ".good.test"], ["a.good.test", "b.a.good.test"],
            ["bad.test", "xgood.test"]),
    "email": ("email", "email:{0}", ["good.test", "a@good.test"], ["a@good.test"],
              ["a@bad.test", "a@x.good.test"]),
    "ip": ("IP", "IP:{0}", ["10.0.0.0/255.0.0.0"], ["10.1.2.3"], ["11.1.2.3"]),
    "uri": ("URI", "URI:{0}", ["good.test", ".good.test"],
            ["https://h.good.test/x", "https://good.test/"],
            ["https://bad.test/", "https://good.test.bad/"]),
}


class Plan:
    """A line of certificates from root to leaf, each a dictionary of what goes into it, to be
    broken before it is made."""

    def __init__(self, random_source, maker):
        depth = random_source.choice([0, 1, 1, 1, 2, 2, 3])
        names = ["Root"] + [f"CA {n}" for n in range(depth)] + ["client"]
        self.certificates = []
        for level, name in enumerate(names):
            is_ca = level <= depth
            extensions = {"subjectKeyIdentifier": "hash"}
            if level > 0:
                extensions["authorityKeyIdentifier"] = "keyid"
            if is_ca:
                extensions["basicConstraints"] = "critical,CA:TRUE"
                if random_source.random() < 0.7:
                    extensions["keyUsage"] = "critical,keyCertSign,cRLSign"
            elif random_source.random() < 0.7:
                extensions["extendedKeyUsage"] = "clientAuth"
            if random_source.random() < 0.2:
                extensions.pop("authorityKeyIdentifier", None)
            self.certificates.append({
                "subject": f"/O=Good/CN={name}", "key": maker.keys[level],
                "extensions": extensions, "days": 1000,
            })
        self.at = int(time.time()) + 5 * DAY
        self.marks = set()
        self.flip = None
        self.wrong_signer = None
        self.order = "straight"
        self.trusted_intermediates = random_source.random() < 0.2

    @property
    def root(self):
        return self.certificates[0]

    @property
    def leaf(self):
        return self.certificates[-1]

    def any_ca(self, r):
        return r.choice(self.certificates[:-1])

    def any_intermediate(self, r):
        """One to break; when there is none, something that goes nowhere: a root without CA:TRUE
        does not even load."""
        return r.choice(self.certificates[1:-1] or [{"extensions": {"basicConstraints": ""}}])


# Each way to break (or to vary) a chain: a function of plan, random source and maker.
def good(p, r, m):
    pass


def expired(p, r, m):
    r.choice(p.certificates)["days"] = 2


def not_yet_valid(p, r, m):
    p.at = int(time.time()) - 10 * DAY


def no_basic_constraints(p, r, m):
    del p.any_intermediate(r)["extensions"]["basicConstraints"]


def not_a_ca(p, r, m):
    p.any_intermediate(r)["extensions"]["basicConstraints"] = "CA:FALSE"


def path_length(p, r, m):
    length = r.choice([0, 0, 1, 2])
    p.any_ca(r)["extensions"]["basicConstraints"] = f"critical,CA:TRUE,pathlen:{length}"


def no_cert_sign(p, r, m):
    p.any_intermediate(r)["extensions"]["keyUsage"] = "digitalSignature"


def critical(p, r, m):
    r.choice(p.certificates)["extensions"]["1.2.3.4"] = "critical,ASN1:NULL"


def not_critical(p, r, m):
    r.choice(p.certificates)["extensions"]["1.2.3.4"] = "ASN1:NULL"


def leaf_purpose(p, r, m):
    p.leaf["extensions"]["extendedKeyUsage"] = r.choice(
        ["serverAuth", "anyExtendedKeyUsage", "clientAuth,serverAuth", "critical,clientAuth",
         "OCSPSigning", "codeSigning"])


def ca_purpose(p, r, m):
    purpose = r.choice(["serverAuth", "clientAuth", "anyExtendedKeyUsage", "serverAuth,clientAuth",
                        "codeSigning"])
    p.any_ca(r)["extensions"]["extendedKeyUsage"] = purpose
    if purpose == "anyExtendedKeyUsage":
        p.marks.add("ca_any_purpose")


def leaf_usage(p, r, m):
    p.leaf["extensions"]["keyUsage"] = r.choice(
        ["digitalSignature", "keyAgreement", "keyEncipherment", "nonRepudiation",
         "critical,digitalSignature", "keyCertSign"])


def netscape(p, r, m):
    types = ["client", "server", "client,server", "email"]
    p.leaf["extensions"]["nsCertType"] = r.choice(types)


def constraint(p, r, m):
    prefix, san, bases, inside, outside = KINDS[r.choice(list(KINDS))]
    how = r.choice(["permitted", "excluded"])
    p.any_ca(r)["extensions"]["nameConstraints"] = f"critical,{how};{prefix}:{r.choice(bases)}"
    names = r.sample(inside, 1) if r.random() < 0.5 else r.sample(outside, 1)
    p.leaf["extensions"]["subjectAltName"] = ",".join(san.format(n) for n in names)


def wildcard_constraint(p, r, m):
    base, name, how = r.choice([
        ("good.test", "*.good.test", "permitted"), ("a.good.test", "*.good.test", "excluded"),
        ("good.test", "*.good.test", "excluded"), ("good.test", "a.good.test.", "excluded"),
        ("good.test", "a.bad.test", "excluded")])
    p.any_ca(r)["extensions"]["nameConstraints"] = f"{how};DNS:{base}"
    p.leaf["extensions"]["subjectAltName"] = "DNS:" + name
    if base == "a.good.test":
        p.marks.add("wildcard_excluded")
    if name.endswith("."):
        p.marks.add("dns_trailing_dot")


def directory_constraint(p, r, m):
    how = r.choice(["permitted", "excluded"])
    base = r.choice(["dir_good", "dir_bad"])
    p.any_ca(r)["extensions"]["nameConstraints"] = f"critical,{how};dirName:{base}"


def subject_constraint(p, r, m):
    kind, base, subject = r.choice([
        ("email", "good.test", "/CN=x/emailAddress=a@good.test"),
        ("email", "good.test", "/CN=x/emailAddress=a@bad.test"),
        ("DNS", "good.test", "/CN=a.good.test"), ("DNS", "good.test", "/CN=a.bad.test"),
        ("DNS", "good.test", "/CN=device-7"),
    ])
    ca = p.any_ca(r)
    how = r.choice(["permitted", "excluded"])
    ca["extensions"]["nameConstraints"] = f"critical,{how};{kind}:{base}"
    p.leaf["subject"] = subject


def policy(p, r, m):
    for certificate in p.certificates[1:]:
        if r.random() < 0.85:
            certificate["extensions"]["certificatePolicies"] = r.choice(
                ["1.2.3.4", "1.2.3.4", "1.2.3.4,1.2.3.5", "2.5.29.32.0", "1.2.3.5"])
    p.any_ca(r)["extensions"]["policyConstraints"] = \
        f"critical,requireExplicitPolicy:{r.choice([0, 0, 1, 2])}"
    if r.random() < 0.3:
        p.any_ca(r)["extensions"]["inhibitAnyPolicy"] = str(r.choice([0, 1]))
    if r.random() < 0.3:
        p.any_ca(r)["extensions"]["policyMappings"] = \
            r.choice(["1.2.3.4:1.2.3.5", "1.2.3.5:1.2.3.4"])
    if r.random() < 0.2:
        p.any_ca(r)["extensions"]["policyConstraints"] = \
            f"critical,inhibitPolicyMapping:{r.choice([0, 1])}"


def bad_signature(p, r, m):
    p.flip = r.randrange(1, len(p.certificates))


def wrong_signer(p, r, m):
    p.wrong_signer = r.randrange(1, len(p.certificates))


def weak_leaf(p, r, m):
    p.leaf["key"] = m.weak


def weak_ca(p, r, m):
    p.any_ca(r)["key"] = m.weak


def weak_digest(p, r, m):
    r.choice(p.certificates)["digest"] = "sha1"


def other_keys(p, r, m):
    r.choice(p.certificates)["key"] = r.choice([m.rsa, m.ed25519])


def first_version(p, r, m):
    p.leaf["first_version"] = True


def order(p, r, m):
    p.order = r.choice(["shuffled", "doubled", "with_root", "with_stranger", "no_intermediate",
                        "leaf_only"])


def self_signed(p, r, m):
    p.order = "stranger"


WAYS = [good, expired, not_yet_valid, no_basic_constraints, not_a_ca, path_length, path_length,
        no_cert_sign, critical, not_critical, leaf_purpose, ca_purpose, leaf_usage, netscape,
        constraint, constraint, constraint, wildcard_constraint, directory_constraint,
        subject_constraint, policy, policy, policy, bad_signature, wrong_signer, weak_leaf, weak_ca,
        weak_digest, other_keys, first_version, order, order, self_signed]


def flip_last_bits(certificate):
    """Another signature, still well-formed: a bit of the last number."""
    with open(certificate["der"], "rb") as file:
        der = bytearray(file.read())
    der[-3] ^= 1
    with open(certificate["der"], "wb") as file:
        file.write(der)
    with open(certificate["path"], "w") as file:
        file.write(ssl.DER_cert_to_PEM_cert(bytes(der)))


def build(plan, maker):
    """Makes the plan's certificates, root first."""
    made = []
    for level, c in enumerate(plan.certificates):
        issuer = made[-1] if made else None
        if plan.wrong_signer == level:
            issuer = maker.make(issuer["subject"], maker.keys[7], None,
                                ["basicConstraints=critical,CA:TRUE"])
            c["extensions"].pop("authorityKeyIdentifier", None)
        extensions = [f"{k}={v}" for k, v in c["extensions"].items()]
        if c["key"] == maker.weak and "digest" not in c:
            c["digest"] = "sha256"
        made.append(maker.make(c["subject"], c["key"], issuer, extensions, c["days"],
                               c.get("digest", "sha256"), c.get("first_version", False)))
        if plan.flip == level:
            flip_last_bits(made[-1])
    return made


def present(plan, made, random_source, maker):
    """What the client sends after its leaf, and the leaf."""
    leaf, intermediates = made[-1], list(reversed(made[1:-1]))
    stranger = None
    if plan.order in ("with_stranger", "stranger"):
        stranger = maker.make("/O=Else/CN=Stranger", maker.keys[6], None,
                              ["basicConstraints=critical,CA:TRUE"])
    if plan.order == "shuffled":
        random_source.shuffle(intermediates)
    elif plan.order == "doubled":
        intermediates = intermediates * 2 + [leaf]
    elif plan.order == "with_root":
        intermediates.append(made[0])
    elif plan.order == "with_stranger":
        intermediates.insert(0, stranger)
    elif plan.order == "no_intermediate" and intermediates:
        intermediates.pop(random_source.randrange(len(intermediates)))
    elif plan.order == "leaf_only":
        intermediates = []
    elif plan.order == "stranger":
        return stranger, []
    return leaf, intermediates
