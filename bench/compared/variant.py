"""The program without one lever: a copy of the sources with a patch of bench/levers.d, built beside the program."""

import os
import shutil
import subprocess

from . import machine

COPIED = ("Makefile", "include", "src", "tools", "bench/load")
BUILT = "build/release"
PLACE = os.path.join(machine.ROOT, "build", "levers")
# What a make around us says of itself is not for the one within.
OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "FLAVOUR")


def applies(patch, root, is_tried):
    """What patch says against it; nothing when it applies as it is written. is_tried: and no file is touched."""
    words = ["patch", "-p1", "--fuzz=0", "--batch", "--forward", *(["--dry-run"] if is_tried else []), "-d", root, "-i", patch]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def copy(name, folder):
    source, target = os.path.join(machine.ROOT, name), os.path.join(folder, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.isdir(source):
        shutil.copytree(source, target)
    elif os.path.exists(source):
        shutil.copy2(source, target)


def changes_library(patch):
    """Whether wolfSSL has to be built anew, too, which takes minutes."""
    with open(patch, encoding="utf-8") as file:
        return "+++ b/tools/" in file.read()


def make_tree(folder, patch, has_objects=True):
    """A folder with all that the program is built from, and what is built already: make sees by its times what has changed."""
    for name in (*COPIED, *([BUILT + "/src"] if has_objects else [])):
        copy(name, folder)
    os.makedirs(os.path.join(folder, "build"), exist_ok=True)
    deps = os.path.join(machine.ROOT, "build", "deps")
    if not patch or not changes_library(patch):
        os.symlink(deps, os.path.join(folder, "build", "deps"))
    reason = applies(patch, folder, is_tried=False) if patch else ""
    if reason:
        raise machine.Failure(f"{patch} does not apply any more: {reason.strip()}")


def make(folder, *targets):
    """Nothing, or what was wrong."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_MAKE}
    done = subprocess.run(["make", "-C", folder, f"-j{os.cpu_count()}", "--no-print-directory", *targets], env=environment,
                          capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout[-1000:] + done.stderr[-2000:]


def build(key, patch):
    """The path of the program."""
    folder = os.path.join(PLACE, key)
    shutil.rmtree(folder, ignore_errors=True)
    make_tree(folder, patch)
    reason = make(folder, "build/sallyport")
    if reason:
        raise machine.Failure(f"without {key} nothing can be built: {reason}")
    return os.path.join(folder, "build", "sallyport")
