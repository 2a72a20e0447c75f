"""What `sallyport check` warns of in trusted_client_ca files: each warning, and that --strict takes it for an error."""

import pytest
from sallyport_pki.certificate import authority_plan

from support.trusted_files import check

# A file's members beside the root, and what is said of them.
FILES = {
    "expired": ({"starts_days": -30, "ends_days": -1}, "has expired"),
    "expires within 30 days": ({"ends_days": 29}, "expires within 30 days"),
    "not valid yet": ({"starts_days": 1}, "is not valid yet"),
    "weak key": ({"key": "rsa1024"}, "has a key too weak"),
    "weak hash": ({"digest": "sha1"}, "is signed with an algorithm too weak"),
    "does not belong": ({"issuer": "stranger-root"}, "does not belong to the chain"),
}


@pytest.mark.parametrize("name", FILES)
def test_an_authority_is_warned_of(tmp_path, pki, name):
    changes, message = FILES[name]
    authority = "warned-" + name.replace(" ", "-")
    pki.folder.make(authority, authority_plan(f"/CN={authority}", **{"issuer": "root", **changes}))
    path = pki.bundle(f"{authority}-file", authority, "root")
    done = check(tmp_path, pki, path)
    assert done.returncode == 0 and f"{path}:1: warning: CN={authority} {message}" in done.output, done.output
    assert check(tmp_path, pki, path, "--strict").returncode == 1


def test_a_file_without_fault_passes_strict(tmp_path, pki):
    done = check(tmp_path, pki, pki.file("devices-trusted"), "--strict")
    assert done.returncode == 0 and "warning" not in done.output, done.output
    pki.folder.make("warned-a-month-on", authority_plan("/CN=a month on", "root", ends_days=32))
    assert check(tmp_path, pki, pki.bundle("month", "warned-a-month-on", "root"), "--strict").returncode == 0


def test_a_leaf_in_the_file_is_a_note_and_no_warning(tmp_path, pki):
    path = pki.bundle("with-leaf", "good", "devices", "root")
    done = check(tmp_path, pki, path, "--strict")
    assert done.returncode == 0 and f"{path}:1: note: " in done.output, done.output


def test_more_than_16_kb_of_names_are_warned_of(tmp_path, pki):
    """Fifty files of one intermediate each, with names of 330 bytes."""
    paths = []
    for number in range(50):
        name = f"long-{number}"
        pki.folder.make(name, authority_plan(f"/O={'x' * 150}/OU={'y' * 150}/CN={name}", "root"))
        paths.append(pki.bundle(f"{name}-file", name, "root"))
    done = check(tmp_path, pki, paths)
    assert done.returncode == 0 and "warning: [ssl_profile devices] the names of its trusted CAs take" in done.output
    assert check(tmp_path, pki, paths, "--strict").returncode == 1
    assert check(tmp_path, pki, paths[:40], "--strict").returncode == 0
