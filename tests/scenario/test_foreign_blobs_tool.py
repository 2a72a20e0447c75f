"""support/foreign_blobs.py: 163 different ones, always the same, none of them a good answer."""

import pytest

from support import foreign_blobs, ocsp_asking
from support.revocable import GOOD, Revocable

# The command reads one element and does not look at what follows.
OPENSSL_LETS_PASS = {"before a zero", "before a line's end", "twice", "with CRLF for LF"}


@pytest.fixture(scope="module", name="pki")
def one_pki(tmp_path_factory):
    return Revocable(tmp_path_factory.mktemp("revocable"), "http://127.0.0.1:1/")


def test_they_are_163_and_stay_the_same(pki):
    good = foreign_blobs.good_answer(pki)
    assert ocsp_asking.word_for_octets(pki, "good", good) == GOOD
    first, second = foreign_blobs.blobs(pki, good), foreign_blobs.blobs(pki, good)
    assert len(first) == foreign_blobs.COUNT == 163
    assert first == second


def test_openssl_believes_none_of_them(pki):
    believed = {name for name, octets in foreign_blobs.blobs(pki)
                if ocsp_asking.word_for_octets(pki, "good", octets) != ocsp_asking.REFUSED}
    assert believed <= OPENSSL_LETS_PASS


def test_every_element_is_cut_off_and_changed(pki):
    good = foreign_blobs.good_answer(pki)
    places = foreign_blobs.boundaries(good)
    names = {name for name, _octets in foreign_blobs.blobs(pki, good)}
    assert all(f"cut at {start}" in names for start, _inside in places[1:])
    assert len([name for name in names if "of the tag" in name]) == len(places)
