#!/usr/bin/python3
"""Becomes a program under the system call filters that systemd would set for a unit: service_filter.py UNIT PROGRAM ARGUMENT…

What systemd does with SystemCallFilter=, MemoryDenyWriteExecute= and RestrictAddressFamilies= is done here by libseccomp, for
machines where systemd does not run. What is not allowed ends the program (SIGSYS) instead of failing, so that nothing goes
unnoticed; `systemd-analyze syscall-filter` says what is in a group.
"""

import ctypes
import os
import re
import socket
import subprocess
import sys

ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
EQUAL, MASKED_EQUAL = 4, 7
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000
PR_SET_NO_NEW_PRIVS = 38
FAMILIES = range(46)


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int), ("first", ctypes.c_uint64), ("second", ctypes.c_uint64)]


def lines_of(unit, key):
    with open(unit, encoding="utf-8") as file:
        return re.findall(rf"^{key}=(.*)$", file.read(), re.M)


def group(name):
    """The system calls of @name, those of the groups in it too."""
    printed = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], capture_output=True, text=True,
                             check=True).stdout
    for word in printed.split("\n")[1:]:
        word = word.strip()
        if word.startswith("@"):
            yield from group(word)
        elif word and not word.startswith("#"):
            yield word


def allowed_calls(unit):
    allowed = set(group("@default"))
    for line in lines_of(unit, "SystemCallFilter"):
        calls = set()
        for word in line.lstrip("~").split():
            calls |= set(group(word)) if word.startswith("@") else {word}
        allowed = allowed - calls if line.startswith("~") else allowed | calls
    return allowed


class Filter:
    def __init__(self, default):
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(ctypes.c_uint32(default)))

    def add(self, action, call, *comparisons):
        number = self.library.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:
            array = (Comparison * len(comparisons))(*comparisons)
            failure = self.library.seccomp_rule_add_array(self.context, ctypes.c_uint32(action), number, len(comparisons), array)
            assert failure == 0, f"{call}: {os.strerror(-failure)}"

    def load(self):
        assert self.library.seccomp_load(self.context) == 0


def restrict(unit):
    assert ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    details = Filter(ALLOW)
    if lines_of(unit, "MemoryDenyWriteExecute") == ["yes"]:
        both = PROT_WRITE | PROT_EXEC
        details.add(KILL, "mmap", Comparison(2, MASKED_EQUAL, both, both))
        details.add(KILL, "mprotect", Comparison(2, MASKED_EQUAL, PROT_EXEC, PROT_EXEC))
        details.add(KILL, "pkey_mprotect", Comparison(2, MASKED_EQUAL, PROT_EXEC, PROT_EXEC))
        details.add(KILL, "shmat", Comparison(2, MASKED_EQUAL, SHM_EXEC, SHM_EXEC))
    wanted = {getattr(socket, name) for line in lines_of(unit, "RestrictAddressFamilies") for name in line.split()}
    for family in set(FAMILIES) - wanted:
        # As systemd does it: a program may ask for a family and do without.
        details.add(REFUSE | 97, "socket", Comparison(0, EQUAL, family, 0))
    details.load()
    calls = Filter(KILL)
    for call in allowed_calls(unit):
        calls.add(ALLOW, call)
    calls.load()


def main():
    restrict(sys.argv[1])
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
