"""Configurations that must be refused: what is done to a good one, and the words of the message."""

import os

from support import trusted_files
from support.reloading import changed, without

PROFILE, EDGE = "ssl_profile devices", "listener edge"


def key_without_rights(pki, folder):
    """Readable to nobody but root: who is root finds a folder instead of the file."""
    if os.geteuid() == 0:
        return str(folder)
    path = folder / "secret.key"
    with open(pki.key("server"), "rb") as file:
        path.write_bytes(file.read())
    path.chmod(0)
    return str(path)


def trusting(path):
    return lambda sections: changed(sections, PROFILE, trusted_client_ca=path)


# name: (what becomes of the sections, words of the message); pki and folder are the test's.
MISTAKES = {
    "an unknown key": lambda pki, folder: (lambda all_: changed(all_, EDGE, adress="127.0.0.1:1"), ["adress"]),
    "an unknown value": lambda pki, folder: (lambda all_: changed(all_, PROFILE, verify_client_auth_mode="strickt"), ["strickt"]),
    "a section that is missing": lambda pki, folder: (lambda all_: without(all_, "backend app"), ["app"]),
    "a certificate that is not there": lambda pki, folder: (
        lambda all_: changed(all_, EDGE, certificate=[str(folder / "gone.pem")]), ["gone.pem", "No such file"]),
    "a key that cannot be read": lambda pki, folder: (
        lambda all_: changed(all_, EDGE, certificate_key=[key_without_rights(pki, folder)]), ["private key file"]),
    "a key of another certificate": lambda pki, folder: (
        lambda all_: changed(all_, EDGE, certificate_key=[pki.key("server-p384")]), [pki.key("server-p384")]),
    "a CA file that is not there": lambda pki, folder: (trusting(str(folder / "gone.pem")), ["gone.pem"]),
    "a CA file with two roots": lambda pki, folder: (
        trusting(pki.bundle("two-roots", "root", "stranger-root")), [trusted_files.ONE_ROOT]),
    "a CA file of clients": lambda pki, folder: (trusting(pki.file("good")), [trusted_files.NO_CA]),
    "a server whose name nobody knows": lambda pki, folder: (
        lambda all_: changed(all_, "backend app", server="nowhere.invalid:80"), ["nowhere.invalid", "cannot be resolved"]),
    "a rule with an unknown variable": lambda pki, folder: (
        lambda all_: changed(all_, EDGE, rewrite="r") + [("rewrite r", {"request_header": "X: {var_nothing}"})], ["nothing"]),
}
