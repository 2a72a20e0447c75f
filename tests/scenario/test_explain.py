"""`sallyport explain`: the same word as the gateway's log for every client, the tree, the checks, the table, on terminals and in pipes."""

import json
import os
import pty
import re
import subprocess
import time

import pytest
from sallyport_pki.certificate import client_plan

from support import edge
from support.authority import KINDS
from support.gateway import BINARY, ini_text, run_command

CHECKS = ["presented", "parses", "path", "critical_extensions", "basic_constraints", "key_usage", "path_length", "strength",
          "signatures", "validity", "name_constraints", "policies", "purpose", "issuer_dn", "identity", "revocation"]

# Which check each word is about.
CHECK_OF = {
    "malformed": {"parses"}, "unable_to_get_issuer": {"path"}, "unable_to_get_local_issuer": {"path"},
    "unable_to_verify_first": {"path"}, "self_signed": {"path"}, "chain_too_long": {"path"},
    "critical_extension": {"critical_extensions"}, "invalid_ca": {"basic_constraints", "key_usage"},
    "path_length": {"path_length"}, "weak_algorithm": {"strength"}, "signature_failure": {"signatures"},
    "not_yet_valid": {"validity"}, "expired": {"validity"}, "name_constraint": {"name_constraints"},
    "policy": {"policies"}, "unsupported_purpose": {"purpose"}, "issuer_dn_mismatch": {"issuer_dn"},
    "identity_not_matched": {"identity"},
}


@pytest.fixture
def configure(tmp_path, pki):
    """configure(**changes of the profile) -> path of a configuration; nothing runs."""
    def configurer(more=(), **profile):
        sections = edge.edge_sections(str(tmp_path), pki, "127.0.0.1:9", profile=profile, more=more)
        path = tmp_path / "explain.ini"
        path.write_text(ini_text(sections))
        return str(path)

    return configurer


def explain(config, *files):
    """The JSON document; its exit status is checked against what it says."""
    done = run_command("explain", "--json", "-c", config, *files)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    everybody = found["let_in"] is True or found.get("refused") == 0
    assert done.returncode == (0 if everybody else 1)
    return found


def expect_word(found, word):
    assert found["verdict"] == (word or "success")
    results = {check["check"]: check for check in found["checks"]}
    assert list(results) == CHECKS
    assert len({entry["fingerprint_sha256"] for entry in found["path"]}) == len(found["path"])
    if not word:
        assert found["status"] == "SUCCESS" and found["remedy"] is None and found["about"] is None
        assert {check["result"] for check in found["checks"]} <= {"passed", "not_asked"}
        assert found["reaches_root"] and found["path"][-1]["trusted_file"]
        ends = [time.mktime(time.strptime(entry["not_after"], "%b %d %H:%M:%S %Y %Z")) for entry in found["path"]]
        earliest = min(zip(ends, (entry["not_after"] for entry in found["path"])))[1]
        assert found["valid_until"] == earliest
        return
    reasons = [check for check in found["checks"] if check.get("is_reason")]
    assert len(reasons) == 1 and reasons[0]["check"] in CHECK_OF[word]
    assert found["status"] == "FAILED:" + reasons[0]["text"]
    assert len(found["remedy"]) > 30 and found["valid_until"] is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_client_gets_its_word(configure, pki, kind):
    expect_word(explain(configure(), pki.chain(kind)), KINDS[kind].reason)


@pytest.mark.parametrize("name,word", [
    ("dev-client-01", ""), ("sibling", ""), ("odd-subject", ""), ("two-in-one", ""), ("with-policy", ""),
    ("without-policy", "policy"), ("stranger", "unable_to_get_local_issuer"), ("same-name", "signature_failure")])
def test_strangers_and_odd_ones_get_their_word(configure, pki, name, word):
    expect_word(explain(configure(), pki.chain(name)), word)


def test_a_leaf_alone_cannot_be_verified(configure, pki):
    found = explain(configure(), pki.file("good"))
    expect_word(found, "unable_to_verify_first")
    assert not found["reaches_root"] and len(found["path"]) == 1


def test_a_root_that_is_sent_and_not_trusted_is_self_signed(configure, pki):
    found = explain(configure(), pki.file("stranger", "-full.pem"))
    expect_word(found, "self_signed")
    assert found["status"].endswith("in certificate chain")
    assert found["about"]["presented"] == 2 and found["about"]["subject"].startswith("CN=Stranger Root CA")


def test_a_trusted_intermediate_without_its_root_has_no_issuer(configure, pki):
    path = pki.bundle("orphan", "stranger-intermediate", "root")
    done = run_command("explain", "--json", "-c", configure(trusted_client_ca=path), pki.file("stranger"))
    assert done.returncode == 1
    expect_word(json.loads(done.stdout), "unable_to_get_issuer")


def test_the_issuer_that_is_wanted_is_named(configure, pki):
    config = configure(trusted_client_ca=pki.bundle("dev-only", "dev-intermediate", "root"), verify_client_cert_issuer_dn="on")
    expect_word(explain(config, pki.chain("dev-client-01")), "")
    found = explain(config, pki.chain("test-client-01"))
    expect_word(found, "issuer_dn_mismatch")
    assert found["wanted_issuer"] == "CN=Contoso DEV Intermediate CA,O=Contoso"
    shown = run_command("explain", "-c", config, pki.chain("test-client-01")).stdout
    assert "  wanted  issuer CN=Contoso DEV Intermediate CA,O=Contoso\n" in shown


def test_identity_rules_are_checked_last(configure, pki):
    config = configure(allow_identity="common_name=dev-client-01")
    expect_word(explain(config, pki.chain("dev-client-01")), "")
    expect_word(explain(config, pki.chain("dev-client-02")), "identity_not_matched")
    expect_word(explain(config, pki.chain("expired")), "expired")


def test_switches_that_waive_a_check_are_heeded(configure, pki):
    found = json.loads(run_command("explain", "--json", "-c", configure(validate_not_after="off"), pki.chain("expired")).stdout)
    assert found["verdict"] == "success"
    done = run_command("explain", "-c", configure(validate_trust="off", trusted_client_ca=[]), pki.file("stranger"))
    assert done.returncode == 0
    assert re.search(r"a path leads to a trusted root \(not asked for: validate_trust = off\)", done.stdout)


def test_all_that_is_wrong_is_shown_and_one_thing_decides(configure, pki):
    pki.folder.make("old-server", client_plan("/CN=old-server", "devices", extended_key_usage=["server"], starts_days=-30,
                                              ends_days=-1))
    found = explain(configure(), pki.chain("old-server"))
    expect_word(found, "expired")
    assert [check["check"] for check in found["checks"] if check["result"] == "failed"] == ["validity", "purpose"]


def test_the_words_are_those_of_the_log(gateway, pki, connect):
    """The same configuration file, a running gateway, every kind that can be sent."""
    for kind, row in KINDS.items():
        if not row.is_sendable:
            continue
        found = explain(gateway.config, pki.chain(kind))
        with connect(gateway, kind) as client:
            assert client.request(target="/").status == (200 if found["let_in"] else 400)
            record = gateway.record_of(client)
        assert record["sslClientVerify"] == found["status"], kind
        assert record.get("reason") in (found["verdict"], None, "") or found["let_in"], kind


def test_a_time_may_be_chosen(configure, pki):
    config = configure()
    assert explain(config, "--time", "@0", pki.chain("good"))["verdict"] == "not_yet_valid"
    found = explain(config, pki.chain("good"))
    assert explain(config, "--time", found["valid_until"], pki.chain("good"))["verdict"] == "expired"
    before = found["valid_until_seconds"] - 1
    assert explain(config, "--time", f"@{before}", pki.chain("good"))["verdict"] == "success"
    assert run_command("explain", "-c", config, "--time", "tomorrow", pki.chain("good")).returncode == 2


def test_the_path_is_a_tree_from_the_root_down(configure, pki):
    shown = run_command("explain", "-c", configure(), pki.chain("deep")).stdout
    tree = shown.partition("The path\n")[2].partition("\n\n")[0].splitlines()
    names = [re.search(r"CN=([^,]*)", line).group(1) for line in tree]
    assert names == ["Contoso Root CA", "Device CA", "deep-ca-1", "deep-ca-2", "deep-ca-3", "deep"]
    indents = [len(line) - len(line.lstrip(" ")) for line in tree]
    assert indents == sorted(indents) and f"(trusted: {pki.file('root')}:1)" in tree[0]
    assert "(presented as 1)" in tree[-1]


def test_a_folder_makes_a_table(configure, pki, tmp_path):
    folder = tmp_path / "clients"
    folder.mkdir()
    for name in ("good", "expired", "bad-date", "dev-client-01", "huge", "odd-subject"):
        (folder / f"{name}.pem").write_text(pki.folder.read(name, "-chain.pem"))
    (folder / "key.pem").write_text(pki.folder.read("good", ".key"))
    (folder / "empty.crt").write_text("")
    done = run_command("explain", "-c", configure(), str(folder))
    assert done.returncode == 1 and done.stderr == ""
    rows = done.stdout.splitlines()
    assert rows[0].split() == ["FILE", "SUBJECT", "VERDICT", "VALID", "UNTIL"]
    assert [os.path.basename(row.split()[1]) for row in rows[1:-1]] == [
        "bad-date.pem", "dev-client-01.pem", "empty.crt", "expired.pem", "good.pem", "huge.pem", "odd-subject.pem"]
    assert rows[-1] == "4 let in, 3 refused; 1 file without a certificate passed over"
    assert len({row.rindex(word) for row, word in [(rows[0], "VERDICT"), (rows[4], "expired"), (rows[5], "success")]}) == 1
    found = explain(configure(), str(folder))
    assert [client["verdict"] for client in found["clients"]] == [
        "malformed", "success", None, "expired", "success", "success", "success"]
    assert (found["let_in"], found["refused"], found["skipped"]) == (4, 3, 1)
    for name in ("bad-date.pem", "empty.crt", "expired.pem"):
        (folder / name).unlink()
    assert run_command("explain", "-c", configure(), str(folder)).returncode == 0


def test_certificates_of_a_pipe_are_read(configure, pki):
    with subprocess.Popen(["cat", pki.chain("good")], stdout=subprocess.PIPE) as source:
        done = subprocess.run([BINARY, "explain", "-c", configure(), "/dev/stdin"], stdin=source.stdout, capture_output=True,
                              text=True, timeout=20, check=False)
    assert done.returncode == 0 and "in: success (SUCCESS)" in done.stdout


def test_report_only_and_passthrough_let_in_and_tell(configure, pki):
    config = configure(verify_client_auth_mode="passthrough", report="on", trusted_client_ca=pki.file("root"))
    found = explain(config, pki.chain("expired"))
    assert found["let_in"] is True and found["verdict"] == "expired" and found["mode"] == "passthrough"
    shown = run_command("explain", "-c", config, pki.chain("expired")).stdout
    assert "in: the profile forwards everybody; strict would say expired (FAILED:certificate has expired)" in shown


def test_one_of_several_profiles_is_named(configure, pki):
    config = configure(more=[edge.profile_section(pki, "strangers", trusted_client_ca=pki.file("stranger-root"))])
    assert explain(config, "--profile", "strangers", pki.chain("stranger"))["verdict"] == "success"
    assert explain(config, "--profile", "devices", pki.chain("stranger"))["verdict"] == "unable_to_get_local_issuer"
    done = run_command("explain", "-c", config, pki.chain("stranger"))
    assert done.returncode == 2 and "devices, strangers" in done.stderr
    assert run_command("explain", "-c", config, "--profile", "nobody", pki.chain("stranger")).returncode == 2


# What a file may hold that is no client, and what is said of it.
NO_CLIENTS = {
    "empty": ("", "is empty"),
    "text": ("hello\n", "holds no certificate"),
    "zeros": ("\0" * 500, "holds no certificate"),
    "unfinished": ("-----BEGIN CERTIFICATE-----\nAAAA\n", ":1 has a certificate that begins on this line"),
    "not base64": ("-----BEGIN CERTIFICATE-----\n****\n-----END CERTIFICATE-----\n", "is not base64"),
    "other end": ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END X-----\n", "has a certificate that begins"),
    "a request": ("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", "PEM of another kind"),
    "a trusted one": ("-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----\n", "PEM of another kind"),
    "a hostile label": ("-----BEGIN \x1b[2J-----\nAAAA\n-----END \x1b[2J-----\n", "no certificate"),
}


@pytest.mark.parametrize("what", NO_CLIENTS)
def test_a_file_that_is_no_client_is_told_so(configure, tmp_path, what):
    content, complaint = NO_CLIENTS[what]
    path = tmp_path / "client.pem"
    path.write_text(content)
    done = run_command("explain", "-c", configure(), str(path))
    assert done.returncode == 1 and complaint in done.stderr and done.stdout == ""
    assert "\x1b" not in done.output
    found = explain(configure(), str(path))
    assert found["verdict"] is None and found["let_in"] is False and complaint.partition(":1 ")[2] in found["error"]


@pytest.mark.parametrize("content", ["AAAA", "", "MAMCAQA="])
def test_a_block_that_is_no_certificate_is_malformed(configure, tmp_path, content):
    path = tmp_path / "client.pem"
    path.write_text(f"-----BEGIN CERTIFICATE-----\n{content}\n-----END CERTIFICATE-----\n")
    expect_word(explain(configure(), str(path)), "malformed")


def test_no_part_of_a_private_key_is_shown(configure, pki, tmp_path):
    key = pki.folder.read("good", ".key")
    path = tmp_path / "both.pem"
    for text in (key + pki.folder.read("good", "-chain.pem"), pki.folder.read("good", "-chain.pem") + key, key,
                 key.replace("PRIVATE KEY", "CERTIFICATE")):
        path.write_text(text)
        for option in ([], ["--json"]):
            shown = run_command("explain", "-c", configure(), *option, str(path)).output
            for line in key.splitlines():
                assert line not in shown


HOSTILE = "a\x1b[31mred\x07\x9b2J\u202eb"


def test_hostile_names_do_nothing_to_a_terminal(configure, pki, tmp_path):
    pki.folder.make("hostile", client_plan(f"/CN={HOSTILE}", "devices"))
    path = tmp_path / "x\x1b]0;owned\x07\x9b.pem"
    path.write_text(pki.folder.read("hostile", "-chain.pem"))
    for options in ([], ["--json"], [pki.chain("good")]):
        shown = run_command("explain", "-c", configure(), *options, str(path)).output
        assert re.fullmatch(r"[\n -~✓✗–·←└─]*", shown), shown
    assert explain(configure(), str(path))["file"] == str(path)
    assert "\\1B[31mred" in run_command("explain", "-c", configure(), str(path)).stdout


def on_a_terminal(config, path, **environment):
    """What the program writes when its output is a terminal."""
    leader, follower = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "LC_CTYPE", "LANG")}
    with subprocess.Popen([BINARY, "explain", "-c", config, path], stdout=follower, stderr=follower,
                          env={**variables, "TERM": "xterm", "LC_ALL": "C.UTF-8", **environment}) as program:
        os.close(follower)
        shown = b""
        try:
            while part := os.read(leader, 65536):
                shown += part
        except OSError:
            pass  # Linux says EIO when the other side has gone.
        os.close(leader)
        assert program.wait(20) == 1
    return shown.decode()


def test_colours_are_for_terminals_that_want_them(configure, pki):
    config, path = configure(), pki.chain("expired")
    shown = on_a_terminal(config, path)
    assert "\x1b[32m✓\x1b[0m" in shown and "\x1b[31m✗\x1b[0m" in shown and "└─ " in shown
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        shown = on_a_terminal(config, path, **environment)
        assert "\x1b" not in shown and "✓" in shown
    shown = on_a_terminal(config, path, LC_ALL="C")
    assert "\x1b[32mok  \x1b[0m" in shown and "\x1b[31mFAIL\x1b[0m" in shown and shown.isascii()


def test_the_help_tells_how(configure):
    shown = run_command("explain", "--help").stdout
    for word in ("--profile NAME", "--time T", "--json", "--no-network", "Exit status: 0"):
        assert word in shown
    done = run_command("explain", "-c", configure())
    assert done.returncode == 2 and "sallyport explain --help" in done.stderr
