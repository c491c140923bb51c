"""`rahi emulate`: emulated chips in real time, for any program that can open a serial port or a socket."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sil.cli.names import SEED, host_option, port_option
from sil.live.ports import CONTROL, RADIOS, Ports

if TYPE_CHECKING:
    from sil.emulate.realtime import RealTime

DESK_FOLDER: Final = Path("/tmp/rahi-desk")


@click.group("emulate", short_help="Emulated chips in real time, for other programs.")
def command() -> None:
    """Serve emulated chips in real time until Ctrl-C: serial ones on pseudo-terminals, the others on a socket."""


@command.command("rover", short_help="All chips of a rover, in one world.")
@click.argument("rover", default="desk")
@click.option("--dir", "folder", type=click.Path(path_type=Path), default=DESK_FOLDER, show_default=True, help="Where.")
@click.option("--world", default="earth_yard", show_default=True, help="World file: a shipped name or a path.")
@click.option("--vehicle", help="True vehicle; default: the one of the rover that this one is like.")
@click.option("--seed", type=SEED, metavar="N", default=1, show_default=True, help="Seed of the noise.")
@host_option
@port_option
def rover_command(rover: str, folder: Path, world: str, vehicle: str | None, seed: int, host: str, port: int) -> int:
    """Serve the chips of ROVER's wiring, in DIR one link for each serial line and `buses.sock` for the rest.

    `rahi-flight --rover desk` flies on them; `rahi send`, `watch` and `drive` reach it through the TCP ports as they
    reach `rahi live`.
    """
    import time

    from flight.rover_file import load_rover
    from hal.drivers.system_rtc import gps_ns_of
    from sil.emulate.ground_port import GroundPort
    from sil.emulate.realtime import RealTime
    from sil.emulate.rover import make_ports, make_rover

    gps_ns = gps_ns_of(time.time_ns())
    numbers = {name: port and port + offset for offset, name in enumerate((CONTROL, *RADIOS))}
    with Ports(host, numbers) as ports:
        simulation = make_rover(load_rover(rover), vehicle, world, seed, gps_ns)
        served = [*make_ports(simulation, folder), GroundPort(simulation, ports)]
        click.echo(f"chips of {rover} in {folder}; radios on {ports}; Ctrl-C ends")
        _serve(RealTime(simulation.clock, served))
    return 0


def _serve(bench: RealTime) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: bench.end())
    bench.run()
