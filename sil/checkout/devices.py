"""Step `devices`: every device asked once, and what those that measure have to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flight.health.devices import FACTS
from flight.rover_file import RoverFile
from sil.checkout.bench import Bench
from sil.checkout.motors import powered_motors
from sil.checkout.record import Outcome
from telemetry_defs.areas.health import DEVICES, DeviceId, ProbeAnswer
from telemetry_defs.areas.power import LoadName
from telemetry_defs.areas.thermal import Sensor

ROUNDS: Final = 3
"""A motor controller takes a moment to start: what is not ready is asked again."""
BETWEEN_S: Final = 3.0
ALWAYS: Final = (DeviceId.STORAGE, DeviceId.WATCHDOG)
_INSTRUMENTS: Final = (DeviceId.SPECTROMETER, DeviceId.DOSIMETER, DeviceId.PLASMA)


def check_devices(bench: Bench) -> None:
    """Each fitted device asked, with the motors' supply on if that is allowed, and the readings."""
    fitted = tuple(fitted_devices(bench.rover))
    with_motors = bench.may("motor supply", "Switch the motors' supply on to ask wheels and steering? Nothing turns.")
    with powered_motors(bench.line, with_motors) as trouble:
        if trouble:
            bench.passed("motor supply", False, trouble)
        answers = _ask(bench, fitted)
        power = bench.line.report("power.hk")
    for device in fitted:
        _judge(bench, device, answers.get(device), power)
    _read(bench, power)


def fitted_devices(rover: RoverFile) -> Iterator[DeviceId]:
    """What the rover file says to be there, in the order of telemetry; all of it for a rover without buses."""
    hardware = rover.hardware
    keys = ("wheels", "steering", "imu", "power_monitor", "radio_local", "loads")
    names = {key for key in keys if getattr(hardware, key) is not None} | set(hardware.beside)
    names |= {key for key in ("array", "temperatures") if getattr(hardware, key)}
    if any(line.line is not None for line in (hardware.heaters.lines.values() if hardware.heaters else ())):
        names.add("heaters")
    for device in DEVICES:
        instrument = device in _INSTRUMENTS and "instruments" in names
        if not hardware.buses or device in ALWAYS or device.name.lower() in names or instrument:
            yield device


def _ask(bench: Bench, fitted: tuple[DeviceId, ...]) -> Mapping[DeviceId, ProbeAnswer | None]:
    """The answers of the last round; another one while something that should be there is not ready.

    One bad answer is asked again too: a servo chip whose supply was off and on says once that it has forgotten.
    """
    answers: dict[DeviceId, ProbeAnswer | None] = {}
    for _ in range(ROUNDS):
        asked = bench.line.command("health.probe_devices")
        report = bench.line.report("health.probe") if asked.done else None
        if report is None:
            bench.passed("probe", False, asked.why or "no health.probe")
            return answers
        answers = dict(zip(DEVICES, report["answer"], strict=True))
        if not {ProbeAnswer.NOT_READY, ProbeAnswer.BAD_READING} & {answers[device] for device in fitted}:
            break
        bench.line.wait(BETWEEN_S)
    return answers


def _judge(bench: Bench, device: DeviceId, answer: ProbeAnswer | None, power: Mapping[str, Any] | None) -> None:
    name = device.name.lower()
    line = FACTS[device].line
    on = (power or {}).get("loads_on")
    if line is not None and on is not None and line.upper() in LoadName.__members__:
        fed = bool(on >> LoadName[line.upper()] & 1)
        if not fed and answer is ProbeAnswer.NOT_READY:
            bench.note(name, Outcome.UNTRIED, f"no power ({line} is off)")
            return
    bench.passed(name, answer is ProbeAnswer.GOOD, "not asked" if answer is None else answer.name)


def _read(bench: Bench, power: Mapping[str, Any] | None) -> None:
    """The battery, the temperatures and the attitude, for a person to compare with what is so."""
    battery = bench.rover.power.battery
    volts = (power or {}).get("bus_voltage_v")
    amps = (power or {}).get("battery_current_a")
    good = volts is not None and battery.least_plausible_v <= volts <= battery.most_plausible_v
    bench.passed("battery reading", good, f"{_number(volts, 'V')}, {_number(amps, 'A')}")
    thermal = bench.line.report("thermal.hk") or {}
    temperatures = dict(zip(Sensor, thermal.get("temperatures_c", (None,) * len(Sensor)), strict=True))
    missing = [sensor.name.lower() for sensor, celsius in temperatures.items() if celsius is None]
    seen = [celsius for celsius in temperatures.values() if celsius is not None]
    span = f"{min(seen):.1f} to {max(seen):.1f} degC" if seen else "none"
    bench.passed("temperature readings", not missing, span + (f", none from {', '.join(missing)}" if missing else ""))
    motion = bench.line.report("mobility.hk") or {}
    roll, pitch = motion.get("roll_rad"), motion.get("pitch_rad")
    attitude = f"roll {_number(roll, 'rad')}, pitch {_number(pitch, 'rad')}"
    bench.passed("attitude reading", roll is not None and pitch is not None, attitude)


def _number(value: float | None, unit: str) -> str:
    return "none" if value is None else f"{value:.3g} {unit}"
