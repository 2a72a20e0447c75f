"""Manual pages and completions come from the tables of the program: nothing is missing, and the readers have no complaint."""

import json
import os
import re
import subprocess

import pytest

from support.gateway import BINARY, run_command

PAGES = {"sallyport": 8, "sallyport.conf": 5}


def page(name):
    done = run_command("manual", name)
    assert done.returncode == 0 and not done.stderr
    return done.stdout


def read(text, *arguments):
    """The page as man shows it; it must not warn."""
    done = subprocess.run(["man", "--warnings", "-l", *arguments, "-"], input=text, capture_output=True, text=True, check=False,
                          env={**os.environ, "MANWIDTH": "200", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""})
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def commands():
    """Each command with the options that its help shows."""
    names = re.findall(r"^  (\S+) +\S", run_command("--help").stdout, re.M)
    assert len(names) >= 8
    return {name: re.findall(r"(--[a-z-]+)", run_command(name, "--help").stdout) for name in names}


@pytest.mark.parametrize("name", PAGES)
def test_man_has_nothing_to_warn_of(name):
    assert f"{name.upper()}({PAGES[name]})" in read(page(name), "-E", "UTF-8")


@pytest.mark.parametrize("name", PAGES)
def test_whatis_finds_the_name_and_what_it_is(name, tmp_path):
    path = tmp_path / f"{name}.{PAGES[name]}"
    path.write_text(page(name))
    done = subprocess.run(["lexgrog", str(path)], capture_output=True, text=True, check=True)
    assert f'"{name} - ' in done.stdout


def test_every_setting_is_in_the_manual_of_the_configuration():
    reference = json.loads(run_command("config", "reference", "--json").stdout)
    shown = page("sallyport.conf")
    for row in reference["settings"]:
        assert f"\\fB{row['key']}\\fR = " in shown, row["key"]
    for row in reference["variables"]:
        assert f"{{var_{row['name']}}}" in shown, row["name"]


def test_every_command_and_option_is_in_the_manual():
    shown = page("sallyport").replace("\\-", "-")
    for name, options in commands().items():
        described = re.search(rf'\.SS "sallyport {name}\b.*?(?=\n\.S[SH] )', shown, re.S)
        assert described, name
        for option in set(options) - {"--help"}:
            assert option in described.group(), f"{name} {option}"


def test_a_page_that_there_is_not_is_wrong_usage():
    done = run_command("manual", "nginx")
    assert done.returncode == 2 and "there is no page 'nginx'" in done.stderr


def complete(*words):
    """What bash would offer for the last of the words."""
    script = ("source <(\"$PROGRAM\" completion bash); compopt() { :; }; COMP_WORDS=(sallyport \"$@\"); COMP_CWORD=$#; _sallyport; "
              "printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True,
                          env={**os.environ, "PROGRAM": BINARY})
    assert not done.stderr, done.stderr
    return done.stdout.split()


def test_bash_completes_commands_options_and_words():
    assert set(commands()) <= set(complete(""))
    assert complete("ch") == ["check"]
    for name, options in commands().items():
        assert set(options) <= set(complete(name, "--")), name
    assert complete("check", "--st") == ["--strict"]
    assert complete("config", "") == ["reference", "dump"]
    assert complete("completion", "z") == ["zsh"]
    assert complete("backend", "") == ["list", "disable", "enable"]


def test_bash_leaves_files_to_its_own_completion():
    assert not complete("explain", "")
    assert not complete("run", "-c", "")
    assert not complete("explain", "--profile", "")


ZSH_STANDS_IN = r"""
compdef() { : }
_describe() { print -r -- commands ${(@)commands} }
_arguments() { print -r -- arguments "$@" }
eval "$("$PROGRAM" completion zsh)"
words=(sallyport "$@") CURRENT=$(( $# + 1 ))
_sallyport
"""


def zsh(*words):
    done = subprocess.run(["zsh", "-f", "-c", ZSH_STANDS_IN, "zsh", *words], capture_output=True, text=True, check=True,
                          env={**os.environ, "PROGRAM": BINARY})
    assert not done.stderr, done.stderr
    return done.stdout


def test_zsh_describes_commands_and_their_options():
    described = zsh("")
    for name, options in commands().items():
        assert f" {name}:" in described
        offered = zsh(name, "")
        for option in options:
            assert f" {option}[" in offered, f"{name} {option}"
    assert " --config[the configuration]:file:_files" in zsh("check", "")
    assert "1:word:( reference dump)" in zsh("config", "")
    assert "*:file:_files" in zsh("explain", "")


@pytest.mark.parametrize("shell", ["", "fish"])
def test_other_shells_are_wrong_usage(shell):
    done = run_command("completion", *([shell] if shell else []))
    assert done.returncode == 2 and "say `bash` or `zsh`" in done.stderr
