"""`rahi watch`: telemetry and events of a live rover as they come down."""

from __future__ import annotations

import sys
from collections import deque
from typing import Final, Protocol

import click
import msgspec
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ground.station import Received, Station
from sil.cli.names import check_link, host_option, link_option, port_option
from sil.live.desk import LinkDesk, desk_at
from sil.live.link_url import LinkUrl
from sil.packet_text import fields_text, severity_style, time_text, value_text
from telemetry_defs.formats import DecodedTm

POLL_S: Final = 0.2
LAST_EVENTS: Final = 12
_SHOWN: Final = (
    ("mode", "system.hk", "mode"),
    ("up for", "system.hk", "uptime_s"),
    ("commands accepted", "system.hk", "accepted"),
    ("commands refused", "system.hk", "rejected"),
    ("state of charge", "power.hk", "soc"),
    ("bus voltage", "power.hk", "bus_voltage_v"),
    ("array", "power.hk", "array_w"),
    ("x", "mobility.hk", "x_m"),
    ("y", "mobility.hk", "y_m"),
    ("heading", "mobility.hk", "yaw_rad"),
    ("motion", "mobility.hk", "state"),
    ("slip", "mobility.hk", "slip"),
)
"""Label, packet, field."""


class _View(Protocol):
    def packet(self, received: Received) -> None: ...

    def refresh(self) -> None: ...


class _Lines:
    """One line a packet: on-board time, radio, severity, name, fields."""

    def __init__(self, events_only: bool, as_json: bool) -> None:
        self._events_only = events_only
        self._as_json = as_json

    def packet(self, received: Received) -> None:
        tm = received.decoded
        if tm is None or (self._events_only and tm.kind != "event"):
            return
        if self._as_json:
            click.echo(msgspec.json.encode(_plain_packet(received.radio, tm)).decode())
        else:
            severity = "" if tm.severity is None else tm.severity.name
            click.echo(f"{time_text(tm)} {received.radio:<5} {severity:<6} {tm.name:<28} {fields_text(tm)}".rstrip())

    def refresh(self) -> None: ...


class Panel:
    """The state at a glance and the last events, redrawn in place."""

    def __init__(self, station: Station, live: Live, note: str = "") -> None:
        """`note` is a line at the foot."""
        self._station = station
        self._live = live
        self._note = note
        self._events: deque[Text] = deque(maxlen=LAST_EVENTS)

    def packet(self, received: Received) -> None:
        """Keep an event in view."""
        tm = received.decoded
        if tm is not None and tm.kind == "event":
            line = f"{time_text(tm)} {received.radio:<5} {tm.name}  {fields_text(tm)}"
            self._events.append(Text(line, severity_style(tm.severity), no_wrap=True))

    def refresh(self) -> None:
        """Redraw."""
        table = Table.grid(padding=(0, 2))
        for left, right in zip(_SHOWN[::2], _SHOWN[1::2], strict=True):
            table.add_row(left[0], self._value(*left[1:]), right[0], self._value(*right[1:]))
        station = self._station
        foot = f"lost {station.lost_packets}  damaged {station.bad_frames}  {' '.join(list(station.warnings)[-1:])}"
        feet = [Text(line, "dim") for line in (foot, self._note) if line]
        self._live.update(Group(table, *self._events, *feet), refresh=True)

    def _value(self, packet: str, field: str) -> str:
        latest = self._station.latest(packet)
        return "--" if latest is None else value_text(latest.fields.get(field))


def _plain_packet(radio: str, tm: DecodedTm) -> dict[str, object]:
    fields = {name: _plain(value) for name, value in tm.fields.items()}
    return {"radio": radio, "name": tm.name, "kind": tm.kind, "time_ns": tm.time_ns, "fields": fields}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return getattr(value, "name", value)


@click.command("watch", short_help="Show what a live rover sends.")
@click.option("--events", "events_only", is_flag=True, help="Events only, one a line.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@link_option
@host_option
@port_option
def command(events_only: bool, as_json: bool, link: LinkUrl | None, host: str, port: int) -> int:
    """Show what a live rover sends, on both radios, or what comes over a link, until it ends or Ctrl-C."""
    check_link(link)
    with desk_at(link, host, port) as desk:
        try:
            if sys.stdout.isatty() and not (events_only or as_json):
                with Live(console=Console(), auto_refresh=False) as live:
                    _watch(desk, Panel(desk.station, live))
            else:
                _watch(desk, _Lines(events_only, as_json))
        except KeyboardInterrupt:
            return 0
        click.echo(desk.ending, err=True)
    return 0


def _watch(desk: LinkDesk, view: _View) -> None:
    desk.station.on_packet(view.packet)
    while not desk.closed:
        desk.poll(POLL_S)
        view.refresh()
