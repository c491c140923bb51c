"""`rahi live`: a mission in real time whose radios answer on TCP, and the repetition of such a session."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sil.cli.failure import guarded
from sil.cli.names import SEED, Number, complete_scenario, host_option, port_option
from sil.live.ports import CONTROL, RADIOS, Ports

if TYPE_CHECKING:  # loads the simulation, which `--help` does not need
    from sil.live.replay import Replay
    from sil.live.session import LiveSession
    from sil.scenario import Scenario


@click.command("live", short_help="A rover in real time, its radios on TCP.")
@click.argument("scenario", default="live", shell_complete=complete_scenario)
@click.option(
    "--speed", type=Number(float, 0.0, 1.0e6), metavar="X", help="Simulated seconds a second; 0: as fast as it goes."
)
@click.option("--seed", type=SEED, metavar="N", help="Other noise than the scenario's own.")
@click.option("--out", type=click.Path(path_type=Path), help="Result folder; default runs/NAME-SEED-N.")
@click.option("--wire", is_flag=True, help="The real drivers against emulated chips on simulated wires.")
@click.option("--replay", type=click.Path(path_type=Path), metavar="RUN", help="Repeat the session in folder RUN.")
@click.option("--pictures/--no-pictures", default=True, help="Draw overview.png and report.html at the end.")
@host_option
@port_option
def command(
    scenario: str,
    speed: float | None,
    seed: int | None,
    out: Path | None,
    wire: bool,
    replay: Path | None,
    pictures: bool,
    host: str,
    port: int,
) -> int:
    """Run SCENARIO against the wall clock until Ctrl-C; the default is a rover that waits for you.

    `rahi watch`, `send`, `drive` and `inject` connect to it. One TCP port a radio carries raw frames both ways; the
    control port takes lines: pause, resume, step [CYCLES], speed X, until SECONDS, inject JSON, status, end. The speed
    is 1 unless given, for --replay as fast as it goes.
    """
    from sil.folder import default_folder, prepare_folder
    from sil.live.log import LIVE_FILE, read_log
    from sil.live.replay import Replay
    from sil.live.session import open_ended
    from sil.loader import at_depth, load_scenario

    if replay is not None and (seed is not None or wire):
        raise click.UsageError("--seed, --wire: a repetition has those of its session")
    if replay is None:
        loaded = open_ended(at_depth(load_scenario(scenario), wire))
    else:
        loaded = load_scenario(str(replay / "scenario.toml"))
    numbers = {name: port and port + offset for offset, name in enumerate((CONTROL, *RADIOS))}
    repeat = None if replay is None else Replay(read_log(replay / LIVE_FILE))
    pace = (0.0 if replay else 1.0) if speed is None else speed
    with Ports(host, numbers) as ports:  # before the folder: a port that is taken leaves nothing behind
        folder = out or default_folder(loaded.name, loaded.seed if seed is None else seed)
        prepare_folder(folder)
        passed = guarded(lambda: _session(loaded, seed, folder, repeat, pace, ports, pictures), folder)
    if passed or replay is None:
        return passed
    return _compared(replay, folder)


def _session(
    scenario: Scenario,
    seed: int | None,
    folder: Path,
    replay: Replay | None,
    speed: float,
    ports: Ports,
    pictures: bool,
) -> int:
    from ground.archive import Archive
    from ground.run_data import TELEMETRY_FILE
    from sil.display import Lines, Panel, clock_text
    from sil.folder import write_folder, write_scenario
    from sil.live.log import LIVE_FILE, LiveLog
    from sil.live.session import LiveSession
    from sil.mission import Mission, start_gps_ns
    from sil.run import conclude, fly

    with (
        Archive(folder / TELEMETRY_FILE, start_gps_ns=start_gps_ns(scenario)) as archive,
        LiveLog(folder / LIVE_FILE) as log,
    ):
        mission = Mission(scenario, seed, archive)
        write_scenario(folder, mission)  # a killed session can be repeated too
        session = LiveSession(mission=mission, log=log, ports=ports, speed=speed, replay=replay)
        note = f"ports on {ports}; Ctrl-C ends; results in {folder}"
        with Panel(note=note) if sys.stdout.isatty() else Lines(sys.stdout) as display:
            click.echo(note)
            mission.on_second = display.update
            _end_on_signals(session)
            try:
                wall_s = fly(mission, session.pace)
            finally:
                session.close()
        click.echo(f"ended at {clock_text(mission.elapsed_s)}, writing results")
        result = conclude(mission, wall_s, folder)
        write_folder(folder, mission, result, pictures=pictures)
    click.echo(f"ended after {result.sim_s:g} s in {result.final_mode}, results in {folder}")
    return 0


def _end_on_signals(session: LiveSession) -> None:
    """Ctrl-C ends the session between two cycles; a second one is not waited for."""

    def end(number: int, _frame: object) -> None:
        session.end()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def _compared(replay: Path, folder: Path) -> int:
    """Say whether the repetition sent what the session sent."""
    from sil.folder import recorded_sha256

    before, now = recorded_sha256(replay), recorded_sha256(folder)
    if before is None:
        click.echo(f"{replay}: no result to compare with; downlink {now}")
        return 0
    same = before == now
    click.echo(f"downlink {'is byte for byte that of' if same else 'DIFFERS from that of'} {replay}: {now}")
    return 0 if same else 1
