"""`rahi emulate`: emulated chips in real time, for any program that can open a serial port or a socket."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from sil.cli.emulate_chips import CHIPS
from sil.cli.names import SEED, host_option, port_option
from sil.live.ports import CONTROL, RADIOS, Ports

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
@click.option("--keep-lines", is_flag=True, help="GPIO lines keep their levels when flight has gone.")
@host_option
@port_option
def rover_command(
    rover: str, folder: Path, world: str, vehicle: str | None, seed: int, keep_lines: bool, host: str, port: int
) -> int:
    """Serve the chips of ROVER's wiring, in DIR one link for each serial line and `buses.sock` for the rest.

    `rahi-flight --config DIR/rover.toml` flies on them, storage in DIR too; for the rover desk in its own folder
    `rahi-flight --rover desk` does the same. `rahi send`, `watch` and `drive` reach it through the TCP ports as they
    reach `rahi live`. The control port answers `status` with a line of JSON: wheel speeds, GPIO levels, switches.
    """
    import time

    from flight.rover_file import load_rover
    from hal.drivers.system_rtc import gps_ns_of
    from sil.emulate.ground_port import GroundPort
    from sil.emulate.rover import make_ports, make_rover, vehicle_name
    from sil.emulate.rover_toml import write_rover_file
    from sil.emulate.serving import serve

    gps_ns = gps_ns_of(time.time_ns())
    numbers = {name: port and port + offset for offset, name in enumerate((CONTROL, *RADIOS))}
    with Ports(host, numbers) as ports:
        believed = load_rover(rover)
        simulation = make_rover(believed, vehicle or vehicle_name(rover), world, seed, gps_ns)
        served = [*make_ports(simulation, folder, keeps_lines=keep_lines), GroundPort(simulation, ports)]
        file = write_rover_file(folder, rover, believed)
        said = f"chips of {rover} in {folder}; fly with rahi-flight --config {file}; radios on {ports}; Ctrl-C ends"
        serve(simulation.clock, served, lambda: click.echo(said))
    return 0


for chip in CHIPS:
    command.add_command(chip)
