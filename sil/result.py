"""The result of a run, as result.json carries it."""

from __future__ import annotations

import msgspec


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One expectation and what became of it."""

    text: str
    passed: bool
    measured: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to.  Wall times are here and nowhere else."""

    scenario: str
    rover: str
    world: str
    seed: int
    start_utc: str
    passed: bool
    expectations: tuple[Verdict, ...]
    sim_s: float
    wall_s: float
    """Run loop with archive, without pictures."""
    speed_factor: float
    cycles: int
    overruns: int
    boots: int
    math_id: str
    downlink_sha256: str
    downlink_packets: int
    lost_packets: int
    """Missing in the sequence counts, and not recovered."""
    recovered_packets: int
    """Lost on the way or made while there was no link, and sent again by the rover's store when asked."""
    retrievals: int
    """How often the station asked."""
    final_mode: str
    """OFF while the flight computer is off."""
    distance_m: float
    """True distance driven."""
    commands: dict[str, int]
    """Telecommands by how they ended."""
    events: dict[str, int]
    """Event reports sent, by name."""
    software_version: str
    dictionary_hash: int
    out: str | None = None

    def to_json(self) -> bytes:
        """Indented, keys in the order above."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"
