"""`rahi emulate CHIP`: one kind of chip, on a pseudo-terminal or a Unix socket, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from sil.cli.names import SEED, Number

if TYPE_CHECKING:
    from sil.emulate.realtime import Port
    from sim_hal.buses.serial import SerialChip
    from sim_hal.clock import SimClock

F = TypeVar("F", bound=Callable[..., Any])
LONGEST_FIRMWARE: Final = 46
"""A version answer has at most 48 bytes, the last two a line feed and a zero (RoboClaw user manual p.68)."""
LONGEST_NAME: Final = 40


def _addresses(low: int, high: int) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], tuple[int, ...]]:
    """A callback for addresses of chips: each from `low` to `high`, none twice."""

    def read(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[int, ...]:
        found: list[int] = []
        for text in texts:
            try:
                address = int(text, 0)
            except ValueError:
                address = -1
            if not low <= address <= high or address in found:
                raise click.BadParameter(f"{text[:20]!r}: expected addresses from {low:#x} to {high:#x}, each once")
            found.append(address)
        return tuple(found)

    return read


def _firmware(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    if text is not None and not (text.isascii() and text.isprintable() and 0 < len(text) <= LONGEST_FIRMWARE):
        raise click.BadParameter(f"{text[:60]!r}: expected 1 to {LONGEST_FIRMWARE} printable ASCII characters")
    return text


def _bus(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    if not (text.isascii() and text.isprintable() and 0 < len(text) <= LONGEST_NAME):
        raise click.BadParameter(f"{text[:60]!r}: expected 1 to {LONGEST_NAME} printable ASCII characters")
    return text


def _terminal_options(baud: int) -> Callable[[F], F]:
    """`--link` and `--baud`."""

    def decorate(function: F) -> F:
        kind = Number(int, 1200, 4_000_000)
        text = "Make this a symbolic link to the terminal."
        link = click.option("--link", metavar="PATH", type=click.Path(path_type=Path), help=text)
        rate = click.option("--baud", type=kind, metavar="N", default=baud, show_default=True, help="Pace of the line.")
        return link(rate(function))

    return decorate


def _socket_options(bus: str) -> Callable[[F], F]:
    """`--socket` and `--bus`."""

    def decorate(function: F) -> F:
        path = click.option(
            "--socket", metavar="PATH", type=click.Path(path_type=Path), required=True, help="Unix socket to serve at."
        )
        name = click.option(
            "--bus", metavar="NAME", default=bus, show_default=True, callback=_bus, help="Name of the bus."
        )
        return path(name(function))

    return decorate


def _address_option(default: str, low: int, high: int) -> Callable[[F], F]:
    text = f"Address, {low:#x} to {high:#x}; may be given several times."
    return click.option(
        "--address", "addresses", metavar="N", multiple=True, default=(default,), show_default=True,
        callback=_addresses(low, high), help=text,
    )  # fmt: skip


_seed = click.option("--seed", type=SEED, metavar="N", default=1, show_default=True, help="Seed of the noise.")


@click.command("roboclaw", short_help="RoboClaw motor controllers on a pseudo-terminal.")
@_address_option("0x80", 0x80, 0x87)
@click.option("--firmware", metavar="TEXT", callback=_firmware, help="What they say their version is.")
@click.option("--old", is_flag=True, help="As before version 4.2: 16 bits of status, no commands 78 and 79.")
@_terminal_options(115_200)
def roboclaw(addresses: tuple[int, ...], firmware: str | None, old: bool, link: Path | None, baud: int) -> int:
    """Serve RoboClaws that share a line, each with two free-running motors."""
    from sil.emulate.chips import roboclaws
    from sim_hal.clock import SimClock

    where = ", ".join(f"{address:#x}" for address in addresses)
    return _on_terminal(f"RoboClaw {where}", SimClock(), roboclaws(addresses, firmware, old), baud, link)


@click.command("bno055", short_help="A BNO055 inertial unit on a pseudo-terminal.")
@_seed
@_terminal_options(115_200)
def bno055(seed: int, link: Path | None, baud: int) -> int:
    """Serve a BNO055 in UART mode that lies still and level, with the noise of the chip."""
    from sil.emulate.free_truth import LevelImu
    from sim_hal.clock import SimClock
    from sim_hal.emulators.bno055 import Bno055Chip

    chip = Bno055Chip(LevelImu(seed))
    chip.touchy = False
    return _on_terminal("BNO055", SimClock(), chip, baud, link)


@click.command("sik", short_help="A SiK radio modem: its serial side and its air side.")
@click.option(
    "--port", type=Number(int, 0, 65_535), metavar="PORT", default=0, show_default=True,
    help="Loopback TCP port of the air side; 0: any free one.",
)  # fmt: skip
@click.option(
    "--rssi", "rssi_dbm", type=Number(float, -120.0, 0.0), metavar="DBM", default=-70.0, show_default=True,
    help="Signal that it reports.",
)  # fmt: skip
@_terminal_options(57_600)
def sik(port: int, rssi_dbm: float, link: Path | None, baud: int) -> int:
    """Serve a SiK modem; who connects to its air side hears what it sends and is heard by it, at its air rate."""
    from sil.emulate.air_port import HOST, AirPort
    from sim_hal.clock import SimClock

    clock = SimClock()
    air = AirPort(clock, port, baud=baud, rssi_dbm=rssi_dbm)
    return _on_terminal(f"SiK modem, air on tcp://{HOST}:{air.port},", clock, air.modem, baud, link, air)


@click.command("pca9685", short_help="A PCA9685 servo driver on a Unix socket.")
@_address_option("0x40", 0x03, 0x77)
@click.option(
    "--clock-hz", type=Number(float, 20.0e6, 30.0e6), metavar="HZ", default=25.0e6, show_default=True,
    help="What its oscillator really does.",
)  # fmt: skip
@_socket_options("main")
def pca9685(addresses: tuple[int, ...], clock_hz: float, socket: Path, bus: str) -> int:
    """Serve a PCA9685 and print every pulse that changes."""
    from sil.emulate.chips import on_clock, servo_driver
    from sim_hal.clock import SimClock

    if len(addresses) > 1:
        raise click.UsageError("--address: one PCA9685 has one address")
    clock = SimClock()
    wires = servo_driver(bus, addresses[0], clock_hz, clock, on_clock(clock, click.echo))
    return _on_socket(f"PCA9685 {addresses[0]:#x}", clock, socket, {bus: wires}, {})


@click.command("ina260", short_help="INA260 power monitors on a Unix socket.")
@_address_option("0x40", 0x40, 0x4F)
@click.option(
    "--volts", type=Number(float, 0.0, 36.0), metavar="V", default=14.8, show_default=True, help="Bus voltage."
)
@click.option("--amps", type=Number(float, -15.0, 15.0), metavar="A", default=1.0, show_default=True, help="Current.")
@_seed
@_socket_options("main")
def ina260(addresses: tuple[int, ...], volts: float, amps: float, seed: int, socket: Path, bus: str) -> int:
    """Serve INA260s over a steady line, with the noise of the chip."""
    from sil.emulate.chips import power_monitor
    from sim_hal.clock import SimClock

    wires = power_monitor(bus, addresses, volts, amps, seed)
    return _on_socket(f"INA260 {_listed(addresses)}", SimClock(), socket, {bus: wires}, {})


@click.command("tmp117", short_help="TMP117 temperature sensors on a Unix socket.")
@_address_option("0x48", 0x48, 0x4B)
@click.option(
    "--degrees", type=Number(float, -273.15, 200.0), metavar="C", default=20.0, show_default=True,
    help="Temperature of the place, Celsius.",
)  # fmt: skip
@_seed
@_socket_options("main")
def tmp117(addresses: tuple[int, ...], degrees: float, seed: int, socket: Path, bus: str) -> int:
    """Serve TMP117s at a steady temperature, with the noise of the chip; they clamp at -55 and 150 C."""
    from sil.emulate.chips import thermometers
    from sim_hal.clock import SimClock

    wires = thermometers(bus, addresses, degrees, seed)
    return _on_socket(f"TMP117 {_listed(addresses)}", SimClock(), socket, {bus: wires}, {})


@click.command("gpio", short_help="GPIO lines on a Unix socket.")
@click.option(
    "--pull-up", type=Number(int, 0, 57), metavar="LINE", multiple=True, help="This line's resistor pulls it high."
)
@click.option("--keep-lines", is_flag=True, help="Lines keep their levels when the program that drove them has gone.")
@_socket_options("lines")
def gpio(pull_up: tuple[int, ...], keep_lines: bool, socket: Path, bus: str) -> int:
    """Serve the GPIO lines 0 to 57 and print every level that changes; undriven ones are low."""
    from sil.emulate.chips import lines, on_clock
    from sim_hal.clock import SimClock

    clock = SimClock()
    pins = lines(bus, pull_up, on_clock(clock, click.echo))
    return _on_socket("GPIO lines", clock, socket, {}, {bus: pins}, keeps=keep_lines)


CHIPS: Final = (roboclaw, bno055, sik, pca9685, ina260, tmp117, gpio)


def _listed(addresses: Sequence[int]) -> str:
    return ", ".join(f"{address:#x}" for address in addresses)


def _on_terminal(what: str, clock: SimClock, chip: SerialChip, baud: int, link: Path | None, *others: Port) -> int:
    from sil.emulate.pty_line import PtyLine
    from sil.emulate.serving import serve
    from sim_hal.buses.serial import SerialLine

    terminal = PtyLine(SerialLine(clock, "line", baud, chip), clock, link)
    also = "" if link is None else f", linked from {link}"
    serve(clock, [terminal, *others], lambda: click.echo(f"{what} on {terminal.path}{also}; Ctrl-C ends"))
    return 0


def _on_socket(
    what: str, clock: SimClock, path: Path, i2c: dict[str, Any], gpio: dict[str, Any], *, keeps: bool = False
) -> int:
    from sil.emulate.serving import serve
    from sil.emulate.socket_port import SocketPort

    port = SocketPort(path, clock, i2c, gpio, keeps=keeps)
    url = f"emu://{path.absolute()}?bus={next(iter((*i2c, *gpio)))}"
    serve(clock, [port], lambda: click.echo(f"{what} on {url}; Ctrl-C ends"))
    return 0
