"""Wire depth against device depth: the same mission, the same verdict; and what chips do when flight stops."""

from __future__ import annotations

import msgspec
import pytest

from hal.api.values import ResetCause
from sil.run import conclude
from sil.scenario import ExpectSection
from sim_hal.buses.reply_faults import silence
from sim_hal.emulators.pca9685 import Pca9685Chip
from sim_hal.switches import Bank
from tests.sil.scenarios.flown import failures, fly
from tests.sil.wire_flights import WireFlight, command, drive, straight

ARRIVES = (
    ExpectSection(command="go"),
    ExpectSection(value="world.distance_m", min=1.95, max=2.05, at_end=True),
    ExpectSection(final_mode="DRIVE"),
    ExpectSection(event="health.device_failing", absent=True),
)
CUT_S = 40.0
"""In the middle of the drive."""
CONTROLLER_S = 0.5
"""Serial timeout of the motor controllers, as the rover file sets it."""


def test_hello_gets_the_same_answers_at_both_depths() -> None:
    """Ping and housekeeping."""
    for depth in ("device", "wire"):
        _, result = fly("hello", depth=depth)
        assert failures(result) == []
        assert result.overruns == 0


def test_a_drive_is_the_same_drive_at_both_depths() -> None:
    """Verdict, way and the order of what mobility reports."""
    flights = [WireFlight(drive(depth, expect=ARRIVES)).fly() for depth in ("device", "wire")]
    results = [conclude(flight.mission, 1.0, None) for flight in flights]
    assert [failures(result) for result in results] == [[], []]
    assert results[1].distance_m == pytest.approx(results[0].distance_m, rel=0.02)
    told = [[event for event in flight.names() if event.startswith("mobility.")] for flight in flights]
    assert told[0] == told[1] == ["mobility.motion_started", "mobility.motion_ended"]
    for flight in flights:
        assert flight.witness.lies == []
        assert set(flight.witness.read) == {"imu", "power_monitor", "array", "temperatures", "wheels", "steering"}


def test_two_runs_at_wire_depth_send_the_same_bytes() -> None:
    """Bus time, noise and back-off are all simulated; another seed sends others."""
    digests = []
    for seed in (1, 1, 2):
        scenario = msgspec.structs.replace(drive(duration_s=60.0), seed=seed)
        digests.append(WireFlight(scenario).fly().mission.recorder.sha256)
    assert digests[0] == digests[1] != digests[2]


def cut_all_wires(flight: WireFlight) -> None:
    """Every I2C clock held down, every serial chip silent."""
    for wires in flight.bay.i2c.values():
        wires.stuck = True
    for line in flight.bay.serial.values():
        line.fault = silence


@pytest.mark.parametrize("at_s", [0.0, CUT_S])
def test_no_cycle_is_late_though_every_wire_fails_at_once(at_s: float) -> None:
    """From power-up, or in the middle of a drive: still ten cycles a second, no reading made up, no wheel turning."""
    flight = WireFlight(drive(to_m=4.0, duration_s=120.0))
    if at_s:
        flight.at(at_s, lambda: cut_all_wires(flight))
    else:
        cut_all_wires(flight)
    flight.fly()
    assert flight.mission.overruns == 0
    assert flight.worst_cycle_ms < 100.0
    assert flight.witness.lies == []
    assert flight.events("system.row_failed") == []
    assert flight.mission.mode_name == "SAFE"
    assert bool(flight.turning_s) is (at_s > 0.0)
    assert not flight.turned_between(at_s + 3.0, 120.0)


# When flight stops: what stops with it, what chips keep, and that the next life flies on.


def cut_short() -> WireFlight:
    """A drive that is broken off at `CUT_S`, and half a metre more after a minute."""
    more = (
        command(CUT_S + 50.0, "system.set_mode", mode="IDLE"),
        command(CUT_S + 52.0, "system.ping", "ping"),
        *straight(CUT_S + 55.0, 0.5, "again"),
    )
    return WireFlight(drive("wire", *more, to_m=3.0, duration_s=CUT_S + 90.0))


def flies_on(flight: WireFlight, lives: int = 2) -> None:
    """The next life answers, drives and sees the truth."""
    assert flight.mission.flights == lives
    assert flight.completed("ping")
    assert flight.completed("again")
    assert flight.mission.overruns == 0
    assert flight.witness.lies == []
    assert flight.mission.mode_name == "DRIVE"


def pulses(flight: WireFlight) -> list[float | None]:
    """What the servo chip sends now."""
    chip = flight.bay.i2c["body"].chips[0x40]
    assert isinstance(chip, Pca9685Chip)
    return [chip.pulse_us(channel, flight.mission.clock.now_ns()) for channel in range(4)]


def switched_on(flight: WireFlight, bank: Bank) -> set[str]:
    """The names of what is on now."""
    return {name for name in bank.names if bank.on(name, flight.mission.clock.now_ns())}


SAFELY_ON = {"radio_relay", "radio_local", "charge"}
"""What has a pull-up: a rover whose computer died must still be commandable and must still charge."""


def test_a_power_cut_floats_the_lines_and_the_next_boot_drives_on() -> None:
    """Pull resistors decide; servos go limp, nothing turns, no heater heats."""
    flight, world = (cut := cut_short()), cut.simulation.world
    seen: list[object] = []

    def look() -> None:
        seen.extend((switched_on(flight, world.loads), switched_on(flight, world.heaters)))
        seen.extend((pulses(flight), world.wheels_turning))

    flight.at(CUT_S, lambda: flight.simulation.power_cut(3.0))
    flight.at(CUT_S + 0.2, look)
    flight.fly()
    assert seen == [SAFELY_ON, set(), [None] * 4, False]
    flies_on(flight)


def test_a_hung_computer_s_wheels_stop_by_the_controllers_own_timeout() -> None:
    """Nobody speaks to them; the lines still feed them, so nothing else stops them.  Then the watchdog bites."""
    flight, world = (cut := cut_short()), cut.simulation.world
    told: list[float] = []
    """When a wheel was still told to turn."""

    def look() -> None:
        assert "motors" in switched_on(flight, world.loads)
        if any(world.wheel_command.at(flight.mission.clock.now_ns()) or ()):
            told.append(flight.mission.elapsed_s)

    flight.at(CUT_S, flight.simulation.hang)
    for hundredth in range(1, 300):
        flight.at(CUT_S + hundredth / 100, look)
    turning: list[bool] = []
    flight.at(CUT_S + CONTROLLER_S + 1.0, lambda: turning.append(world.wheels_turning))
    flight.fly()
    assert told[0] == pytest.approx(CUT_S + 0.01)
    assert CONTROLLER_S - 0.1 < max(told) - CUT_S <= CONTROLLER_S
    assert turning == [False]
    assert flight.details("system.boot")[1]["reset_cause"].name == "WATCHDOG"
    flies_on(flight)


def test_the_guard_ends_every_hold_of_a_computer_that_hangs_for_good() -> None:
    """No watchdog, no flight: loads are at their safe values within the board's longest hold, heaters likewise."""
    flight = WireFlight(drive(duration_s=200.0, cold=True))
    world = flight.simulation.world
    seen: list[set[str]] = []

    def look() -> None:
        seen.append(switched_on(flight, world.loads) | switched_on(flight, world.heaters))

    def hang() -> None:
        look()
        flight.simulation.end_watch()
        flight.simulation.hang()

    flight.at(CUT_S, hang)
    flight.at(CUT_S + 122.0, look)
    flight.fly()
    assert seen[0] > {"imu", "battery"}
    assert seen[1] == SAFELY_ON


def test_a_reset_of_the_computer_leaves_the_sensors_converting() -> None:
    """Chips that hang on no load keep what they were told: the first cycle after it has temperatures."""
    flight = cut_short()
    flight.at(CUT_S, lambda: flight.simulation.stop(ResetCause.WATCHDOG))
    flight.fly()
    began_s = flight.events("system.boot")[1]
    assert min(flight.witness.failed["temperatures"]) < 1.0
    assert not [time_s for time_s in flight.witness.failed["temperatures"] if began_s <= time_s]
    assert [time_s for time_s in flight.witness.failed["imu"] if began_s <= time_s]  # its load was off meanwhile
    flies_on(flight)


def test_a_night_at_wire_depth_ends_by_a_call_and_the_rover_drives_on() -> None:
    """HIBERNATE floats all lines; bytes from the ground in a receive window boot it, and everything works again."""
    calls = tuple(command(float(at_s), "system.ping") for at_s in range(590, 740, 15))
    more = (
        command(CUT_S, "system.set_mode", mode="IDLE"),
        command(CUT_S + 4.0, "system.set_mode", mode="HIBERNATE"),
        *calls,
        command(800.0, "system.set_mode", mode="IDLE"),
        command(804.0, "system.ping", "ping"),
        *straight(806.0, 0.5, "again"),
    )
    flight = WireFlight(drive("wire", *more, to_m=0.3, duration_s=850.0, night=True))
    seen: list[object] = []
    world = flight.simulation.world
    flight.at(300.0, lambda: seen.extend((flight.mission.mode_name, switched_on(flight, world.loads))))
    flight.at(300.0, lambda: seen.extend((switched_on(flight, world.heaters), pulses(flight))))
    flight.fly()
    assert seen == ["OFF", SAFELY_ON, set(), [None] * 4]
    assert flight.details("system.boot")[1]["reset_cause"].name == "WAKE_UPLINK"
    flies_on(flight)
