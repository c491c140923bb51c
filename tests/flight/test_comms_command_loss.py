"""The command-loss timer: stages in order, over restarts, and no restart loop."""

from __future__ import annotations

from hypothesis import given, strategies as st

from flight.link.command_loss import CommandLossTimer
from hal.api.clock import NS_PER_S, seconds
from telemetry_defs.areas import comms as area
from telemetry_defs.areas.comms import RadioChoice
from telemetry_defs.definitions import FailureCode, Mode
from tests.flight.test_comms import Rig


def _short(rig: Rig) -> None:
    """12, 24 and 72 minutes, as the lost-link scenario has them."""
    for parameter, minutes in (
        (area.COMMAND_LOSS_1_S, 12),
        (area.COMMAND_LOSS_2_S, 24),
        (area.COMMAND_LOSS_3_S, 72),
    ):
        rig.bench.parameters.set(parameter, minutes * 60.0)


def _levels(rig: Rig) -> list[int]:
    return [event.level for event in rig.bench.events.of(area.COMMAND_LOSS)]  # type: ignore[union-attr]  # of that type


def test_limits_are_protected() -> None:
    """The three limits need arming, and none may be under a minute."""
    for parameter in (area.COMMAND_LOSS_1_S, area.COMMAND_LOSS_2_S, area.COMMAND_LOSS_3_S):
        assert parameter.hazardous
        assert parameter.low == 60.0
    defaults = (area.COMMAND_LOSS_1_S.default, area.COMMAND_LOSS_2_S.default, area.COMMAND_LOSS_3_S.default)
    assert defaults == (12 * 3600.0, 24 * 3600.0, 72 * 3600.0)


def test_first_stage_beacons_on_both_and_undoes_ground() -> None:
    """After 12 minutes the radios are the rover's own again and both beacon."""
    rig = Rig()
    _short(rig)
    rig.command("comms.select_radio", area.SelectRadio(radio=RadioChoice.RELAY))
    rig.run(12 * 60 - 1)
    assert not rig.local.sent
    rig.run(2)
    assert _levels(rig) == [1]
    assert rig.local.sent
    assert rig.comms.housekeeping().choice is RadioChoice.AUTO


def test_second_stage_requests_safe_until_granted() -> None:
    """After 24 minutes SAFE is requested; a refusal is asked again a minute later."""
    rig = Rig()
    _short(rig)
    rig.bench.modes.refuse_with(Mode.SAFE, FailureCode.GUARD_REFUSED)
    rig.run(24 * 60 + 1)
    assert rig.bench.modes.requested == [Mode.SAFE]
    rig.bench.modes.refuse.clear()
    rig.run(61)
    assert rig.bench.modes.requested == [Mode.SAFE, Mode.SAFE]
    rig.run(120)
    assert rig.bench.modes.requested == [Mode.SAFE, Mode.SAFE]


def test_third_stage_restarts_once_and_counts_anew() -> None:
    """After 72 minutes one restart is requested, and the age that is saved for the next boot starts at zero."""
    rig = Rig()
    _short(rig)
    rig.run(72 * 60 + 2)
    assert _levels(rig) == [1, 2, 3]
    assert rig.ground.restarts == 1
    assert rig.comms.command_loss_age_s < 10.0


def test_no_restart_loop() -> None:
    """A boot that restores an age beyond the last stage does not restart before the guard time has run."""
    rig = Rig()
    _short(rig)
    rig.comms.restore(100 * 3600.0)
    rig.run(599)
    assert rig.ground.restarts == 0
    assert _levels(rig) == [1, 2, 3]
    rig.run(5)
    assert rig.ground.restarts == 1


def test_timer_goes_on_over_a_reboot() -> None:
    """The saved age counts: 12 minutes are over 2 minutes after a reboot at 10."""
    rig = Rig()
    _short(rig)
    rig.run(600)
    age_s = rig.comms.command_loss_age_s
    rig.boot()
    rig.comms.restore(age_s)
    rig.run(119)
    assert _levels(rig) == []
    rig.run(3)
    assert _levels(rig) == [1]


def test_telecommand_stops_the_timer() -> None:
    """Any accepted telecommand starts the count anew and says so if a stage had passed."""
    rig = Rig()
    _short(rig)
    for _ in range(10):
        rig.run(11 * 60)
        rig.comms.telecommand_accepted(rig.clock.now_ns(), "local")
    assert _levels(rig) == []
    assert rig.bench.events.count(area.COMMANDS_AGAIN) == 0
    rig.run(13 * 60)
    rig.comms.telecommand_accepted(rig.clock.now_ns(), "relay")
    assert rig.bench.events.count(area.COMMANDS_AGAIN) == 1
    assert rig.bench.board.comms is not None
    rig.run(1)
    assert rig.bench.board.comms.last_telecommand_ns == rig.clock.now_ns() - NS_PER_S


@given(
    limits=st.tuples(*(st.floats(60.0, 1000.0) for _ in range(3))),
    steps=st.lists(st.tuples(st.floats(0.1, 500.0), st.booleans()), max_size=20),
)
def test_stages_come_in_order_and_once(limits: tuple[float, float, float], steps: list[tuple[float, bool]]) -> None:
    """Whatever the limits, between two telecommands each stage is passed at most once and never out of order."""
    timer = CommandLossTimer(0)
    now_ns = 0
    passed: list[int] = []
    for step_s, heard in steps:
        now_ns += seconds(step_s)
        if heard:
            timer.reset(now_ns)
            passed = []
        passed.extend(timer.update(now_ns, limits))
        assert passed == list(range(1, len(passed) + 1))
        age_s = timer.age_s(now_ns)
        assert timer.level >= sum(1 for limit in limits if age_s >= limit) or age_s >= max(limits[: timer.level])


@given(st.floats())
def test_nonsense_age_counts_as_zero(age_s: float) -> None:
    """An image with a damaged age cannot make the timer negative or absurd."""
    timer = CommandLossTimer(0)
    timer.restore(0, age_s)
    assert 0.0 <= timer.age_s(0) < 1e8
