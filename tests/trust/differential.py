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
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from certificate_maker import Maker, run  # noqa: E402
from generated_chain import WAYS, Plan, build, present  # noqa: E402

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
