"""The manual pages as the program prints them, taken apart: what they say there is."""

import os
import re
import subprocess

from support.gateway import BINARY, run_command

ESCAPES = {r"\-": "-", r"\(aq": "'", r"\(dq": '"', r"\(ha": "^", r"\(ti": "~", r"\(ga": "`", r"\e": "\\", r"\&": "",
           r"\fB": "", r"\fR": ""}


def plain(text):
    return re.sub(r"\\(?:\(..|f.|.)", lambda found: ESCAPES[found.group()], text)


def page(name):
    """Of the program; sallyport-load prints its own."""
    if name == "sallyport-load":
        done = subprocess.run([os.path.join(os.path.dirname(BINARY), name), "--manual"], capture_output=True, text=True,
                              check=False)
    else:
        done = run_command("manual", name)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def section(text, title):
    found = re.search(rf'^\.SH "{re.escape(title)}"\n(.*?)(?=^\.SH |\Z)', text, re.M | re.S)
    assert found, f"the page has no section {title}"
    return found.group(1)


def items(text):
    """{word: the rest of its line} of every indented paragraph; a word that comes twice is an error."""
    found = re.findall(r"^\.TP\n\\fB(.*?)\\fR(.*)$", text, re.M)
    words = [plain(word) for word, _rest in found]
    return {word: plain(rest).strip() for word, (_word, rest) in zip(words, found)}


def quoted(text):
    """What stands in bold inside of paragraphs."""
    return {plain(word) for word in re.findall(r"\\fB(.*?)\\fR", text)}


def families(text):
    """{family: (type, its labels)} of the section METRICS."""
    found = {}
    for word, rest in items(section(text, "METRICS")).items():
        labels, kind = re.fullmatch(r"(?:\{(.*)\} )?\((\w+)\)", rest).groups()
        found[word] = (kind, frozenset(labels.split(",") if labels else ()))
    return found
