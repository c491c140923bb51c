"""Step `heaters`: each wired heater on for some seconds, its switch read back both ways."""

from __future__ import annotations

from typing import Final

from sil.checkout.bench import Bench
from sil.checkout.record import Outcome
from telemetry_defs.areas.heaters import Heater

ON_S: Final = 5.0


def check_heaters(bench: Bench) -> None:
    """Each wired heater on for some seconds."""
    names = [heater.name.lower() for heater in Heater if _wired(bench, heater.name.lower())]
    if not names:
        bench.note("heaters", Outcome.UNTRIED, "none is wired")
    for name in names:
        if bench.may(name, f"Switch the heater {name} on for {ON_S:g} s?"):
            answer = bench.line.command("thermal.test_heater", heater=name.upper(), duration_s=ON_S)
            bench.passed(name, answer.done, answer.why or "its switch obeys")


def _wired(bench: Bench, name: str) -> bool:
    hardware = bench.rover.hardware
    if not hardware.buses:
        return True
    return hardware.heaters is not None and hardware.heaters.lines[name].line is not None
