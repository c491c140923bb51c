"""`rahi drive`: a live rover by arrow keys."""

from __future__ import annotations

import sys
import time
from typing import Final

import click

from ground.verification import CommandRecord
from sil.cli.names import Number, check_link, host_option, link_option, port_option, radio_option
from sil.live.desk import LinkDesk, desk_at
from sil.live.keys import VALID_FOR_S, DeadMan, Key, Keyboard
from sil.live.link_url import LinkUrl
from sil.packet_text import value_text
from telemetry_defs.areas.mobility import DriveArguments
from telemetry_defs.ranges import limits_of

POLL_S: Final = 0.05
SHOWN: Final = ("system.hk", "mobility.hk")
LAST_WORD_S: Final = 0.5
"""How long to listen to what becomes of the last STOP."""


def _speed(argument: str) -> Number:
    """From creeping up to what the telecommand takes."""
    return Number(float, 0.001, next(limits.high for limits in limits_of(DriveArguments) if limits.name == argument))


@click.command("drive", short_help="Drive a live rover with the arrow keys.")
@click.option("--speed", type=_speed("speed_m_s"), metavar="M_S", default=0.05, show_default=True, help="m/s.")
@click.option("--rate", type=_speed("yaw_rate_rad_s"), metavar="RAD_S", default=0.1, show_default=True, help="rad/s.")
@radio_option
@link_option
@host_option
@port_option
def command(speed: float, rate: float, radio: str, link: LinkUrl | None, host: str, port: int) -> int:
    """Drive a live rover with the arrow keys: up, down, left and right; space stops, q ends.

    Each press holds for 0.5 s: a key that is let go, a lost terminal and a lost link all stop the rover.
    """
    check_link(link, radio)
    if not sys.stdin.isatty():
        raise click.UsageError("rahi drive needs a terminal to read keys from")
    with desk_at(link, host, port) as desk:
        click.echo("arrow keys drive, space stops, q ends")
        for structure in SHOWN:  # rather than wait for their turn
            desk.station.send_command("system.report_hk", {"structure_id": structure}, desk.now_ns(), radio)
        with Keyboard() as keyboard:
            _drive(desk, keyboard, radio, speed, rate)
        click.echo("")
        if desk.closed:
            click.echo(desk.ending, err=True)
    return 0


def _drive(desk: LinkDesk, keyboard: Keyboard, radio: str, speed_m_s: float, rate_rad_s: float) -> None:
    dead_man = DeadMan()
    while not desk.closed:
        desk.poll(POLL_S)
        for key in keyboard.read():
            motion = dead_man.press(key, time.monotonic())
            if motion is not None:
                rates = {"speed_m_s": motion[0] * speed_m_s, "yaw_rate_rad_s": motion[1] * rate_rad_s}
                arguments = {**rates, "valid_for_s": VALID_FOR_S}
                desk.station.send_command("mobility.drive", arguments, desk.now_ns(), radio)
            elif key in (Key.STOP, Key.QUIT):
                desk.station.send_command("system.stop", {}, desk.now_ns(), radio)
            if key is Key.QUIT:
                _last_word(desk)
                return
        _show(desk)


def _last_word(desk: LinkDesk) -> None:
    end_s = time.monotonic() + LAST_WORD_S
    while time.monotonic() < end_s and not desk.closed and not desk.station.commands[-1].finished:
        desk.poll(POLL_S)
    _show(desk)


def _show(desk: LinkDesk) -> None:
    click.echo(f"\r{_line(desk):<78.78}", nl=False)


def _line(desk: LinkDesk) -> str:
    """Mode, pose, and what became of the last telecommand."""
    system, hk = (desk.station.latest(structure) for structure in SHOWN)
    pose = {} if hk is None else hk.fields
    where = "  ".join(f"{name} {value_text(pose.get(name))}" for name in ("x_m", "y_m", "yaw_rad"))
    mode = value_text(None if system is None else system.fields.get("mode"))
    return f"{mode:<6} {where}  {_last(desk.station.commands)}"


def _last(commands: list[CommandRecord]) -> str:
    if not commands:
        return ""
    last = commands[-1]
    return f"{last.name.partition('.')[2]}: {last.state.value} {last.code_name}".rstrip()
