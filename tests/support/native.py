"""The programs in C that the tests bring along: compiled once a run, from the sources beside this file."""

import atexit
import functools
import os
import shutil
import subprocess
import tempfile

FOLDER = os.path.dirname(os.path.abspath(__file__))
FLAGS = ["-std=gnu2x", "-D_GNU_SOURCE", "-O2", "-g", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wswitch-enum",
         "-Werror"]


@functools.cache
def _made_folder():
    folder = tempfile.mkdtemp(prefix="sallyport-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def built(name, *sources, flags=()):
    """The path of a program, or with flags of a library, made of these sources."""
    path = os.path.join(_made_folder(), name)
    done = subprocess.run([os.environ.get("CC", "cc"), *FLAGS, *[os.path.join(FOLDER, each) for each in sources], "-o", path,
                           *flags], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return path
