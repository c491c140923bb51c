"""What a rover has promised to keep, and whether it has kept it.

`Ledger` follows what commands change and which changes were acknowledged; `Witness` stands at the storage and knows
which writes are durable.  Both speak in plain keys and values, so that they can go over a pipe.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from flight.app import Flight
from flight.kept_file import COPIES
from flight.sequences.record import encode
from flight.store.segments import read_packets, segment_names, split_records
from hal.api.clock import NS_PER_S
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.monitor_reports import MonitorState
from telemetry_defs.packets import Tc, parse_tc

Value = float | bool | None
Effect = tuple[str, Value]
MONITOR_STATES = {
    "enable": MonitorState.ENABLED,
    "disable": MonitorState.DISABLED,
    "passive": MonitorState.PASSIVE,
}
NEVER_GPS_S = 3.0e9
"""A telecommand for this time or later waits through every test."""


def effect(name: str, args: Mapping[str, Any]) -> Effect | None:
    """What a command changes among the things that are kept, if it completes."""
    if name == "system.set_parameter":
        return f"parameter {args['parameter_id']}", float(args["value"])
    if name == "timeline.insert" and args["release_gps_s"] >= NEVER_GPS_S:
        return _timeline_key(parse_tc(args["telecommand"])), True
    if name == "timeline.delete":
        return f"timeline {args['source_id']}/{args['apid']}/{args['sequence_count']}", None
    if name in ("timeline.enable", "timeline.disable"):
        return "timeline enabled", name == "timeline.enable"
    if name == "comms.set_window":
        return f"window {args['start_gps_s']:.0f}", True
    if name == "system.hold_safe":
        return "safe held", bool(args["hold"])
    return _of_services(name, args)


def _of_services(name: str, args: Mapping[str, Any]) -> Effect | None:
    area, _, verb = name.partition(".")
    if name in ("health.declare_dead", "health.revive"):
        return f"dead {args['device']}", verb == "declare_dead"
    if area == "monitors" and verb in MONITOR_STATES:
        return f"monitor {args['monitor']}", float(MONITOR_STATES[verb])
    if name in ("monitors.enable_action", "monitors.disable_action"):
        return f"action {args['action']}", verb == "enable_action"
    if name == "sequences.load" and args["parts"] == 1:
        return f"sequence {args['sequence_id']}", float(args["crc32"])
    if name == "sequences.unload":
        return f"sequence {args['sequence_id']}", None
    return None


def observe(flight: Flight) -> dict[str, Value]:
    """All that is kept, as this boot has it."""
    timeline = flight.services.timeline
    waiting = {_timeline_key(parse_tc(entry.packet)): True for entry in timeline.entries}
    values = {f"parameter {item.parameter_id}": flight.core.parameters.get(item) for item in DICTIONARY.parameters}
    flags: dict[str, Value] = {"timeline enabled": timeline.enabled, "safe held": flight.core.flags.safe_held}
    windows = {f"window {start_ns / NS_PER_S:.0f}": True for start_ns, _ in flight.boot.image.relay_windows}
    return {**values, **flags, **waiting, **windows, **_observe_services(flight)}


def _observe_services(flight: Flight) -> dict[str, Value]:
    monitoring, library = flight.services.monitoring, flight.services.library
    sequences = {number: library.find(number) for number in library.ids()}
    return {
        **{f"dead {record.device.name}": record.dead for record in flight.core.devices.records.values()},
        **{f"monitor {number}": float(monitor.state) for number, monitor in monitoring.monitors.items()},
        **{f"action {number}": action.enabled for number, action in monitoring.actions.items()},
        **{f"sequence {n}": float(binascii.crc32(encode(item.sequence))) for n, item in sequences.items() if item},
    }


def _timeline_key(tc: Tc) -> str:
    return f"timeline {tc.source_id}/{tc.apid}/{tc.sequence_count}"


class Ledger:
    """Which values each thing may have: the last acknowledged one, or one that was asked for since."""

    def __init__(self, found: Mapping[str, Value]) -> None:
        self._legal: dict[str, list[tuple[int, Value]]] = {key: [(0, value)] for key, value in found.items()}
        self._keys: dict[int, str] = {}
        self._last = 0
        self.acknowledged = 0

    def asked(self, key: str, value: Value) -> int:
        """A command that would set it is on its way; returns its number."""
        self._last += 1
        self._keys[self._last] = key
        self._legal.setdefault(key, [(0, None)]).append((self._last, value))
        return self._last

    def done(self, number: int) -> None:
        """That command has completed: what was before it is gone for good."""
        key = self._keys[number]
        self._legal[key] = [item for item in self._legal[key] if item[0] >= number]
        self.acknowledged += 1

    def refused(self, number: int) -> None:
        """That command has not begun: it changes nothing."""
        key = self._keys[number]
        self._legal[key] = [item for item in self._legal[key] if item[0] != number]

    def check(self, found: Mapping[str, Value]) -> None:
        """After a restart.  What is found is now the only legal value."""
        for key, legal in self._legal.items():
            value = found.get(key)
            assert any(value == item for _, item in legal), f"{key} is {value}, not one of {[v for _, v in legal]}"
            self._legal[key] = [(self._last, value)]


class Witness:
    """Follows the writes of one life of flight, and what of them is durable."""

    def __init__(self) -> None:
        self._writes: list[tuple[int, str, str, bytes]] = []

    def saw(self, method: str, args: tuple[Any, ...], result: Any) -> None:
        """One operation has returned."""
        if method in ("append", "replace"):
            self._writes.append((result, method, args[0], args[1]))
        elif method == "remove":
            self._writes = [item for item in self._writes if item[2] != args[0]]

    def take_durable(self, through: int) -> tuple[dict[str, int], list[bytes]]:
        """What has become durable since it was asked last: generations of kept files, packets of the store."""
        kept: dict[str, int] = {}
        packets: list[bytes] = []
        for ticket, method, name, data in self._writes:
            if ticket > through:
                continue
            base, _, copy = name.rpartition(".")
            if method == "replace" and copy in COPIES:
                kept[base] = max(kept.get(base, 0), generation(data))
            elif method == "append" and segment_names([name]):
                packets += split_records(data)
        self._writes = [item for item in self._writes if item[0] > through]
        return kept, packets


def generation(data: bytes) -> int:
    """Of one copy of a kept file, 0 if it cannot be read."""
    if binascii.crc32(data[4:]) != int.from_bytes(data[:4], "big"):
        return 0
    return int(msgspec.msgpack.decode(data[4:], type=tuple[int, int, msgspec.Raw])[1])


def newest_kept(names: tuple[str, ...], read: Callable[[str], bytes]) -> dict[str, int]:
    """The newest readable generation of each kept file on a storage."""
    kept: dict[str, int] = {}
    for name in names:
        base, _, copy = name.rpartition(".")
        if copy in COPIES:
            kept[base] = max(kept.get(base, 0), generation(read(name)))
    return kept


def stored(names: tuple[str, ...], read: Callable[[str], bytes]) -> list[bytes]:
    """Every packet that the store holds."""
    return list(read_packets(names, read))
