"""Inputs for Hypothesis: kept ones, damaged as wires and disks damage them, and bytes out of nothing."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.fuzz.target import Target


def inputs(it: Target) -> st.SearchStrategy[bytes]:
    """Bytes for one target."""
    known = [*it.seeds(), *(path.read_bytes() for path in it.kept())]
    blind = st.binary(max_size=min(it.max_bytes, 300))
    return st.one_of(blind, damaged(known)) if known else blind


@st.composite
def damaged(draw: st.DrawFn, known: list[bytes]) -> bytes:
    """A known input after up to six changes."""
    data = bytearray(draw(st.sampled_from(known)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.integers(0, 3))
        if kind == 0 and at < len(data):
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == 1:
            del data[at : at + draw(st.integers(1, 8))]
        elif kind == 2:
            data[at:at] = draw(st.binary(min_size=1, max_size=8))
        else:
            data[at : at + 1] = bytes((draw(st.sampled_from((0, 1, 0x7F, 0x80, 0xFE, 0xFF))),))
    return bytes(data)
