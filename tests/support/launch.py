"""The gateway started another way: with lower limits, with a library of ours loaded before all others."""

import os

from support import gateway, native


def through(monkeypatch, folder, *lines):
    """Until the test's end every gateway is started by a shell that runs these lines first."""
    path = os.path.join(str(folder), "launch.sh")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(["#!/bin/sh", *lines, f'exec {gateway.BINARY} "$@"', ""]))
    os.chmod(path, 0o755)
    monkeypatch.setattr(gateway, "BINARY", path)


def preload(name, **settings):
    """The line for through() that loads support/NAME.c, with settings as NAME_SETTING in its environment."""
    library = native.built(f"{name}.so", f"{name}.c", flags=("-shared", "-fPIC", "-ldl"))
    told = [f"{name}_{key}".upper() + f"={value}" for key, value in settings.items()]
    # The address sanitizer wants to be the first library; here it need not be.
    return " ".join(["export", f"LD_PRELOAD={library}", 'ASAN_OPTIONS="verify_asan_link_order=0:$ASAN_OPTIONS"', *told])
