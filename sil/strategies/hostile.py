"""Bytes that ground never meant: noise, broken frames, packets with a flipped bit, replays, floods."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sil.scenario import UplinkSection
from sil.strategies.commands import DRIVES, arguments, drives, pack
from sil.strategies.faults import RADIOS
from sil.strategies.numbers import tenths
from telemetry_defs.arguments import build_arguments
from telemetry_defs.crc import crc16
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.framing import encode_frame

NAMES = ("mobility.arc", "system.ping", "mobility.drive", "system.set_mode", "power.set_load", "mobility.stop")


@st.composite
def packets(draw: st.DrawFn) -> bytes:
    """A well-formed telecommand of some source, with a count that may come twice."""
    name = draw(st.sampled_from(NAMES))
    plain: dict[str, Any] = draw(drives(name)) if name in DRIVES else draw(arguments(name))
    record = build_arguments(DICTIONARY, name, plain)
    return pack(name, record, draw(st.sampled_from([1, 2, 7])), draw(st.integers(0, 6)))


@st.composite
def _flipped(draw: st.DrawFn) -> bytes:
    """One bit wrong, checksum as it was."""
    packet = bytearray(draw(packets()))
    bit = draw(st.integers(0, len(packet) * 8 - 1))
    packet[bit >> 3] ^= 0x80 >> (bit & 7)
    return frame(bytes(packet))


@st.composite
def _mistaken(draw: st.DrawFn) -> bytes:
    """One byte changed and the checksum made good again: what a wrong ground system would send."""
    packet = bytearray(draw(packets())[:-2])
    packet[draw(st.integers(6, len(packet) - 1))] = draw(st.integers(0, 255))
    return frame(bytes(packet) + crc16(bytes(packet)).to_bytes(2, "big"))


def frame(packet: bytes) -> bytes:
    """One frame with a mark before it."""
    return b"\x00" + encode_frame(packet)


@st.composite
def _repeated(draw: st.DrawFn) -> bytes:
    """The same telecommand several times in a row."""
    return frame(draw(packets())) * draw(st.integers(2, 40))


@st.composite
def hostile_uplinks(draw: st.DrawFn, last_s: float) -> UplinkSection:
    """`[[uplink]]` at any time on any radio."""
    kinds = [packets().map(frame), _repeated(), _flipped(), _mistaken(), st.binary(max_size=60)]
    data = draw(st.one_of(*kinds))
    radio = draw(st.sampled_from(RADIOS))
    return UplinkSection(at_s=draw(tenths(1.0, last_s)), hex=data.hex(), radio=radio)
