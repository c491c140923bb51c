"""One run read into panels: belief from the archive, truth beside it where the run has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from ground.archive import Archive
from ground.panels.lines import Band, Limit, Line, Panel, Span, make_band, make_line, silence_s, spans_of
from ground.panels.marks import BOOT, EventRow, event_rows
from ground.panels.track import Track, believed_track, true_track
from ground.run_data import TIME_COLUMN, RunData
from telemetry_defs.areas.mobility_reports import Wheel
from telemetry_defs.areas.thermal import Sensor
from telemetry_defs.definitions import Mode
from telemetry_defs.wire import fields_of

_MOTORS = tuple(sensor for sensor in Sensor if sensor.name.startswith("MOTOR"))
_NODES = (("web", Sensor.WEB), ("shell", Sensor.SHELL), ("instruments", Sensor.INSTRUMENTS))
_UNREAD_S: Final = 1.0
"""For this long after a boot a power packet may tell of monitors that have not measured yet: it says nothing."""


class RunPanels(msgspec.Struct, frozen=True, kw_only=True):
    """All that is drawn of one run."""

    end_s: float
    charge: Panel
    power: Panel
    temperatures: Panel
    slip: Panel
    currents: Panel
    modes: Sequence[Span]
    links: Sequence[tuple[str, Sequence[Span]]]
    tracks: Sequence[Track]
    events: Sequence[EventRow]

    def time_panels(self) -> tuple[Panel, ...]:
        """Return the panels with a value axis, in the order in which they are stacked."""
        return self.charge, self.power, self.temperatures, self.slip, self.currents


class _Columns(msgspec.Struct, frozen=True):
    """Columns of one kind of packet, each made into a line when asked."""

    times_s: list[float]
    values: dict[str, list[Any]]

    def line(self, label: str, field: str) -> Line:
        return make_line(label, self.times_s, self.values[field])

    def band(self, label: str, fields: Sequence[str]) -> Band:
        return make_band(label, self.times_s, list(zip(*(self.values[field] for field in fields), strict=True)))

    def without(self, times_s: Sequence[float], after_s: float) -> _Columns:
        """Return the same with nothing known from each of these times to ``after_s`` later."""
        known = [not any(0.0 <= at_s - time_s < after_s for time_s in times_s) for at_s in self.times_s]
        values = {
            name: [value if keep else None for value, keep in zip(column, known, strict=True)]
            for name, column in self.values.items()
        }
        return _Columns(self.times_s, values)


def collect(run: RunData) -> RunPanels:
    """Read everything that is drawn."""
    archive = run.archive
    power = _columns(archive, "power.hk", ("soc", "bus_voltage_v", "battery_current_a", "array_w"))
    thermal_fields = [f"temperatures_c.{int(sensor)}" for sensor in Sensor]
    thermal = _columns(archive, "thermal.hk", ("battery_c", *thermal_fields))
    mobility = _columns(
        archive, "mobility.hk", ("x_m", "y_m", "slip", *(f"wheel_current_a.{wheel}" for wheel in range(6)))
    )
    beacon = _columns(archive, "comms.beacon", ("soc", "mode", "battery_c", "web_c", "array_w"))
    events = event_rows(archive.events())
    end_s = _end_s(run, (power, thermal, mobility, beacon), events)
    tracks = [believed_track(mobility.times_s, mobility.values["x_m"], mobility.values["y_m"])]
    tracks += [true_track(run.truth)] if {"x_m", "y_m"} <= set(run.truth) else []
    return RunPanels(
        end_s=end_s,
        charge=_charge(run, power, beacon),
        power=_power(run, power.without([row.time_s for row in events if row.name == BOOT], _UNREAD_S)),
        temperatures=_temperatures(run, thermal),
        slip=_slip(run, mobility),
        currents=_currents(run, mobility),
        modes=_modes(archive, beacon, end_s),
        links=_links(archive, run, end_s),
        tracks=[track for track in tracks if track.x_m],
        events=events,
    )


def _columns(archive: Archive, name: str, fields: Sequence[str]) -> _Columns:
    return _Columns(*archive.columns(name, fields))


def _charge(run: RunData, power: _Columns, beacon: _Columns) -> Panel:
    lines = [power.line("telemetry", "soc"), *_beacon_lines(beacon, "soc"), *_truth(run, ("truth", "soc"))]
    return Panel(
        title="State of charge", unit="", least_span=0.05, lines=_known(lines), limits=_limits(run, "power.hk", "soc")
    )


def _power(run: RunData, power: _Columns) -> Panel:
    voltage, current = power.values["bus_voltage_v"], power.values["battery_current_a"]
    pairs = zip(voltage, current, strict=True)
    battery_w = [None if volts is None or amps is None else volts * amps for volts, amps in pairs]
    lines = [
        power.line("array", "array_w"),
        make_line("battery, charging positive", power.times_s, battery_w),
        *_truth(run, ("array, truth", "array_w"), ("loads, truth", "load_w")),
    ]
    return Panel(title="Bus power", unit="W", least_span=10.0, lines=_known(lines))


def _temperatures(run: RunData, thermal: _Columns) -> Panel:
    motors = [f"temperatures_c.{int(sensor)}" for sensor in _MOTORS]
    lines = [
        thermal.line("battery", "battery_c"),
        *(thermal.line(label, f"temperatures_c.{int(sensor)}") for label, sensor in _NODES),
        *_truth(run, ("battery, truth", "battery_c"), ("web, truth", "web_c")),
    ]
    band = thermal.band("motors, coldest to hottest", motors)
    return Panel(
        title="Temperatures",
        unit="°C",
        least_span=10.0,
        lines=_known(lines),
        bands=[band] if any(value == value for value in band.low) else [],  # noqa: PLR0124 - NaN
        limits=_limits(run, "thermal.hk", "battery_c", "battery "),
    )


def _slip(run: RunData, mobility: _Columns) -> Panel:
    lines = [mobility.line("telemetry", "slip"), *_truth(run, ("truth", "slip"))]
    return Panel(title="Slip", unit="", least_span=0.1, lines=_known(lines), limits=_limits(run, "mobility.hk", "slip"))


def _currents(run: RunData, mobility: _Columns) -> Panel:
    lines = [mobility.line(wheel.name.lower().replace("_", " "), f"wheel_current_a.{int(wheel)}") for wheel in Wheel]
    lines += _truth(run, ("greatest, truth", "wheel_current_max_a"))
    limits = _limits(run, "mobility.hk", "wheel_current_a")
    return Panel(title="Wheel currents", unit="A", least_span=0.05, lines=_known(lines), limits=limits)


def _modes(archive: Archive, beacon: _Columns, end_s: float) -> list[Span]:
    health = _columns(archive, "system.hk", ("mode",))
    changes = _columns(archive, "system.mode_changed", ("new",))
    points = [
        *zip(health.times_s, health.values["mode"], strict=True),
        *zip(changes.times_s, changes.values["new"], strict=True),
        *zip(beacon.times_s, beacon.values["mode"], strict=True),
    ]
    points.sort(key=lambda point: point[0])
    known = [(time_s, _mode_name(mode)) for time_s, mode in points if mode is not None]
    return spans_of([time_s for time_s, _ in known], [name for _, name in known], end_s)


def _links(archive: Archive, run: RunData, end_s: float) -> list[tuple[str, Sequence[Span]]]:
    comms = _columns(archive, "comms.hk", ("relay_locked", "local_locked"))
    rows: list[tuple[str, Sequence[Span]]] = []
    for radio in ("relay", "local"):
        locked = [("locked" if value else None) for value in comms.values[f"{radio}_locked"]]
        rows.append((f"{radio} locked", spans_of(comms.times_s, locked, end_s, silence_s(comms.times_s))))
        visible = run.truth.get(f"{radio}_visible")
        if visible is not None:
            names = [("open" if value else None) for value in visible]
            rows.append((f"{radio} open, truth", spans_of(run.truth[TIME_COLUMN], names, end_s)))
    return rows


def _truth(run: RunData, *named: tuple[str, str]) -> list[Line]:
    times = run.truth.get(TIME_COLUMN, ())
    return [make_line(label, times, run.truth[name], truth=True) for label, name in named if name in run.truth]


def _beacon_lines(beacon: _Columns, field: str) -> list[Line]:
    return [beacon.line("beacon", field)] if beacon.times_s else []


def _limits(run: RunData, name: str, field: str, prefix: str = "") -> list[Limit]:
    found = next(item for item in fields_of(run.archive.dictionary.hk(name).cls) if item.name == field)
    values = [value for value in (found.wire.low, found.wire.high) if value is not None]
    return [Limit(label=f"{prefix}limit", value=value) for value in values]


def _known(lines: Sequence[Line]) -> list[Line]:
    """Leave out lines without any value: a legend entry for nothing misleads."""
    return [line for line in lines if any(value == value for value in line.values)]  # noqa: PLR0124 - NaN


def _mode_name(mode: Mode | int) -> str:
    return mode.name if isinstance(mode, Mode) else f"{mode:#04x}"


def _end_s(run: RunData, columns: Sequence[_Columns], events: Sequence[EventRow]) -> float:
    ends = [item.times_s[-1] for item in columns if item.times_s]
    ends += [events[-1].time_s] if events else []
    ends += [run.truth[TIME_COLUMN][-1]] if run.truth.get(TIME_COLUMN) else []
    ends += [float(run.result.get(key) or 0.0) for key in ("sim_s", "recorded_s")]
    return max([*ends, 1.0])
