#!/usr/bin/python3
"""Compares the trust engine with `openssl verify` over generated chains, good ones and ones broken
in one way each.

Usage: tests/trust/differential.py [--count N] [--seconds N] [--seed N]

Needs what `make` has built. Every disagreement about who gets in is an error unless EXPLAINED says
why; so is a reason that differs unless REASONS says that OpenSSL's one means ours. The last line
has the counts; exit status 0 without an error, 1 with one, 2 when nothing could be compared.
"""

import argparse
import collections
import os
import random
import re
import ssl
import subprocess
import sys
import tempfile
import time

DAY = 86400
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# What is judged differently on purpose: a mark that a generated chain bears, ours, OpenSSL's, why.
EXPLAINED = {
    "ca_any_purpose": (
        "in", "out",
        "RFC 5280 4.2.1.12: anyExtendedKeyUsage restricts nothing, so a CA that bears it may issue "
        "clients; OpenSSL's sslclient purpose wants clientAuth spelled out",
    ),
    "wildcard_excluded": (
        "out", "in",
        "a wildcard may stand for the very host that is excluded",
    ),
    "dns_trailing_dot": (
        "out", "in",
        "a host with a dot at its end is the same host; whether it is constrained cannot be told "
        "by comparing text",
    ),
}

# OpenSSL's error numbers for each of our words; several where its order of checks is not ours.
REASONS = {
    "unable_to_verify_first": {20, 21},
    "unable_to_get_local_issuer": {20},
    "unable_to_get_issuer": {2, 20},
    "self_signed": {18, 19},
    "signature_failure": {7},
    "not_yet_valid": {9},
    "expired": {10},
    "path_length": {25},
    # OpenSSL does not take a CA without keyCertSign for an issuer at all.
    "invalid_ca": {24, 79, 20, 32},
    "critical_extension": {34},
    "name_constraint": {47, 48, 49, 50, 51, 52, 53, 54},
    "policy": {42, 43},
    "unsupported_purpose": {26},
    "weak_algorithm": {66, 67, 68},
    "chain_too_long": {22},
}

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


class Maker:
    """Makes keys once and certificates on demand, with one call of openssl each."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0
        p256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        rsa = ["-algorithm", "RSA", "-pkeyopt"]
        self.keys = [self.make_key(n, p256) for n in range(8)]
        self.rsa = self.make_key("rsa", rsa + ["rsa_keygen_bits:2048"])
        self.weak = self.make_key("weak", rsa + ["rsa_keygen_bits:1024"])
        self.ed25519 = self.make_key("ed25519", ["-algorithm", "ed25519"])

    def make_key(self, name, options):
        path = os.path.join(self.folder, f"key_{name}.pem")
        run(["openssl", "genpkey", "-out", path] + options)
        return path

    def make(self, subject, key, issuer, extensions, days=1000, digest="sha256",
             first_version=False):
        """A certificate; issuer is an earlier one or None for a self-signed one."""
        self.count += 1
        base = os.path.join(self.folder, f"c{self.count}")
        sections = "\n".join(extensions)
        with open(base + ".cnf", "w") as file:
            file.write(f"[req]\ndistinguished_name=dn\n[dn]\n[ext]\n{sections}\n"
                       "[dir_good]\nO=Good\n[dir_bad]\nO=Bad\n")
        serial = str(self.count + 1000)
        new = ["openssl", "req", "-new", "-config", base + ".cnf", "-key", key, "-subj", subject]
        command = new + ["-x509", "-days", str(days), "-out", base + ".pem", "-set_serial", serial]
        if digest and self.ed25519 not in (key, issuer["key"] if issuer else None):
            command.append("-" + digest)
        if not first_version:
            command += ["-extensions", "ext"]
        if issuer is not None:
            command += ["-CA", issuer["path"], "-CAkey", issuer["key"]]
        if first_version:
            run(new + ["-out", base + ".csr"])
            command = ["openssl", "x509", "-req", "-in", base + ".csr", "-CA", issuer["path"],
                       "-CAkey", issuer["key"], "-days", str(days), "-set_serial", serial,
                       "-out", base + ".pem"]
        run(command)
        with open(base + ".pem") as source, open(base + ".der", "wb") as file:
            file.write(ssl.PEM_cert_to_DER_cert(source.read()))
        return {"path": base + ".pem", "der": base + ".der", "key": key, "subject": subject}


def run(command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(" ".join(command) + "\n" + result.stderr)


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


def ask_openssl(trusted, at, leaf, intermediates, folder):
    untrusted = os.path.join(folder, "untrusted.pem")
    with open(untrusted, "w") as file:
        for certificate in intermediates:
            with open(certificate["path"]) as source:
                file.write(source.read())
    command = ["openssl", "verify", "-no-CApath", "-no-CAstore", "-CAfile", trusted,
               "-purpose", "sslclient", "-auth_level", "2", "-policy_check",
               "-policy", "2.5.29.32.0", "-attime", str(at)]
    if intermediates:
        command += ["-untrusted", untrusted]
    result = subprocess.run(command + [leaf["path"]], capture_output=True, text=True)
    found = re.search(r"error (\d+) at (\d+) depth lookup: *(.*)", result.stdout + result.stderr)
    if result.returncode == 0:
        return "in", 0, "OK"
    return "out", int(found.group(1)) if found else -1, found.group(3) if found else result.stderr


def start_driver(folder):
    """The driver is linked with the archives that `make` has left."""
    driver = os.path.join(folder, "judge_files")
    archives = [os.path.join(ROOT, "build", "release", f"lib{name}.a")
                for name in ("trust", "tls", "net", "config", "base")]
    archives.append(os.path.join(ROOT, "build", "deps", "lib", "libwolfssl.a"))
    missing = [archive for archive in archives if not os.path.exists(archive)]
    if missing:
        raise RuntimeError(f"{missing[0]} does not exist: run make first")
    source = os.path.join(ROOT, "tests", "trust", "judge_files.c")
    run(["cc", "-std=gnu2x", "-O2", "-D_GNU_SOURCE", "-I" + os.path.join(ROOT, "include"), source,
         "-Wl,--start-group", *archives, "-Wl,--end-group", "-luring", "-linih", "-lm", "-lpthread",
         "-o", driver])
    # pylint: disable=consider-using-with # main() waits for it
    return subprocess.Popen([driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask_engine(driver, trusted, at, leaf, intermediates):
    files = " ".join(c["der"] for c in [leaf] + intermediates)
    driver.stdin.write(f"{trusted} {at} {files}\n")
    driver.stdin.flush()
    word, _depth, _checks, text = driver.stdout.readline().rstrip("\n").split(" ", 3)
    return ("in" if word == "success" else "out"), word, text


def write_trusted(folder, made, with_intermediates):
    path = os.path.join(folder, "trusted.pem")
    with open(path, "w") as file:
        for certificate in made[:-1] if with_intermediates else made[:1]:
            with open(certificate["path"]) as source:
                file.write(source.read())
    return path


def compare(number, way, plan, ours, theirs, tally):
    """Returns a line to print when the two disagree without an explanation."""
    our_answer, word, text = ours
    their_answer, error, sentence = theirs
    tally["in" if our_answer == "in" else "out"] += 1
    what = f"{number} {way.__name__}: ours {word} ({text}), openssl {error} ({sentence})"
    if our_answer != their_answer:
        for mark in plan.marks:
            if EXPLAINED[mark][:2] == (our_answer, their_answer):
                tally["explained " + mark] += 1
                return None
        return "DISAGREE " + what
    if our_answer == "out" and error not in REASONS.get(word, set()):
        tally[f"reason {word} / {error} {sentence}"] += 1
        return "REASON " + what
    return None


def judge_both(number, maker, driver, random_source):
    """Makes one chain and asks both; returns way, plan and the two answers."""
    way = WAYS[number % len(WAYS)]
    plan = Plan(random_source, maker)
    way(plan, random_source, maker)
    made = build(plan, maker)
    leaf, intermediates = present(plan, made, random_source, maker)
    trusted = write_trusted(maker.folder, made, plan.trusted_intermediates)
    return (way, plan, ask_engine(driver, trusted, plan.at, leaf, intermediates),
            ask_openssl(trusted, plan.at, leaf, intermediates, maker.folder))


def forget(folder):
    """A chain's files, once it is judged: thousands of them would fill the disk."""
    for name in os.listdir(folder):
        if re.match(r"c\d+\.", name):
            os.remove(os.path.join(folder, name))


def compare_all(options, folder, tally):
    """Returns how many chains were compared and the lines of what disagreed."""
    random_source = random.Random(options.seed)
    lines = []
    maker = Maker(folder)
    driver = start_driver(folder)
    ends = time.monotonic() + options.seconds
    number = 0
    while number < options.count and time.monotonic() < ends:
        line = compare(number, *judge_both(number, maker, driver, random_source), tally)
        if line:
            lines.append(line)
            print(line, flush=True)
        forget(folder)
        number += 1
    driver.stdin.close()
    driver.wait()
    return number, lines


def parser():
    top = argparse.ArgumentParser(description=__doc__,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--count", type=int, default=None, metavar="N",
                     help="chains (300, or without end when --seconds is given)")
    top.add_argument("--seconds", type=float, default=float("inf"), metavar="N",
                     help="begins no further chain after that time")
    top.add_argument("--seed", type=int, default=None, metavar="N",
                     help="of a run that is to be repeated; random otherwise, and printed")
    return top


def main():
    options = parser().parse_args()
    if options.count is None:
        options.count = 300 if options.seconds == float("inf") else sys.maxsize
    if options.seed is None:
        options.seed = random.randrange(1 << 30)
    print(f"seed {options.seed}", flush=True)
    tally = collections.Counter()
    try:
        with tempfile.TemporaryDirectory() as folder:
            count, lines = compare_all(options, folder, tally)
    except (RuntimeError, OSError) as error:
        print(f"differential.py: {error}", file=sys.stderr)
        return 2
    for name in sorted(tally):
        print(f"{tally[name]:6} {name}")
    bad = sum(line.startswith("DISAGREE") for line in lines)
    explained = sum(tally["explained " + mark] for mark in EXPLAINED)
    print(f"{count} chains compared, {tally['in']} in, {tally['out']} out: {explained} explained "
          f"disagreements, {bad} unexplained, {len(lines) - bad} with another reason")
    if count == 0:
        print("differential.py: no chain was compared", file=sys.stderr)
        return 2
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
