"""What a terminal shows while a mission runs: one panel that redraws itself, or plain lines when piped."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final, TextIO

import msgspec
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ground.station import Received
from hal.api.clock import NS_PER_S
from sil.live.pacing import OPEN_END_S
from sil.mission import Mission
from sil.packet_text import fields_text, severity_style
from telemetry_defs.definitions import Severity
from telemetry_defs.formats import DecodedTm

LAST_EVENTS: Final = 8
REDRAW_S: Final = 0.2
LINES_A_RUN: Final = 10


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    """A mission at one moment; None where the rover does not know, or is off."""

    elapsed_s: float
    duration_s: float
    speed_factor: float
    mode: str
    soc: float | None
    x_m: float | None
    y_m: float | None
    yaw_rad: float | None


class Stopwatch:
    """Speed against the wall, from the first question on: what came before was setting up."""

    def __init__(self) -> None:
        self._first: tuple[float, float] | None = None

    def speed_factor(self, elapsed_s: float) -> float:
        """Simulated seconds a wall second so far, 0 at first."""
        now_s = time.monotonic()
        if self._first is None:
            self._first = (now_s, elapsed_s)
        wall_s = now_s - self._first[0]
        return (elapsed_s - self._first[1]) / wall_s if wall_s > 0.0 else 0.0


def glance(mission: Mission, speed_factor: float) -> Glance:
    """What flight believes now."""
    board = None if mission.flight is None else mission.flight.core.board
    power = None if board is None else board.power
    pose = None if board is None else board.mobility
    return Glance(
        elapsed_s=mission.elapsed_s,
        duration_s=mission.scenario.duration_s,
        speed_factor=speed_factor,
        mode=mission.mode_name,
        soc=None if power is None else power.soc,
        x_m=None if pose is None else pose.x_m,
        y_m=None if pose is None else pose.y_m,
        yaw_rad=None if pose is None else pose.yaw_rad,
    )


def clock_text(seconds: float) -> str:
    """`0:01:40`, with days in front where there are any."""
    whole = int(seconds)
    days, rest = divmod(whole, 86_400)
    text = f"{rest // 3600}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{days} d {text}" if days else text


def soc_text(soc: float | None) -> str:
    """State of charge in per cent."""
    return "--" if soc is None else f"{soc:.1%}"


def pose_text(at: Glance) -> str:
    """Where the rover believes it is."""
    if at.x_m is None or at.y_m is None or at.yaw_rad is None:
        return "--"
    return f"x {at.x_m:.2f} m  y {at.y_m:.2f} m  yaw {at.yaw_rad:.2f} rad"


class _Events:
    """Hears the events that the station receives, each with the time of its reception."""

    def __init__(self, heard: Callable[[float, DecodedTm], None]) -> None:
        self._heard = heard
        self._station: object = None

    def attach(self, mission: Mission) -> None:
        """Listen to this mission from now on; again for the same one does nothing."""
        if self._station is not mission.station:
            self._station = mission.station
            mission.station.on_packet(self._packet)

    def _packet(self, packet: Received) -> None:
        if packet.decoded is not None and packet.decoded.kind == "event":
            self._heard(packet.received_ns / NS_PER_S, packet.decoded)


class Panel:
    """A panel that redraws itself on a terminal; a context manager."""

    def __init__(self, console: Console | None = None, note: str = "") -> None:
        """`note` is a line at the foot, such as the keys or ports to use."""
        self._live = Live(console=console or Console(), auto_refresh=False, transient=False)
        self._note = note
        self._lines: deque[Text] = deque(maxlen=LAST_EVENTS)
        self._events = _Events(self._event)
        self._watch = Stopwatch()
        self._drawn_s = 0.0

    def __enter__(self) -> Panel:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def update(self, mission: Mission) -> None:
        """Redraw, unless that was done a moment ago."""
        self._events.attach(mission)
        now_s = time.monotonic()
        if now_s - self._drawn_s >= REDRAW_S or mission.ended:
            self._drawn_s = now_s
            at = glance(mission, self._watch.speed_factor(mission.elapsed_s))
            self._live.update(self._drawn(at, mission.scenario.name), refresh=True)

    def _event(self, t_s: float, event: DecodedTm) -> None:
        line = f"{clock_text(t_s):>9}  {event.name}  {fields_text(event)}"
        self._lines.append(Text(line, severity_style(event.severity), no_wrap=True))

    def _drawn(self, at: Glance, name: str) -> RenderableType:
        open_ended = at.duration_s >= OPEN_END_S
        span = "" if open_ended else f" of {clock_text(at.duration_s)}"
        table = Table.grid(padding=(0, 2))
        table.add_row("mission", name, "mode", at.mode)
        table.add_row("time", f"{clock_text(at.elapsed_s)}{span}", "battery", soc_text(at.soc))
        table.add_row("speed", f"{at.speed_factor:.0f} x real time", "pose", pose_text(at))
        bar = () if open_ended else (ProgressBar(total=at.duration_s, completed=at.elapsed_s, width=60),)
        return Group(table, *bar, *self._lines, Text(self._note, "dim"))


class Lines:
    """Plain lines: every event of more than informative severity, and the state ten times a run."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._events = _Events(self._event)
        self._watch = Stopwatch()
        self._said = 0

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.flush()

    def update(self, mission: Mission) -> None:
        """Say how far the mission is, once for each tenth of it."""
        self._events.attach(mission)
        speed_factor = self._watch.speed_factor(mission.elapsed_s)
        tenth = int(LINES_A_RUN * mission.elapsed_s / mission.scenario.duration_s)
        if tenth > self._said:
            self._said = tenth
            at = glance(mission, speed_factor)
            self._say(
                f"{clock_text(at.elapsed_s):>9}  {tenth * 100 // LINES_A_RUN:3d} %  {at.speed_factor:.0f} x  "
                f"{at.mode}  battery {soc_text(at.soc)}  {pose_text(at)}"
            )

    def _event(self, t_s: float, event: DecodedTm) -> None:
        severity = event.severity or Severity.INFO
        if severity > Severity.INFO:
            self._say(f"{clock_text(t_s):>9}  {severity.name:<6}  {event.name}  {fields_text(event)}".rstrip())

    def _say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class Silent:
    """Says nothing, where standard output belongs to something else."""

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None: ...

    def update(self, mission: Mission) -> None:
        """Nothing."""


Display = Panel | Lines | Silent
