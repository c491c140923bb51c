"""On-board time in its wire and civil forms; frames on a byte stream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from telemetry_defs import cuc
from telemetry_defs.framing import MAX_FRAME_BYTES, FrameDecoder, decode_cobs, encode_frame

INSTANTS = st.datetimes(datetime(2017, 1, 1), datetime(2100, 12, 31))  # noqa: DTZ001 - made aware where it is used


@given(st.integers(0, cuc.MAX_NS))
def test_cuc_rounds_down_once(time_ns: int) -> None:
    """Decoding gives at most 15.26 us less; encoding that again changes nothing."""
    encoded = cuc.encode_ns(time_ns)
    decoded = cuc.decode_ns(encoded)
    assert 0 <= time_ns - decoded < 15_260
    assert cuc.encode_ns(decoded) == encoded


def test_cuc_saturates() -> None:
    """A time before 1980 or after 2116 is sent as the end of the range."""
    assert cuc.encode_ns(-1) == bytes(6)
    assert cuc.encode_ns(2**63) == b"\xff" * 6
    with pytest.raises(ValueError, match="6 bytes"):
        cuc.decode_ns(b"abc")


@given(INSTANTS)
def test_utc_agrees_with_the_standard_library(instant: datetime) -> None:
    """Both directions, to the microsecond that datetime can tell."""
    when = instant.replace(tzinfo=UTC)
    elapsed = when - datetime(1980, 1, 6, tzinfo=UTC) + timedelta(seconds=18)
    time_ns = ((elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds) * 1000
    text = when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond:06d}Z"
    assert cuc.utc_iso_to_gps_ns(text) == time_ns
    assert cuc.gps_ns_to_utc_iso(time_ns, digits=6) == text
    assert cuc.utc_to_gps_ns(*when.timetuple()[:6], when.microsecond * 1000) == time_ns


def test_the_start_of_the_first_mission() -> None:
    """The published offset: GPS week 0 began 1980-01-06; GPS runs 18 s ahead of UTC."""
    time_ns = cuc.utc_iso_to_gps_ns("2029-09-24T00:00:00Z")
    assert time_ns == (18_159 * 86_400 + 18) * 10**9
    assert cuc.gps_ns_to_utc_iso(time_ns, digits=0) == "2029-09-24T00:00:00Z"
    assert cuc.gps_ns_to_utc_iso(18 * 10**9, digits=0) == "1980-01-06T00:00:00Z"


@pytest.mark.parametrize(
    "text",
    ["2029-09-24T00:00:00", "2029-09-24 00:00:00Z", "2029-02-29T00:00:00Z", "2029-13-01T00:00:00Z", "", "Z",
     "2029-09-24T24:00:00Z", "2029-09-24T00:60:00Z", "29-09-24T00:00:00Z", "2029-09-24T00:00:00.1234567890Z",
     "2029-00-10T00:00:00Z", "2029-09-00T00:00:00Z", "2029-09-24T00:00:0aZ"],
)  # fmt: skip
def test_other_times_are_refused(text: str) -> None:
    """A date without Z, without its zeros or outside the calendar is an error, never another date."""
    with pytest.raises(ValueError, match=r"no such|not a UTC time"):
        cuc.utc_iso_to_gps_ns(text)


PACKETS = st.binary(max_size=1024) | st.integers(250, 260).map(lambda n: b"x" * n)


@given(st.lists(PACKETS, max_size=6), st.data())
def test_frames_survive_any_cutting_of_the_stream(packets: list[bytes], data: st.DataObject) -> None:
    """However the bytes arrive, the packets come out whole and in order."""
    stream = b"".join(encode_frame(packet) for packet in packets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    decoder = FrameDecoder()
    received: list[bytes] = []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        received += decoder.feed(stream[start:stop])
    assert received == packets
    assert (decoder.bad_frames, decoder.overlong) == (0, 0)


@given(PACKETS)
def test_a_frame_holds_no_zero_but_its_last(packet: bytes) -> None:
    """A zero within a frame would split it; the cost is at most one byte in 254, and two."""
    frame = encode_frame(packet)
    assert frame.index(0) == len(frame) - 1
    assert len(frame) <= len(packet) + len(packet) // 254 + 2


@pytest.mark.parametrize(
    ("packet", "frame"),
    [
        (b"", b"\x01\x00"),
        (b"\x00", b"\x01\x01\x00"),
        (b"\x11\x22\x00\x33", b"\x03\x11\x22\x02\x33\x00"),
        (b"\x11\x00\x00\x00", b"\x02\x11\x01\x01\x01\x00"),
        (bytes(range(1, 255)), b"\xff" + bytes(range(1, 255)) + b"\x00"),
        (bytes(range(255)), b"\x01\xff" + bytes(range(1, 255)) + b"\x00"),
        (bytes(range(1, 256)), b"\xff" + bytes(range(1, 255)) + b"\x02\xff\x00"),
        (bytes(range(2, 256)) + b"\x00", b"\xff" + bytes(range(2, 256)) + b"\x01\x01\x00"),
    ],
)
def test_published_cobs_examples(packet: bytes, frame: bytes) -> None:
    """The worked examples of Cheshire and Baker's encoding."""
    assert encode_frame(packet) == frame
    assert decode_cobs(frame[:-1]) == packet


@given(st.binary(max_size=3000), PACKETS)
def test_after_any_garbage_the_next_frame_is_found(garbage: bytes, packet: bytes) -> None:
    """A zero ends whatever went before; the frame behind it is read."""
    decoder = FrameDecoder()
    decoder.feed(garbage + b"\x00")
    assert decoder.feed(encode_frame(packet)) == [packet]


def test_damaged_and_overlong_frames_are_counted_and_skipped() -> None:
    """Each once, and memory stays within a frame however long the flood."""
    decoder = FrameDecoder()
    assert decoder.feed(b"\x05\x11\x00") == []
    for _ in range(100):
        assert decoder.feed(b"\x11" * 4096) == []
    assert decoder.feed(b"\x00" + encode_frame(b"ok")) == [b"ok"]
    assert decoder.feed(b"\x11" * MAX_FRAME_BYTES + b"\x00" + encode_frame(b"ok")) == [b"ok"]
    assert (decoder.bad_frames, decoder.overlong) == (1, 2)


def test_the_longest_packet_fits_a_frame() -> None:
    """1,024 bytes without a zero are under the 1,100 of a frame."""
    assert len(encode_frame(b"\x55" * 1024)) <= MAX_FRAME_BYTES
    assert FrameDecoder().feed(encode_frame(b"\x55" * 1024)) == [b"\x55" * 1024]


def test_reset_forgets_half_a_frame() -> None:
    """After a loss of carrier the rest of an old frame is not glued to a new one."""
    decoder = FrameDecoder()
    decoder.feed(encode_frame(b"lost half")[:4])
    decoder.reset()
    assert decoder.feed(encode_frame(b"new")) == [b"new"]
