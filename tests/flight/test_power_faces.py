"""Array faces: a failed face is told from a setting Sun, a turning rover and a full battery."""

from __future__ import annotations

import pytest

from hal.api.errors import DeviceTimeout
from telemetry_defs.areas import power as area
from telemetry_defs.areas.power import ArrayFace
from tests.flight.power_bench import PowerBench


@pytest.mark.parametrize("others_w", [0.0, 50.0])
def test_a_face_that_falls_silent_at_once_is_lost(others_w: float) -> None:
    """With and without another lit face as witness; and it may come back."""
    bench = PowerBench()
    bench.array.power_w |= {"left": 60.0, "rear": others_w}
    bench.run(60)
    bench.array.lost.append("left")
    bench.run(20)

    report = bench.events.of(area.FACE_LOST)
    assert len(report) == 1
    assert isinstance(report[0], area.FaceReport)
    assert report[0].face is ArrayFace.LEFT
    assert report[0].before_w == pytest.approx(60.0, abs=2.0)
    assert bench.power.housekeeping().faces_lost == 1
    bench.array.lost.clear()
    bench.run(20)
    assert bench.events.count(area.FACE_BACK) == 1
    assert bench.power.housekeeping().faces_lost == 0


def test_an_open_string_that_keeps_its_voltage_is_lost_too() -> None:
    """Voltage without current while another face delivers as before."""
    bench = PowerBench()
    bench.array.power_w |= {"left": 60.0, "rear": 60.0}
    bench.run(60)
    bench.array.power_w["left"] = 0.01
    bench.run(20)

    assert bench.events.count(area.FACE_LOST) == 1


def test_sunset_is_no_failure() -> None:
    """The disc takes an hour to set."""
    bench = PowerBench()
    for minute in range(70):
        bench.array.power_w["left"] = max(0.0, 80.0 * (1.0 - minute / 60.0))
        bench.run(60)

    assert bench.events.count(area.FACE_LOST) == 0


def test_a_full_battery_draws_less_from_all_faces_and_none_is_lost() -> None:
    """Lit faces hold their voltage."""
    bench = PowerBench()
    bench.array.power_w |= {"left": 60.0, "rear": 60.0}
    bench.run(60)
    bench.array.drawn = 0.05
    bench.run(600)

    assert bench.events.count(area.FACE_LOST) == 0


@pytest.mark.parametrize("moving", [True, None])
def test_nothing_is_judged_while_the_rover_may_move(moving: bool | None) -> None:
    """A turning rover takes its faces out of the Sun itself; silence of mobility counts as moving."""
    bench = PowerBench()
    bench.moving = moving
    bench.array.power_w["left"] = 60.0
    bench.run(60)
    bench.array.power_w |= {"left": 0.0, "rear": 60.0}
    bench.run(60)

    assert bench.events.count(area.FACE_LOST) == 0


def test_a_face_without_answer_is_left_out_of_the_sum() -> None:
    """None in housekeeping, the others counted; all silent is None, not zero."""
    bench = PowerBench()
    bench.array.power_w |= {"left": None, "right": 10.0, "rear": 20.0}
    bench.run(2)
    assert bench.board.power is not None
    assert bench.board.power.array_w == pytest.approx(30.0)
    assert bench.power.housekeeping().faces_w[0] is None

    bench.array.power_w |= {"right": None, "rear": None}
    bench.run(2)
    assert bench.board.power.array_w is None


def test_a_dead_array_monitor_is_reported_on_the_edge() -> None:
    """Unknown power, one event each way."""
    bench = PowerBench()
    bench.array.power_w["left"] = 60.0
    bench.run(5)
    bench.array.error = DeviceTimeout("array")
    bench.run(100)
    assert bench.board.power is not None
    assert bench.board.power.array_w is None
    bench.array.error = None
    bench.run(40)

    assert bench.board.power.array_w == pytest.approx(60.0)
    assert bench.events.names() == ["power.array_monitor_lost", "power.array_monitor_back"]


def test_clear_faults_judges_anew() -> None:
    """Ground knows that the face is not lost."""
    bench = PowerBench()
    bench.array.power_w["left"] = 60.0
    bench.run(60)
    bench.array.lost.append("left")
    bench.run(20)
    assert bench.send(area.CLEAR_FAULTS).completed

    assert bench.power.housekeeping().faces_lost == 0
    bench.run(60)
    assert bench.events.count(area.FACE_LOST) == 1
