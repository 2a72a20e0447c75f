"""The file of the gateway's OCSP cache (ocsp_cache_file), taken apart and put together again with right checksums."""

import dataclasses
import struct

HEADER = struct.Struct("<4sHHIQQ")
SUMMED = 20                      # of the header: what its own checksum is of
RECORD = 1
FIXED = 8 + 6 * 4 + 1 + 2 + 2 + 2 + 4 + 4
LENGTHS = struct.Struct("<HHHII")


def checksum(octets):
    """FNV-1a of 64 bits."""
    total = 0xCBF29CE484222325
    for octet in octets:
        total = ((total ^ octet) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return total


@dataclasses.dataclass
class Frame:
    kind: int
    body: bytes

    def encoded(self):
        summed = HEADER.pack(b"SPOC", 1, self.kind, len(self.body), checksum(self.body), 0)[:SUMMED]
        return summed + struct.pack("<Q", checksum(summed)) + self.body

    def response(self):
        """(where it begins, the octets) of the OCSP response, which is the last part."""
        size = LENGTHS.unpack(self.body[FIXED - LENGTHS.size:FIXED])[-1]
        return len(self.body) - size, self.body[len(self.body) - size:]

    def with_response(self, octets):
        start, _former = self.response()
        return Frame(self.kind, self.body[:FIXED - 4] + struct.pack("<I", len(octets)) + self.body[FIXED:start] + octets)


def frames(octets):
    found = []
    while octets:
        mark, version, kind, size, body_sum, _sum = HEADER.unpack(octets[:HEADER.size])
        body = octets[HEADER.size:HEADER.size + size]
        assert (mark, version, body_sum) == (b"SPOC", 1, checksum(body))
        found.append(Frame(kind, body))
        octets = octets[HEADER.size + size:]
    return found


def joined(those):
    return b"".join(frame.encoded() for frame in those)
