"""The desk rover: flight with its real drivers over real ports and sockets, on chips that another process emulates."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from sil.cli.app import run
from telemetry_defs.areas.system.housekeeping import ResetCause
from tests.process.desk_bench import Emulator, FlightProcess, Ground, Supervisor, run_flight

pytestmark = pytest.mark.process

READY_S = 20.0
TIMEOUT_S = 0.5
"""The RoboClaws' serial timeout in the rover file."""
TURNING_RAD_S = 0.3
BRAKED_RAD_S = 0.25
"""A tenth of a second after the bridges are off: the wheels run down with 0.06 s."""
RUN_DOWN_S = 0.6

MEANT = (
    "'USB Roboclaw 2x7a v4.2.8'", "read SYS_STATUS", "steering: = channel 0", "temperature <-", "battery: manufacturer",
)  # fmt: skip
"""What the trace of a drive must have been understood as."""


class Rover:
    """Emulator, supervisor, flight, ground."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self.supervisor = stack.enter_context(closing(Supervisor(folder)))
        self.emulator = self.emulate()

    def emulate(self) -> Emulator:
        """GPIO lines keep their levels when flight dies: the hardest case."""
        emulator = Emulator(self._folder, "--keep-lines")
        self._stack.callback(emulator.stop)
        return emulator

    def fly(self, *words: str) -> tuple[FlightProcess, Ground]:
        """A start of flight, and a station that hears its boot."""
        ground = self._stack.enter_context(closing(Ground(self.emulator, self._folder)))
        flight = self._stack.enter_context(closing(FlightProcess(self.emulator, self.supervisor, *words)))
        ground.until(lambda: ground.of("system.boot"), f"flight boots: {flight.said()}")
        return flight, ground


@pytest.fixture
def rover(tmp_path: Path) -> Iterator[Rover]:
    with ExitStack() as stack:
        yield Rover(tmp_path, stack)


def test_it_becomes_ready_drives_and_stops_with_everything_off(
    rover: Rover, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Looked at first, traced all the while."""
    check = run_flight(rover.emulator, "--check")
    answers = dict(line.split(maxsplit=1) for line in check.stdout.splitlines())
    assert check.returncode == 0, check.stdout + check.stderr
    for name in ("imu", "power_monitor", "temperatures", "loads", "radio_local"):
        assert answers[name].startswith("answers"), check.stdout
    assert "not ready" in answers["wheels"]
    trace = tmp_path / "trace"
    flight, ground = rover.fly("--trace", str(trace))
    rover.supervisor.wait_for("READY=1", READY_S)
    ground.until(lambda: ground.of("power.hk") and ground.of("mobility.hk"), "housekeeping")
    ground.do("system.set_mode", mode="IDLE")
    start_m = rover.emulator.status()["x_m"]
    ground.drive(0.2)
    assert rover.emulator.status()["x_m"] - start_m == pytest.approx(0.2, abs=0.05)
    assert flight.end(signal.SIGTERM) == 0, flight.said()
    rover.supervisor.wait_for("STOPPING=1", 1.0)
    status = rover.emulator.status()
    assert rover.emulator.speed_at(status["t_s"] + RUN_DOWN_S) == 0.0
    assert not status["loads"]["motors"]
    assert not rover.emulator.motors_line()
    assert run(["trace", str(trace), "--rover", str(rover.emulator.folder / "rover.toml")]) == 0
    shown = capsys.readouterr().out
    for meant in MEANT:
        assert meant in shown


def test_a_kill_while_driving_stops_the_wheels_and_the_next_start_knows_why(rover: Rover) -> None:
    """By the motor controllers' own timeout; then the supervisor's command takes their supply."""
    flight, ground = rover.fly()
    ground.until(lambda: ground.of("system.mode_changed"), "the boot ends in SAFE")
    ground.do("system.set_mode", mode="IDLE")
    ground.drive(2.0, lambda: rover.emulator.wheels_rad_s() > TURNING_RAD_S)
    flight.process.kill()
    flight.process.wait()
    killed_s = rover.emulator.status()["t_s"]
    speeds_rad_s = [rover.emulator.speed_at(killed_s + after_s) for after_s in (0.2, TIMEOUT_S + 0.1)]
    assert speeds_rad_s[0] > TURNING_RAD_S, "nobody else has stopped them"
    assert speeds_rad_s[1] < BRAKED_RAD_S
    assert rover.emulator.speed_at(killed_s + TIMEOUT_S + RUN_DOWN_S) == 0.0
    assert rover.emulator.motors_line()
    safe = run_flight(rover.emulator, "--make-safe", SERVICE_RESULT="watchdog")
    assert safe.returncode == 0, safe.stderr
    assert not rover.emulator.motors_line()
    assert not rover.emulator.status()["loads"]["motors"]
    _, ground = rover.fly()
    assert ground.of("system.boot")[0].fields["reset_cause"] is ResetCause.WATCHDOG


def test_a_desk_without_power_is_reported_and_found_again(rover: Rover) -> None:
    """Every chip gone in the middle of a drive: flight goes on, says what it lost, and has it back by itself."""
    flight, ground = rover.fly()
    ground.until(lambda: ground.of("system.mode_changed"), "the boot ends in SAFE")
    ground.do("system.set_mode", mode="IDLE")
    ground.drive(2.0, lambda: rover.emulator.wheels_rad_s() > TURNING_RAD_S)
    rover.emulator.kill()
    time.sleep(2.0)
    assert flight.process.poll() is None, flight.said()
    rover.emulator = rover.emulate()
    with closing(Ground(rover.emulator, rover.emulator.folder)) as ground:
        ground.until(lambda: ground.of("mobility.imu_recovered") and ground.of("power.switches_back"), "all is back")
        ground.drive(2.0, lambda: rover.emulator.wheels_rad_s() > TURNING_RAD_S)
        ground.until(lambda: _measured(ground), "sensors are back")
    assert flight.end(signal.SIGTERM) == 0
    said = flight.said()
    for loss in ("mobility.wheels_lost", "mobility.imu_lost", "power.switches_lost", "comms.radio_fault"):
        assert loss in said


def _measured(ground: Ground) -> bool:
    """Whether both voltage and temperatures are in housekeeping again."""
    power, thermal = ground.of("power.hk"), ground.of("thermal.hk")
    if not power or not thermal:
        return False
    return power[-1].fields["bus_voltage_v"] is not None and thermal[-1].fields["sensors_lost"] == 0
