"""Step `motors`: the motors' enable line on and off again, as its switch reads back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sil.checkout.bench import Bench
from sil.checkout.line import Line
from telemetry_defs.areas.power import LoadName

START_S: Final = 3.0
"""Motor controllers and the servo driver need a moment after their supply has come."""


def check_motors(bench: Bench) -> None:
    """The motors' supply on and off, as telemetry sees it."""
    if not bench.may("enable line", "Switch the motors' supply on and off? Nothing turns; servos may twitch."):
        return
    with powered_motors(bench.line, True) as trouble:
        on = _motors_on(bench.line)
    off = bench.line.command("power.set_load", load="MOTORS", on=False)
    now_on = _motors_on(bench.line)
    give_back(bench.line)
    good = not trouble and on is True and off.done and now_on is False
    words = {True: "on", False: "off", None: "unknown"}
    bench.passed("enable line", good, trouble or off.why or f"read back {words[on]}, then {words[now_on]}")


@contextmanager
def powered_motors(line: Line, wanted: bool) -> Iterator[str]:
    """Keep the motors' supply on meanwhile, if wanted; gives what went wrong, empty if nothing did."""
    if not wanted:
        yield ""
        return
    answer = line.command("power.set_load", load="MOTORS", on=True)
    try:
        if answer.done:
            line.wait(START_S)
        yield answer.why
    finally:
        give_back(line)


def give_back(line: Line) -> None:
    """Leave the motors' supply to flight again, which keeps it off while nothing moves."""
    line.command("power.auto_load", load="MOTORS")


def _motors_on(line: Line) -> bool | None:
    report = line.report("power.hk")
    mask = None if report is None else report["loads_on"]
    return None if mask is None else bool(mask >> LoadName.MOTORS & 1)
