"""The commands: rows, what each does, and the parser that is made of the rows.

Makes certificate authorities and certificates for trying Sallyport: good ones and every kind of bad
one. A name NAME stands for these files in the folder (--dir):

    NAME.pem         the certificate
    NAME.key         its private key
    NAME-chain.pem   the certificate and its intermediates, as a client sends them
    NAME.plan        what it was made from: the same command again keeps it, another one is refused

Needs nothing but Python's standard library and the openssl command.
"""

import argparse
import hashlib
import os
import re
import sys

from .certificate import Plan, authority_plan
from .der import to_be_signed_fields
from .folder import Folder
from .kinds import KINDS, make_kind
from .mistake import Mistake
from .openssl import KEY_KINDS, make_key, openssl, secret_arguments
from .sets import make_everything, make_tree
from .verification import PURPOSES, verify


def do_root(folder, options):
    folder.make(options.name, authority_plan(
        options.subject or f"/CN={options.name}", key=options.key,
        ends_days=options.days or 3650, passphrase_file=options.passphrase_file), True)


def do_intermediate(folder, options):
    folder.make(options.name, authority_plan(
        options.subject or f"/CN={options.name}", options.issuer, key=options.key,
        ends_days=options.days or 1825, path_length=options.path_length,
        passphrase_file=options.passphrase_file), True)


def do_leaf(folder, options):
    if options.kind != "good":
        make_kind(folder, options.kind, options.name, options.issuer,
                  alternative_names=options.name_also, passphrase_file=options.passphrase_file)
        return
    folder.make(options.name, Plan(
        subject=options.subject or f"/CN={options.name}", issuer=options.issuer, key=options.key,
        ends_days=options.days or 365, extended_key_usage=[purpose_of(options)],
        alternative_names=options.name_also, ocsp_url=options.ocsp_url,
        passphrase_file=options.passphrase_file), True)


def do_pfx(folder, options):
    key_secret = folder.plan(options.name).passphrase_file
    folder.make_pfx(options.name, options.passphrase_file, key_secret)


def do_csr(folder, options):
    if options.force or not folder.has(options.name, ".key"):
        key = make_key(options.key, options.passphrase_file)
        folder.write(options.name, ".key", key, 0o600)
    folder.write(options.name, ".csr", openssl(
        "req", "-new", "-key", folder.file(options.name, ".key"),
        "-subj", options.subject or f"/CN={options.name}",
        *secret_arguments("-passin", options.passphrase_file)))


def do_sign(folder, options):
    request = folder.file(options.name, ".csr")
    folder.read(options.name, ".csr")
    openssl("req", "-in", request, "-verify", "-noout")
    fields = to_be_signed_fields(openssl("req", "-in", request, "-outform", "DER"))
    shown = openssl("req", "-in", request, "-noout", "-subject", "-nameopt", "compat").decode()
    plan = Plan(subject=shown.partition("=")[2].strip(), issuer=options.issuer,
                ends_days=options.days or 365, extended_key_usage=[purpose_of(options)],
                alternative_names=options.name_also)
    plan.issuer_print = hashlib.sha256(folder.certificate(options.issuer)).hexdigest()
    folder.sign(options.name, plan, fields[2][1])


def do_tree(folder, options):
    make_tree(folder, options.passphrase_file)


def do_everything(folder, _options):
    make_everything(folder)


def do_kinds(_folder, _options):
    for name, kind in KINDS.items():
        print(f"{name:20} {kind.reason or 'let in':22} {kind.help}")


def do_verify(folder, options):
    is_good, text = verify(folder, options.name, options)
    print(text, end="")
    return 0 if is_good else 1


def purpose_of(options):
    return "server" if options.server else "client"


# One row an option: its flag, argparse's settings.
OPTIONS = {
    "subject": ("--subject", {
        "default": "", "metavar": "/O=…/CN=…", "help": "subject; the default is /CN=NAME"}),
    "issuer": ("--issuer", {
        "required": True, "metavar": "NAME", "help": "the authority that signs"}),
    "key": ("--key", {
        "default": "p256", "choices": list(KEY_KINDS), "help": "kind of the new key (p256)"}),
    "days": ("--days", {
        "type": float, "help": "days from now to its end"}),
    "path_length": ("--path-length", {
        "type": int, "help": "authorities allowed below it"}),
    "kind": ("--kind", {
        "default": "good", "choices": list(KINDS), "metavar": "KIND",
        "help": "what is special about it; see kinds"}),
    "server": ("--server", {
        "action": "store_true", "help": "for a server instead of a client"}),
    "name_also": ("--alternative-name", {
        "action": "append", "default": [], "dest": "name_also", "metavar": "DNS:…",
        "help": "DNS:, IP:, URI: or email:; repeatable"}),
    "ocsp_url": ("--ocsp-url", {
        "default": "", "metavar": "URL", "help": "responder named in the certificate"}),
    "passphrase_file": ("--passphrase-file", {
        "default": "", "metavar": "FILE",
        "help": "encrypts the key with the first line of FILE"}),
    "trusted": ("--trusted", {
        "action": "append", "default": [], "metavar": "NAME",
        "help": "trusts this authority; repeatable; the default is the root above it"}),
    "purpose": ("--purpose", {
        "default": "", "choices": list(PURPOSES), "help": "has to be good for this purpose too"}),
    "policies": ("--policies", {
        "action": "store_true", "help": "looks at certificate policies too"}),
}

# One row a command: what it runs, whether it takes a NAME, its options, its help.
COMMANDS = {
    "root": (do_root, True, "subject key days passphrase_file", "a self-signed authority"),
    "intermediate": (do_intermediate, True, "issuer subject key days path_length passphrase_file",
                     "an authority below another"),
    "leaf": (do_leaf, True,
             "issuer subject key days kind server name_also ocsp_url passphrase_file",
             "a client's or server's certificate, good or bad"),
    "pfx": (do_pfx, True, "passphrase_file",
            "NAME.pfx: certificate, intermediates and key in one file"),
    "csr": (do_csr, True, "subject key passphrase_file",
            "NAME.csr: a request for a certificate, with its key"),
    "sign": (do_sign, True, "issuer days server name_also", "NAME.pem from NAME.csr"),
    "verify": (do_verify, True, "trusted purpose policies",
               "what `openssl verify` says of it; exit status 1 when that is not OK"),
    "tree": (do_tree, False, "passphrase_file",
             "root, dev and test intermediates, two clients each; PEM, CER, PFX"),
    "everything": (do_everything, False, "",
                   "the tree, every kind, strangers and servers: what the tests use"),
    "kinds": (do_kinds, False, "",
              "lists the kinds of client certificates with the word a strict profile has for each"),
}


def parser():
    top = argparse.ArgumentParser(prog="sallyport-pki", description=__doc__.partition("\n\n")[2],
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (_run, takes_name, options, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if takes_name:
            command.add_argument("name", metavar="NAME")
        for option in options.split():
            flag, settings = OPTIONS[option]
            command.add_argument(flag, **settings)
        command.add_argument("--dir", default="pki", metavar="DIR",
                             help="folder of the files (pki)")
        command.add_argument("--force", action="store_true",
                             help="makes anew what is there already")
        command.add_argument("--quiet", action="store_true", help="says nothing but mistakes")
    return top


def check_options(options):
    """What no row can tell the parser."""
    names = [getattr(options, "name", "x"), getattr(options, "issuer", "x"),
             *getattr(options, "trusted", [])]
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise Mistake(f"name {name!r}: letters, digits, dots, dashes and underscores only")
    passphrase_file = getattr(options, "passphrase_file", "")
    if passphrase_file and not os.path.isfile(passphrase_file):
        raise Mistake(f"passphrase file {passphrase_file} does not exist")


def main(arguments=None):
    options = parser().parse_args(arguments)
    try:
        check_options(options)
        say = (lambda text: None) if options.quiet else print
        folder = Folder(options.dir, options.force, say)
        return COMMANDS[options.command][0](folder, options) or 0
    except (Mistake, OSError) as mistake:
        print(f"sallyport-pki: {mistake}", file=sys.stderr)
        return 1
