"""What a recording came to, as its `result.json` carries it: what telemetry alone can tell, and no verdict."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ground.station import Station

_MODES: Final = (("system.hk", "mode"), ("system.mode_changed", "new"), ("comms.beacon", "mode"))
_VERSIONS: Final = ("system.hk", "system.boot")


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """The keys that a run has too mean the same there."""

    name: str
    link: str
    began_utc: str
    """By the clock of the station's computer."""
    start_utc: str
    """By the rover's clock, the time at which the times of the recording are zero; empty if it never told it."""
    recorded_s: float
    ended_by: str | None
    """`signal`, `time` or `hang-up`; None while it runs, and for good if it was killed."""
    passed: None = None
    """There is no verdict: nothing was expected, and the truth is not known."""
    downlink_sha256: str
    downlink_packets: int
    """Whole packets that came, repetitions among them."""
    duplicate_packets: int
    lost_packets: int
    """Missing in the sequence counts, and not recovered."""
    damaged_frames: int
    unknown_packets: int
    """Whole, but not of this dictionary."""
    recovered_packets: int
    retrievals: int
    final_mode: str
    """The last that was heard of, empty if none was."""
    commands: dict[str, int]
    events: dict[str, int]
    """Event reports received, by name."""
    warnings: tuple[str, ...]
    rover_version: str
    dictionary_hash: int
    """Of this station."""
    rover_dictionary_hash: int | None
    """If the rover has another one."""
    out: str

    def to_json(self) -> bytes:
        """Indented, keys in the order above."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def last_mode(station: Station) -> str:
    """Return the newest mode by on-board time, empty if none came."""
    known = [known for name, field in _MODES if (known := _latest(station, name, field)) is not None]
    mode: Any = max(known, key=lambda item: item[0])[1] if known else ""
    return str(getattr(mode, "name", mode))


def rover_version(station: Station) -> str:
    """Return the version of the flight software that the rover reported last, empty if it did not."""
    known = [known for name in _VERSIONS if (known := _latest(station, name, "software_version")) is not None]
    if not known:
        return ""
    code = int(max(known)[1])
    return f"{code >> 16}.{code >> 8 & 0xFF}.{code & 0xFF}"


def _latest(station: Station, name: str, field: str) -> tuple[int, Any] | None:
    tm = station.latest(name)
    value = None if tm is None else tm.fields[field]
    return None if tm is None or value is None else (tm.time_ns, value)
