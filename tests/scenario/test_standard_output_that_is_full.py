"""What a command prints into a file on a full disk is not there: its exit status says so."""

import subprocess

import pytest

from support import stats
from support.gateway import BINARY


def print_to_full_disk(*arguments):
    with open("/dev/full", "wb") as full:
        return subprocess.run([BINARY, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=20, check=False)


@pytest.mark.parametrize("arguments", [("--help",), ("check", "--help"), ("config", "reference"), ("version", "-v"), ("manual",),
                                       ("manual", "sallyport.conf"), ("completion", "bash")], ids=" ".join)
def test_a_command_that_needs_no_gateway_fails(arguments):
    done = print_to_full_disk(*arguments)
    assert done.returncode == 1 and done.stderr == "sallyport: not all could be written to standard output\n"


@pytest.mark.parametrize("arguments", [("status",), ("status", "--json"), ("backend", "list"), ("top", "--once"),
                                       ("top", "--json", "--interval", "0.1"), ("check",), ("config", "dump")], ids=" ".join)
def test_one_that_asks_a_gateway_or_reads_its_configuration_fails(start, backend, arguments):
    gateway = start(backend)
    stats.until_ready(gateway)
    done = print_to_full_disk(*arguments, "-c", gateway.config)
    assert done.returncode == 1 and "sallyport: not all could be written to standard output\n" in done.stderr


def test_wrong_usage_stays_wrong_usage():
    assert print_to_full_disk("top").returncode == 2
