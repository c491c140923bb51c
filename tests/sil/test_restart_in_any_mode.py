"""A restart in any mode: SAFE or the last legal mode, wheels still, receiver on, within five simulated seconds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flight.executive import ExitReason
from flight.modes.table import RESUMED
from hal.api.values import ResetCause
from sim_hal.world.drive import ZERO_C_IN_K
from telemetry_defs.areas import mobility
from telemetry_defs.definitions import Mode
from tests.sil.lone_rover import LoneRover

UP_S = 5.0
HOT_C = 65.0


def _idle() -> LoneRover:
    rover = LoneRover(mode=Mode.IDLE, soc=0.9)
    rover.run_s(6.0)
    return rover


def _resumed(mode: Mode) -> LoneRover:
    rover = LoneRover(mode=mode, soc=0.8, released=mode not in (Mode.STOWED, Mode.SERVICE))
    rover.run_s(6.0)
    return rover


def _asked_for(mode: Mode) -> LoneRover:
    rover = _idle()
    rover.send("system.set_mode", {"mode": mode.name})
    rover.run_s(1.5)
    return rover


def _driving() -> LoneRover:
    rover = _idle()
    rover.send("mobility.arc", {"curvature_1_m": 0.0, "distance_m": 2.0, "speed_m_s": 0.03, "timeout_s": 120.0})
    rover.run_s(15.0)
    assert any(rover.simulation.world.drive.speed_rad_s), "the wheels must turn when the computer stops"
    return rover


def _leaving_the_lander() -> LoneRover:
    rover = _resumed(Mode.SERVICE)
    rover.send("system.set_mode", {"mode": "EGRESS"})
    rover.run_s(1.0)
    for command in (mobility.RELEASE, mobility.EGRESS_DRIVE):
        if command.hazardous:
            rover.send("system.arm", {"target": command.arm_code})
        drive = {"distance_m": 1.0, "speed_m_s": 0.03, "timeout_s": 100.0}
        rover.send(command.name, drive if command is mobility.EGRESS_DRIVE else {})
        rover.run_s(8.0)
    assert any(rover.simulation.world.drive.speed_rad_s), "the wheels must turn when the computer stops"
    return rover


def _hot() -> LoneRover:
    rover = _idle()
    rover.simulation.world.energy.thermal.web_k = HOT_C + ZERO_C_IN_K
    rover.run_s(9.0)
    return rover


def _just_up() -> LoneRover:
    """Built, and not a cycle run: with all devices well, INIT ends in the first."""
    rover = LoneRover(mode=Mode.CHARGE)
    assert rover.simulation.run_until_boot(0)
    rover.boot()
    return rover


def _woken() -> LoneRover:
    rover = _idle()
    rover.simulation.world.energy.thermal.battery_k = -20.0 + ZERO_C_IN_K
    rover.stop_computer(ResetCause.WAKE_UPLINK)
    rover.run_s(8.0)
    return rover


INTO: dict[Mode, Callable[[], LoneRover]] = {
    Mode.INIT: _just_up,
    Mode.STOWED: lambda: _resumed(Mode.STOWED),
    Mode.SERVICE: lambda: _resumed(Mode.SERVICE),
    Mode.EGRESS: _leaving_the_lander,
    Mode.IDLE: _idle,
    Mode.CHARGE: lambda: _resumed(Mode.CHARGE),
    Mode.DRIVE: _driving,
    Mode.SCIENCE: lambda: _asked_for(Mode.SCIENCE),
    Mode.COMM: lambda: _asked_for(Mode.COMM),
    Mode.THERMAL_HOLD: _hot,
    Mode.HIBERNATE: lambda: _asked_for(Mode.HIBERNATE),
    Mode.WAKE: _woken,
    Mode.SAFE: lambda: _resumed(Mode.SAFE),
}


def _reset(cause: ResetCause) -> Callable[[LoneRover], None]:
    return lambda rover: rover.stop_computer(cause)


def _end(reason: ExitReason) -> Callable[[LoneRover], None]:
    def end(rover: LoneRover) -> None:
        assert rover.flight is not None
        rover.flight.executive.end(reason)
        rover.cycle()

    return end


STOPS: dict[str, Callable[[LoneRover], None]] = {
    "watchdog": _reset(ResetCause.WATCHDOG),
    "power cut": _reset(ResetCause.POWER_CUT),
    "restart": _end(ExitReason.RESTART),
    "vital row failed": _end(ExitReason.CRASHED),
    "executive failed": _end(ExitReason.FAULT),
}
MINIMAL = ("vital row failed", "executive failed")


def _legal_after(mode: Mode, how: str) -> tuple[Mode, ...]:
    """SAFE, or the mode before where a boot resumes it; a night ends in WAKE before SAFE."""
    if how in MINIMAL:
        return (Mode.SAFE,)
    if mode is Mode.HIBERNATE:
        return (Mode.WAKE, Mode.SAFE)
    if mode is Mode.INIT:
        mode = Mode.CHARGE
    return (Mode.SAFE, mode) if mode in RESUMED else (Mode.SAFE,)


@pytest.mark.parametrize("how", STOPS)
@pytest.mark.parametrize("mode", sorted(Mode))
def test_a_restart_ends_in_a_legal_mode_with_wheels_still_and_receiver_on(mode: Mode, how: str) -> None:
    rover = INTO[mode]()
    assert rover.flight is not None
    assert rover.flight.core.modes.mode is mode
    lives = rover.lives

    STOPS[how](rover)
    while rover.lives == lives:
        rover.run_s(0.1)
    rover.run_s(UP_S)

    flight, simulation = rover.flight, rover.simulation
    assert flight is not None
    assert flight.core.modes.mode in _legal_after(mode, how)
    assert flight.boot.minimal is (how in MINIMAL)
    assert not any(simulation.world.drive.speed_rad_s)
    assert not any(simulation.world.wheel_command.at(rover.clock.now_ns()))
    assert simulation.listening("local")
    assert simulation.listening("relay")
