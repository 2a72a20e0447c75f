"""What `openssl verify` says of a certificate of the folder."""

from .openssl import start

ANY_POLICY = "2.5.29.32.0"  # without one that it may accept, openssl accepts none
PURPOSES = {"client": "sslclient", "server": "sslserver", "any": "any"}


def verify(folder, name, options):
    """Whether it is good, and openssl's words. options.trusted are the authorities of these names;
    without any, the root above NAME. NAME's own intermediates are what its peer would be sent."""
    folder.certificate(name)
    arguments = ["-no-CApath", "-no-CAstore", *_anchors(folder, name, options.trusted)]
    if folder.has(name, "-chain.pem"):
        arguments += ["-untrusted", folder.file(name, "-chain.pem")]
    if options.purpose:
        arguments += ["-purpose", PURPOSES[options.purpose]]
    if options.policies:
        arguments += ["-policy_check", "-policy", ANY_POLICY]
    done = start("verify", *arguments, folder.file(name, ".pem"))
    text = (done.stdout + done.stderr).decode(errors="replace")
    return done.returncode == 0, text


def _anchors(folder, name, trusted):
    root = "" if trusted else folder.root_above(name)
    if root == name and not folder.plan(name).authority:
        # Nobody trusts a leaf for the reason alone that it signed itself.
        return ["-no-CAfile"]
    arguments = []
    for anchor in trusted or [root]:
        folder.certificate(anchor)
        arguments += ["-trusted", folder.file(anchor, ".pem")]
    return arguments
