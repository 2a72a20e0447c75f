"""What a caller is told instead of a traceback."""


class Mistake(Exception):
    """Something the caller asked for that cannot be done; its text is the whole message."""
