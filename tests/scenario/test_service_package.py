"""What `make install` and `make deb` put where, and that Debian's own critic has nothing to say."""

import gzip
import hashlib
import os
import re
import subprocess

import pytest

from support import ports
from support.authority import ROOT
from support.gateway import BINARY, run_command

WANTED = {
    "usr/sbin/sallyport", "usr/share/man/man8/sallyport.8.gz", "usr/share/man/man5/sallyport.conf.5.gz",
    "usr/share/bash-completion/completions/sallyport", "usr/share/zsh/vendor-completions/_sallyport",
    "lib/systemd/system/sallyport.service", "lib/systemd/system/sallyport.socket", "usr/lib/sysusers.d/sallyport.conf",
    "usr/lib/tmpfiles.d/sallyport.conf", "etc/sallyport/sallyport.conf", "etc/logrotate.d/sallyport",
    "usr/lib/sallyport/demo.sh", "usr/lib/sallyport/sallyport-pki", "usr/lib/sallyport/sallyport_pki/command_line.py",
    "usr/share/doc/sallyport/copyright", "usr/share/doc/sallyport/changelog.Debian.gz",
}


def tool(name, *arguments, **variables):
    done = subprocess.run([os.path.join(ROOT, "tools", name), *arguments], capture_output=True, text=True, check=False, cwd=ROOT,
                          env={**os.environ, **variables})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files_below(folder):
    return {os.path.relpath(os.path.join(path, name), folder) for path, _, names in os.walk(folder) for name in names}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    return tool("build_package.sh", "1.2.3", BINARY, str(folder), SOURCE_DATE_EPOCH="1700000000").strip()


@pytest.fixture(scope="module")
def unpacked(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["dpkg-deb", "--extract", package, str(folder)], check=True)
    return folder


def test_lintian_finds_neither_errors_nor_warnings(package):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", "--pedantic", package], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0 and not done.stdout, done.stdout + done.stderr


def test_everything_is_in_the_package_and_works_from_there(package, unpacked):
    assert WANTED <= files_below(unpacked)
    done = subprocess.run([unpacked / "usr/sbin/sallyport", "version"], capture_output=True, text=True, check=True)
    assert done.stdout == run_command("version").stdout
    with gzip.open(unpacked / "usr/share/man/man5/sallyport.conf.5.gz", "rt", encoding="utf-8") as file:
        assert file.read() == run_command("manual", "sallyport.conf").stdout
    depends = subprocess.run(["dpkg-deb", "--field", package, "Depends"], capture_output=True, text=True, check=True).stdout
    for library in "libc6", "liburing2", "libinih1", "systemd":
        assert re.search(rf"\b{library}\b", depends), depends


def test_the_demo_works_from_there(unpacked, tmp_path):
    """All its clients get what they should, and nothing of it is written beside the program."""
    before = files_below(unpacked)
    changes = {name: str(ports.free_port()) for name in ("DEMO_PORT", "DEMO_BACKEND_PORT", "DEMO_RESPONDER_PORT")}
    done = subprocess.run([unpacked / "usr/sbin/sallyport", "demo"], capture_output=True, text=True, check=False, timeout=60,
                          env={**os.environ, **changes, "DEMO_ONCE": "1", "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""})
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search("^  pump-new +400 +revocation_unavailable", done.stdout, re.M)
    assert files_below(unpacked) == before


def test_the_configuration_is_a_conffile_and_the_scripts_are_scripts(package, tmp_path):
    subprocess.run(["dpkg-deb", "--control", package, str(tmp_path)], check=True)
    assert (tmp_path / "conffiles").read_text().split() == ["/etc/logrotate.d/sallyport", "/etc/sallyport/sallyport.conf"]
    for name in "postinst", "prerm", "postrm":
        subprocess.run(["sh", "-n", str(tmp_path / name)], check=True)


def test_the_same_sources_make_the_same_package(package, tmp_path):
    again = tool("build_package.sh", "1.2.3", BINARY, str(tmp_path), SOURCE_DATE_EPOCH="1700000000").strip()
    sums = []
    for path in package, again:
        with open(path, "rb") as file:
            sums.append(hashlib.sha256(file.read()).hexdigest())
    assert sums[0] == sums[1]


def test_another_prefix_is_in_the_unit_too_and_a_configuration_stays(tmp_path):
    own = tmp_path / "etc/sallyport/sallyport.conf"
    own.parent.mkdir(parents=True)
    own.write_text("; mine\n")
    tool("install.sh", BINARY, DESTDIR=str(tmp_path), PREFIX="/opt/gate")
    assert own.read_text() == "; mine\n"
    unit = (tmp_path / "opt/gate/lib/systemd/system/sallyport.service").read_text()
    assert "ExecStart=/opt/gate/sbin/sallyport run" in unit and "/usr/sbin" not in unit
    assert "ExecPaths=/opt/gate/sbin/sallyport" in unit
    assert {"opt/gate/share/man/man8/sallyport.8", "opt/gate/share/zsh/site-functions/_sallyport"} <= files_below(tmp_path)


def test_the_configuration_as_it_comes_lacks_a_listener_and_nothing_else(unpacked):
    done = run_command("check", "-c", str(unpacked / "etc/sallyport/sallyport.conf"))
    assert done.returncode == 1
    assert "1 error" in done.stderr and "nothing would be served: expected a [listener NAME] section" in done.stderr


def test_what_it_offers_is_a_good_configuration_once_the_semicolons_are_gone(unpacked, tmp_path, pki):
    text = (unpacked / "etc/sallyport/sallyport.conf").read_text()
    head, offered = text.split("\n;[listener", 1)
    text = head + "\n[listener" + re.sub(r"^;", "", offered, flags=re.M)
    for name, path in (("server.pem", pki.chain("server")), ("server.key", pki.key("server")), ("device-ca.pem", pki.file("root")),
                       (":443", f":{ports.free_port()}")):
        assert name in text
        text = text.replace(name, path)
    path = tmp_path / "sallyport.conf"
    path.write_text(text)
    done = run_command("check", "-c", str(path))
    assert done.returncode == 0, done.output
