"""`rahi checkout` against real flight software on emulated chips: what it finds, writes, refuses and puts back."""

from __future__ import annotations

import json
import math
from pathlib import Path

import msgspec
import pytest

from flight.rover_file import RoverFile, load_rover
from hal.api.wiring import Hardware, LineWiring
from sil.checkout.correction import write_findings
from sil.checkout.line import Line
from sil.checkout.operator import Assent
from sil.checkout.record import Outcome, Record
from sil.checkout.report import table_of, verdict, write_report
from sil.checkout.run import STEPS, run_checkout
from telemetry_defs.areas.power import LoadName
from tests.sil.checkout_rover import CheckoutRover, Onlooker, believed, check_out, miswired

ALL = tuple(STEPS)
OFF_US = {"front_left": 40.0, "rear_right": -30.0}
SWAPPED = ("front_right", "rear_left")
MIRRORED = ("rear_right", "front_right")


def wired_wrong() -> Hardware:
    return miswired(believed().hardware, off_us=OFF_US, swapped=SWAPPED, mirrored=MIRRORED)


def outcomes(record: Record, step: str) -> dict[str, Outcome]:
    return {row.item: row.outcome for row in record.rows if row.step == step}


def is_quiet(rover: CheckoutRover) -> bool:
    """No motor has power, nothing turns."""
    rover.run_s(3.0)
    world = rover.simulation.world
    return not world.loads.held["motors"].at(rover.now_ns()) and not any(world.drive.speed_rad_s)


def drifted(truth: Hardware, rover_file: RoverFile) -> tuple[float, float]:
    """Where a metre straight ahead ends: forward m, turned rad."""
    rover = CheckoutRover(truth, rover_file)
    assert rover.command("system.set_mode", mode="IDLE")
    rover.command("mobility.arc", curvature_1_m=0.0, distance_m=1.0, speed_m_s=0.05, timeout_s=60.0)
    motion = rover.simulation.world.motion
    return motion.x_m, motion.yaw_rad


def test_a_rover_that_is_wired_as_its_file_says_passes_every_step() -> None:
    """And is left as it was found, with the motors off."""
    rover = CheckoutRover(believed().hardware, believed())
    before = rover.mode
    record = check_out(rover, Onlooker(rover), *ALL)

    assert {row.outcome for row in record.rows} == {Outcome.PASSED, Outcome.UNTRIED}
    assert [row.item for row in record.rows if row.outcome is Outcome.UNTRIED] == ["heaters"]
    assert [len(outcomes(record, step)) for step in ("wheels", "steering")] == [6, 4]
    assert record.passed
    assert not record.findings
    assert rover.mode == before == "SAFE"
    assert is_quiet(rover)
    assert rover.flight.executive.slots_missed == 0


def test_swapped_motors_and_servos_off_centre_or_mirrored_are_found_written_and_then_it_drives_straight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The truth is that of the emulators; flight has read the file that is wrong, and then the one that was written."""
    truth, rover_file = wired_wrong(), believed()
    rover = CheckoutRover(truth, rover_file)
    record = check_out(rover, Onlooker(rover), "wheels", "steering")
    assert set(record.findings.turned_round) == set(SWAPPED)
    assert set(record.findings.mirrored) == set(MIRRORED)
    assert truth.steering is not None
    assert record.findings.centre_us == {
        name: pytest.approx(truth.steering.corners[name].centre_us, abs=4.0) for name in OFF_US
    }

    monkeypatch.chdir(tmp_path)
    written = load_rover(str(write_findings("desk", rover_file, record.findings)))

    astray_m, _ = drifted(truth, rover_file)
    ahead_m, turned_rad = drifted(truth, written)
    assert ahead_m == pytest.approx(1.0, abs=0.05)
    assert abs(turned_rad) < math.radians(2.0)
    assert astray_m < 0.9
    again = CheckoutRover(truth, written)
    second = Record(rover="x", steps=("wheels", "steering"), began_utc="")
    run_checkout(again, Onlooker(again), written, second)
    assert {row.outcome for row in second.rows} == {Outcome.PASSED}


def test_nothing_moves_or_heats_without_a_yes() -> None:
    """Each question declined is a row of its own, and the check-out has not passed."""
    rover = CheckoutRover(believed().hardware, believed())
    angles = tuple(rover.simulation.world.drive.angle_rad), tuple(rover.simulation.world.steering.angle_rad)
    operator = Onlooker(rover, refused=("",))
    powered: list[bool] = []
    rover.before_cycle = lambda: powered.append(rover.simulation.world.loads.held["motors"].at(rover.now_ns()))
    record = check_out(rover, operator, *ALL)

    assert (tuple(rover.simulation.world.drive.angle_rad), tuple(rover.simulation.world.steering.angle_rad)) == angles
    assert not any(powered)
    assert set(outcomes(record, "wheels").values()) == {Outcome.DECLINED}
    assert outcomes(record, "devices")["wheels"] is Outcome.UNTRIED
    assert outcomes(record, "devices")["imu"] is Outcome.PASSED
    assert not record.passed


def test_wired_heaters_are_switched_one_at_a_time() -> None:
    rover_file = believed()
    heaters, loads = rover_file.hardware.heaters, rover_file.hardware.loads
    assert heaters is not None
    assert loads is not None
    lines = heaters.lines | {"battery": LineWiring(line=5), "motor_rear_left": LineWiring(line=6, active_low=True)}
    wired = msgspec.structs.replace(heaters, bus=loads.bus, lines=lines)
    with_heaters = msgspec.structs.replace(
        rover_file, hardware=msgspec.structs.replace(rover_file.hardware, heaters=wired)
    )
    rover = CheckoutRover(with_heaters.hardware, with_heaters)
    seen: set[tuple[str, ...]] = set()

    def look() -> None:
        held = rover.simulation.world.heaters.held
        seen.add(tuple(name for name in held if held[name].at(rover.now_ns())))

    rover.before_cycle = look
    record = Record(rover="desk", steps=("heaters",), began_utc="")
    run_checkout(rover, Onlooker(rover), with_heaters, record)

    assert outcomes(record, "heaters") == {"battery": Outcome.PASSED, "motor_rear_left": Outcome.PASSED}
    assert seen == {(), ("battery",), ("motor_rear_left",)}


def test_a_dead_device_fails_and_the_others_are_still_asked() -> None:
    rover = CheckoutRover(believed().hardware, believed())
    bay = rover.simulation.bay
    assert bay is not None
    wires = next(iter(bay.i2c.values()))
    del wires.chips[0x40]
    del wires.chips[0x4B]
    rover.run_s(60.0)  # until flight has given up believing its last temperatures
    record = check_out(rover, Onlooker(rover), "devices")

    found = outcomes(record, "devices")
    assert [item for item, outcome in found.items() if outcome is Outcome.FAILED] == [
        "steering",
        "temperature readings",
    ]
    assert not record.passed
    assert is_quiet(rover)


def test_a_wheel_that_turns_by_its_encoder_only_fails_rather_than_being_written() -> None:
    """The operator sees it stand, the encoder counts: no sign in the file mends that."""

    class Contrary(Onlooker):
        def choose(self, question: str, answers: object) -> str:
            return "n"

    rover = CheckoutRover(believed().hardware, believed())
    record = check_out(rover, Contrary(rover), "wheels")
    assert set(outcomes(record, "wheels").values()) == {Outcome.FAILED}
    assert not record.findings


def test_a_corner_can_be_given_up_and_is_never_nudged_beyond_its_range() -> None:
    class Stubborn(Onlooker):
        count = 0

        def choose(self, question: str, answers: object) -> str:
            self.count += 1
            return "++" if self.count < 15 else "q"

    rover = CheckoutRover(believed().hardware, believed())
    operator = Stubborn(rover, refused=("front_right", "rear_left", "rear_right"))
    record = check_out(rover, operator, "steering")

    assert outcomes(record, "steering")["front_left"] is Outcome.FAILED
    assert any("another tooth" in text for text in operator.told)
    assert max(rover.simulation.world.steering.angle_rad) <= 0.51


def test_with_nobody_looking_nothing_is_asked_and_telemetry_decides() -> None:
    rover = CheckoutRover(wired_wrong(), believed())
    record = Record(rover="desk", steps=("wheels", "steering"), began_utc="")
    run_checkout(rover, Assent(), believed(), record)

    assert {row.outcome for row in record.rows} == {Outcome.PASSED}
    assert all("nobody looked" in row.detail for row in record.rows)
    assert not record.findings


@pytest.mark.parametrize("mode", ["SAFE", "SERVICE", "IDLE"])
def test_ctrl_c_while_a_wheel_turns_stops_it_and_puts_everything_back(mode: str) -> None:
    """STOP goes out at once; the wheel all but stands 0.6 s later; the mode is that from before."""
    rover = CheckoutRover(believed().hardware, believed())
    if mode != "SAFE":
        assert rover.command("system.set_mode", mode=mode)
    speeds: list[tuple[int, float]] = []

    def interrupt() -> None:
        speed = max(map(abs, rover.simulation.world.drive.speed_rad_s))
        if speeds or speed > 0.1:
            speeds.append((rover.now_ns(), speed))
        if len(speeds) == 1:
            raise KeyboardInterrupt

    rover.before_cycle = interrupt
    record = check_out(rover, Onlooker(rover), "wheels")
    rover.run_s(1.0)

    assert record.interrupted
    assert not record.passed
    late = [speed for t_ns, speed in speeds if t_ns > speeds[0][0] + 600_000_000]
    assert late
    assert max(late) < 0.02
    assert rover.mode == mode
    assert is_quiet(rover)
    assert [command.name for command in rover.station.commands].count("system.stop") == 1


def test_a_mode_that_does_not_lead_to_service_is_told_and_nothing_is_tried() -> None:
    rover = CheckoutRover(believed().hardware, believed())
    assert rover.command("system.set_mode", mode="IDLE")
    assert rover.command("system.set_mode", mode="DRIVE")
    record = check_out(rover, Onlooker(rover), *ALL)

    assert [(row.item, row.outcome) for row in record.rows] == [("SERVICE", Outcome.FAILED)]
    assert "DRIVE" in record.rows[0].detail
    assert rover.mode == "DRIVE"


@pytest.mark.parametrize("way", ["ending", "broken"])
def test_a_link_that_ends_is_a_failure_with_what_was_found_before(way: str) -> None:
    """Whether reading or sending tells of it first."""
    rover = CheckoutRover(believed().hardware, believed())

    class Puller(Onlooker):
        def confirm(self, question: str) -> bool:
            if "middle_left" in question:
                setattr(rover, way, "the cable is out")
            return super().confirm(question)

    record = check_out(rover, Puller(rover), "wheels")

    assert [row.item for row in record.rows] == ["front_left", "front_right", "link"]
    assert record.rows[-1].detail == "the cable is out"


def test_a_report_is_never_one_that_has_waited_while_a_person_thought() -> None:
    """Half a minute of telemetry lies in the link's buffer, in the newest of it the motors are still off."""
    rover = CheckoutRover(believed().hardware, believed())
    assert rover.command("system.set_mode", mode="SERVICE")
    line = Line(rover)
    assert line.report("power.hk") is not None
    rover.muted = True
    rover.run_s(21.0 + 10.0 - rover.now_ns() / 1e9 % 10.0)  # periodic reports come at whole tens of seconds
    rover.station.send_command("power.set_load", {"load": "MOTORS", "on": True}, rover.now_ns())
    rover.run_s(3.0)
    rover.muted = False

    report = line.report("power.hk")
    assert report is not None
    assert report["loads_on"] >> LoadName.MOTORS & 1


def test_the_report_has_every_row_twice(tmp_path: Path) -> None:
    """As JSON for programs and as a table for people; the terminal's table has as many lines."""
    rover = CheckoutRover(wired_wrong(), believed())
    record = check_out(rover, Onlooker(rover), "radio", "wheels")
    write_report(record, tmp_path)

    data = json.loads((tmp_path / "report.json").read_text())
    page = (tmp_path / "report.md").read_text()
    assert [row["item"] for row in data["rows"]] == [row.item for row in record.rows]
    assert data["passed"] is False
    assert set(data["findings"]["turned_round"]) == set(SWAPPED)
    assert all(f"| {row.item} | {row.outcome.value} |" in page for row in record.rows)
    assert "Not written to any file." in page
    assert table_of(record).row_count == len(record.rows)
    assert verdict(record).startswith("not passed (6 passed, 2 corrected")


def test_the_supply_stays_off_when_ground_has_forbidden_it_before() -> None:
    """`power.auto_load` at the end gives the line back to flight, which keeps it off in SERVICE."""
    rover = CheckoutRover(believed().hardware, believed())
    check_out(rover, Onlooker(rover), "motors")
    assert rover.command("system.report_hk", structure_id="power.hk")
    rover.run_s(1.0)
    report = rover.station.latest("power.hk")
    assert report is not None
    assert not report.fields["loads_on"] >> LoadName.MOTORS & 1
    assert not report.fields["loads_forbidden"] >> LoadName.MOTORS & 1
