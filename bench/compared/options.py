"""What the programs of this folder are told, looked at before the minutes that they measure and not behind them."""

import argparse
import json
import math
import os


def count(text):
    """At least one."""
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 on")
    return int(text)


def counts(text):
    """`1,2`"""
    return [count(word) for word in text.split(",")]


def seconds(text):
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 < found < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is no time in seconds")
    return found


def percent(text):
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of percent")
    return found


def output(path):
    """A file that can be written; it is not made yet."""
    place = path if os.path.exists(path) else os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path) or not os.access(place, os.W_OK):
        raise argparse.ArgumentTypeError(f"{path} cannot be written")
    return path


def recorded(path):
    """The object in a file of `compare --json`."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{path}: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("rows"), dict):
        raise argparse.ArgumentTypeError(f"{path} is no file of `compare --json`")
    return found
