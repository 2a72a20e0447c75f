"""Bodies of any size whose every byte is known by its place, so that a lost, doubled or moved byte shows."""

import random

# No power of two: a copy that slips by a whole buffer does not fit any more.
_SIZE = 1024 * 1024 + 7
_BLOCK = random.Random(1).randbytes(_SIZE)
_DOUBLE = memoryview(_BLOCK + _BLOCK)


def piece(offset, size):
    """size bytes, at most a megabyte, of the pattern from offset on."""
    start = offset % _SIZE
    return _DOUBLE[start:start + min(size, _SIZE)]


def pieces(total, size=256 * 1024):
    offset = 0
    while offset < total:
        part = piece(offset, min(size, total - offset))
        offset += len(part)
        yield part


def whole(total):
    return b"".join(pieces(total))


class Checker:
    """Is fed the parts of a body in order; right stays true while they follow the pattern."""

    def __init__(self):
        self.size = 0
        self.right = True

    def feed(self, part):
        view = memoryview(part)
        while view:
            expected = piece(self.size, len(view))
            self.right = self.right and view[:len(expected)] == expected
            self.size += len(expected)
            view = view[len(expected):]
