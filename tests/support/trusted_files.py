"""Trusted client CA files: put together as text, looked at by `sallyport check`, and the codes for the bad ones."""

import os
import re

from support import edge
from support.gateway import ini_text, run_command

PREFIX = "ApplicationGatewayTrustedClientCertificate"
NOTHING = f"{PREFIX}MustSpecifyData"
PRIVATE_KEY = f"{PREFIX}MustNotHavePrivateKey"
INVALID = f"{PREFIX}InvalidData"
NO_CA = f"{PREFIX}DoesNotContainAnyCACertificate"
ONE_ROOT = "ApplicationGatewayOnlyOneRootCAAllowedInTrustedClientCertificate"
ALL_CODES = [NOTHING, PRIVATE_KEY, INVALID, NO_CA, ONE_ROOT]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def text_of(pki, *names):
    return "".join(read(pki.file(name)) for name in names)


def check(folder, pki, files, *options, **profile):
    """files: a path or several; profile: what else is changed of it."""
    path = os.path.join(folder, "gateway.ini")
    with open(path, "w", encoding="utf-8") as file:
        file.write(ini_text(edge.edge_sections(str(folder), pki, "127.0.0.1:9",
                                               profile={"trusted_client_ca": files, **profile})))
    return run_command("check", *options, "-c", path)


def check_text(folder, pki, text, *options, name="ca.pem"):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)
    return check(folder, pki, name, *options)


def expect_code(done, code, name="ca.pem"):
    """Refused with this code and no other, on a line that names the file."""
    assert done.returncode == 1, done.output
    assert code in done.output
    assert not [other for other in ALL_CODES if other != code and other in done.output], done.output
    line = next(line for line in done.output.split("\n") if code in line)
    assert name in line and re.search(r":\d+: error: |: error: ", line), line


def garbled(pki):
    """A root with bytes in the middle of its base64 changed: the PEM is right, the DER is not."""
    lines = text_of(pki, "root").split("\n")
    lines[3] = "A" * len(lines[3])
    lines[1] = "A" * len(lines[1])
    return "\n".join(lines)
