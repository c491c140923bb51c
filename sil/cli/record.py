"""`rahi record`: what a rover sends, over a link or from `rahi live`, into a result folder."""

from __future__ import annotations

import signal
import sqlite3
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Protocol

import click

from ground.errors import GroundError
from sil.cli.failure import guarded
from sil.cli.names import Number, check_link, host_option, link_option, port_option
from sil.live.link_url import LinkUrl

if TYPE_CHECKING:
    from ground.station import Received
    from sil.live.desk import LinkDesk
    from sil.live.links import Link
    from sil.live.recording import Recording

POLL_S: Final = 0.2
FOR: Final = Number(float, 0.0, 1.0e8, above=True)
CUT_SHORT: Final = 1
BY_SIGNAL, BY_TIME, BY_HANG_UP = "signal", "time", "hang-up"


class View(Protocol):
    """What is shown while it records."""

    def packet(self, received: Received) -> None:
        """A packet has come."""
        ...

    def refresh(self) -> None:
        """Time has passed."""
        ...


class _Lines:
    """Every event of more than informative severity, one a line."""

    def packet(self, received: Received) -> None:
        from sil.packet_text import fields_text, time_text
        from telemetry_defs.definitions import Severity

        tm = received.decoded
        if tm is not None and tm.severity is not None and tm.severity > Severity.INFO:
            click.echo(f"{time_text(tm)}  {tm.severity.name:<6}  {tm.name}  {fields_text(tm)}".rstrip())

    def refresh(self) -> None: ...


class _Ending:
    """Whether Ctrl-C or SIGTERM has come; a second one is not waited for.  A context manager."""

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> _Ending:
        self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler or signal.SIG_DFL)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(number, signal.SIG_DFL)


@click.command("record", short_help="Record what a rover sends into a result folder.")
@link_option
@host_option
@port_option
@click.option("--out", type=click.Path(path_type=Path), help="Result folder; default runs/recording-N.")
@click.option("--for", "limit_s", type=FOR, metavar="S", help="Record for so long; default until Ctrl-C.")
@click.option("--ask-again", is_flag=True, help="Have the rover send again what was lost, out of its store.")
@click.option("--pictures/--no-pictures", default=True, help="Draw overview.png and report.html at the end.")
def command(
    link: LinkUrl | None,
    host: str,
    port: int,
    out: Path | None,
    limit_s: float | None,
    ask_again: bool,
    pictures: bool,
) -> int:
    """Record what a rover sends, over a link or from `rahi live`, until Ctrl-C, --for, or until it hangs up.

    The folder is that of `rahi sil` without the truth. Exit code 0: recorded; 1: hung up before --for was over; 2: bad
    input or no rover.
    """
    check_link(link)
    return record(link, host, port, out=out, limit_s=limit_s, ask_again=ask_again, pictures=pictures)


def record(
    link: LinkUrl | None,
    host: str,
    port: int,
    *,
    out: Path | None,
    limit_s: float | None,
    ask_again: bool = False,
    pictures: bool = True,
) -> int:
    """Record, draw, and return the exit code."""
    from sil.folder import draw, numbered_folder, prepare_folder
    from sil.live.desk import links_of

    with _Ending() as ending, ExitStack() as stack:
        links = links_of(link, host, port)  # before the folder: a port that is busy leaves nothing behind
        for opened in links.values():
            stack.callback(opened.close)
        folder = out or numbered_folder("recording")
        prepare_folder(folder)
        source = f"rahi live at {host}:{port}" if link is None else str(link)

        def action() -> int:
            code = _record(links, source, folder, ending, limit_s, ask_again)
            if pictures:
                draw(folder)
            return code

        return guarded(action, folder)


def _record(
    links: dict[str, Link], source: str, folder: Path, ending: _Ending, limit_s: float | None, ask_again: bool
) -> int:
    from ground.archive import Archive
    from ground.run_data import TELEMETRY_FILE
    from sil.live.desk import LinkDesk
    from sil.live.recording import Recording

    note = f"recording {source} into {folder}; Ctrl-C ends"
    click.echo(note)
    try:
        with Archive(folder / TELEMETRY_FILE) as archive, LinkDesk(links, archive=archive) as desk:
            began_utc = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
            with Recording(folder, source, began_utc, desk=desk, archive=archive, ask_again=ask_again) as recording:
                ended_by = _watched(desk, recording, ending, limit_s, note)
                result = recording.end(ended_by)
    except (OSError, sqlite3.Error) as error:
        raise GroundError(f"{folder}: the recording cannot be written ({error})") from None
    if ended_by == BY_HANG_UP:
        click.echo(desk.ending, err=True)
    click.echo(f"ended by {ended_by} after {result.recorded_s:g} s, {result.downlink_packets} packets in {folder}")
    return CUT_SHORT if ended_by == BY_HANG_UP and limit_s is not None else 0


def _watched(desk: LinkDesk, recording: Recording, ending: _Ending, limit_s: float | None, note: str) -> str:
    """Record with what a terminal can show; return what ended it."""
    if not sys.stdout.isatty():
        return _until_the_end(desk, recording, _Lines(), ending, limit_s)
    from rich.console import Console
    from rich.live import Live

    from sil.cli.watch import Panel

    with Live(console=Console(), auto_refresh=False) as live:
        return _until_the_end(desk, recording, Panel(desk.station, live, note), ending, limit_s)


def _until_the_end(desk: LinkDesk, recording: Recording, view: View, ending: _Ending, limit_s: float | None) -> str:
    desk.station.on_packet(view.packet)
    wait_s = POLL_S
    while not ending.asked and wait_s > 0.0 and not desk.closed:
        desk.poll(wait_s)
        recording.tick()
        view.refresh()
        wait_s = POLL_S if limit_s is None else min(POLL_S, limit_s - desk.now_ns() / 1e9)
    return BY_SIGNAL if ending.asked else BY_HANG_UP if desk.closed else BY_TIME
