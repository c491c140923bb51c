"""The mode table, its machine, its guards, and what the rover does about its mode by itself."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from flight.blackboard import CommsState, InstrumentsState, MobilityState, PowerState, ThermalState
from flight.context import Accepted, Refused
from flight.modes.boot import mode_after_boot
from flight.modes.guards import ModeFlags
from flight.modes.machine import ModeMachine
from flight.modes.supervisor import LISTEN_NS, ModeSupervisor
from flight.modes.table import MODES, RESUMED
from flight.rover_file import load_rover
from hal.api.clock import NS_PER_S
from hal.api.errors import NotReady
from hal.api.values import EgressStatus, ResetCause
from telemetry_defs.areas import system
from telemetry_defs.definitions import FailureCode, Mode
from tests.fakes.context import Bench
from tests.flight.monitor_bench import MonitorBench


class Lander:
    """A hold-down that can be asked."""

    def __init__(self, released: bool = False) -> None:
        self.released = released
        self.broken = False

    def release(self) -> None:
        self.released = True

    def status(self) -> EgressStatus:
        if self.broken:
            raise NotReady("egress")
        return EgressStatus(time_ns=0, released=self.released, lander_power=not self.released)


ROVER = load_rover("south_pole")


class ModeBench:
    """Machine, shipped monitors and supervisor over a healthy rover; tests then spoil one thing."""

    def __init__(self, mode: Mode = Mode.IDLE, boot_mode: Mode = Mode.IDLE, egress: Lander | None = None) -> None:
        self.bench = Bench()
        self.flags = ModeFlags(can_hibernate=True, boot_loop=False)
        self.machine = ModeMachine(
            board=self.bench.board,
            parameters=self.bench.parameters,
            clock=self.bench.clock,
            events=self.bench.events,
            flags=self.flags,
        )
        self.supervisor = ModeSupervisor(
            machine=self.machine,
            board=self.bench.board,
            parameters=self.bench.parameters,
            boot_mode=boot_mode,
            egress=egress,
        )
        self.monitors = MonitorBench(*ROVER.monitor, actions=ROVER.action, modes=self.machine)
        self.values: dict[str, dict[str, object]] = {
            "power": {},
            "thermal": {},
            "comms": {},
            "mobility": {},
            "instruments": {},
        }
        self.publish()
        if mode is not Mode.INIT:
            self.put(mode)

    def put(self, mode: Mode) -> None:
        """Reach a mode directly, as tests may."""
        self.machine._model.state = mode
        self.machine.entered_ns = self.bench.clock.now_ns()

    def publish(self, **changes: dict[str, object]) -> None:
        """Fresh snapshots of a healthy rover, with what the test changes."""
        for owner, fields in changes.items():
            self.values[owner].update(fields)
        now_ns = self.bench.clock.now_ns()
        board = self.bench.board
        healthy = {
            "power": PowerState(
                time_ns=now_ns, soc=0.8, bus_voltage_v=27.0, battery_current_a=0.0, array_w=60.0, shed_level=0,
                charge_inhibited=False,
            ),
            "thermal": ThermalState(
                time_ns=now_ns, web_c=10.0, battery_c=10.0, motors_c=(0.0,) * 6, instruments_c=5.0, motors_warm=True,
                too_hot=False, too_cold=False, heater_w=0.0,
            ),
            "comms": CommsState(
                time_ns=now_ns, relay_locked=True, local_locked=False, last_telecommand_ns=None, downlink_radio="relay",
                downlink_rate_bit_s=700.0,
            ),
            "mobility": MobilityState(
                time_ns=now_ns, moving=False, motion_ended_ns=None, x_m=0.0, y_m=0.0, yaw_rad=0.0, pitch_rad=0.0,
                roll_rad=0.0, tilt_rad=0.0, embedded=False,
            ),
            "instruments": InstrumentsState(time_ns=now_ns, acquiring=False, acquisition_ended_ns=None),
        }  # fmt: skip
        for owner, snapshot in healthy.items():
            setattr(board, owner, msgspec.structs.replace(snapshot, **self.values[owner]))

    def run(self, duration_s: float) -> None:
        """Tick at 1 Hz with fresh snapshots."""
        for now_ns in self.bench.every(1.0, duration_s):
            self.publish()
            self.tick(now_ns)

    def tick(self, now_ns: int) -> None:
        """Both rows, on the snapshots that are on the board."""
        power, thermal = self.bench.board.power, self.bench.board.thermal
        self.monitors.values["power.hk"] = {"soc": power.soc} if power is not None and power.time_ns == now_ns else None
        self.monitors.values["thermal.hk"] = (
            None if thermal is None else {"too_hot": thermal.too_hot, "too_cold": thermal.too_cold}
        )
        self.monitors.monitoring.tick(now_ns)
        self.supervisor.tick(now_ns)


def test_the_table_is_complete_and_safe_is_reachable_from_everywhere() -> None:
    """Thirteen modes; every fallback is a legal step; SAFE follows every mode without a guard."""
    assert set(MODES) == set(Mode)
    assert len(Mode) == 13
    assert MODES[Mode.SAFE].guards == ()
    for mode, spec in MODES.items():
        assert spec.fallback is None or spec.fallback in spec.next
        assert mode is Mode.SAFE or Mode.SAFE in spec.next


@pytest.mark.parametrize("source", list(Mode))
@pytest.mark.parametrize("target", list(Mode))
def test_every_pair_is_granted_as_the_table_says(source: Mode, target: Mode) -> None:
    """With a healthy rover the table alone decides; STOWED is for a rover on its lander."""
    stand = ModeBench(source)
    stand.flags.released = target is not Mode.STOWED

    answer = stand.machine.request(target)

    legal = target in MODES[source].next or target is source
    assert isinstance(answer, Accepted if legal else Refused)
    assert stand.machine.mode is (target if legal else source)


SPOILED: dict[str, tuple[Mode, dict[str, dict[str, object]]]] = {
    "soc not above gate": (Mode.DRIVE, {"power": {"soc": 0.60}}),
    "soc unknown": (Mode.DRIVE, {"power": {"soc": None}}),
    "tilted": (Mode.DRIVE, {"mobility": {"tilt_rad": math.radians(20.0)}}),
    "tilt unknown": (Mode.DRIVE, {"mobility": {"tilt_rad": None}}),
    "embedded": (Mode.DRIVE, {"mobility": {"embedded": True}}),
    "no link": (Mode.DRIVE, {"comms": {"relay_locked": False}}),
    "too hot": (Mode.DRIVE, {"thermal": {"too_hot": True}}),
    "temperature unknown": (Mode.DRIVE, {"thermal": {"web_c": None}}),
    "science on an empty battery": (Mode.SCIENCE, {"power": {"soc": 0.31}}),
    "comm without link": (Mode.COMM, {"comms": {"relay_locked": False}}),
}


@pytest.mark.parametrize("name", SPOILED)
def test_each_guard_refuses_with_its_reason(name: str) -> None:
    """One bad value closes the mode; the refusal is an event."""
    target, changes = SPOILED[name]
    stand = ModeBench()
    assert stand.machine.would_refuse(target) is None

    stand.publish(**changes)
    answer = stand.machine.request(target)

    assert isinstance(answer, Refused)
    assert answer.code is FailureCode.GUARD_REFUSED
    assert stand.machine.mode is Mode.IDLE
    assert stand.bench.events.count(system.MODE_REFUSED) == 1


@pytest.mark.parametrize("owner", ["power", "thermal", "comms", "mobility"])
def test_stale_or_missing_snapshots_close_drive(owner: str) -> None:
    """Old data is no data."""
    stand = ModeBench()
    setattr(stand.bench.board, owner, None)
    assert isinstance(stand.machine.request(Mode.DRIVE), Refused)

    old = ModeBench()
    snapshot = getattr(old.bench.board, owner)
    old.bench.clock.advance_s(11.0)
    old.publish()
    setattr(old.bench.board, owner, snapshot)
    assert isinstance(old.machine.request(Mode.DRIVE), Refused)


def test_a_board_without_controller_refuses_hibernate() -> None:
    """Nobody would switch flight on again."""
    stand = ModeBench(Mode.SAFE)
    stand.flags.can_hibernate = False

    answer = stand.machine.request(Mode.HIBERNATE)

    assert isinstance(answer, Refused)
    assert answer.reason == "no power controller"


@pytest.mark.parametrize(("start", "soc", "array_w", "current_a", "expected"), [
    (Mode.DRIVE, 0.49, 60.0, -1.0, Mode.CHARGE),
    (Mode.DRIVE, 0.51, 60.0, -1.0, Mode.DRIVE),
    (Mode.IDLE, 0.29, 60.0, 1.0, Mode.SAFE),
    (Mode.CHARGE, 0.29, 60.0, 1.0, Mode.SAFE),
    (Mode.STOWED, 0.29, 0.0, -0.4, Mode.SAFE),
    (Mode.SAFE, 0.19, 0.0, -0.5, Mode.HIBERNATE),
    (Mode.SAFE, 0.21, 0.0, -0.5, Mode.SAFE),
    (Mode.SAFE, 0.19, 60.0, 2.0, Mode.SAFE),
    (Mode.SAFE, 0.19, 13.0, -0.02, Mode.SAFE),
    (Mode.SAFE, 0.19, 10.0, -0.3, Mode.HIBERNATE),
    (Mode.CHARGE, 0.91, 60.0, 1.0, Mode.IDLE),
])  # fmt: skip
def test_the_charge_ladder(start: Mode, soc: float, array_w: float, current_a: float, expected: Mode) -> None:
    """Each rung at its threshold; an array that carries the loads keeps the rover from hibernating, also when a cold
    battery takes no charge, so that little is drawn from it."""
    stand = ModeBench(start)
    power: dict[str, object] = {"soc": soc, "array_w": array_w, "battery_current_a": current_a}
    stand.publish(power=power, mobility={"moving": start is Mode.DRIVE})

    stand.run(LISTEN_NS / NS_PER_S + 2.0)

    assert stand.machine.mode is expected


def test_safe_listens_before_it_hibernates() -> None:
    """Ground that called the rover awake has two minutes to say more."""
    stand = ModeBench(Mode.SAFE)
    stand.publish(power={"soc": 0.19, "array_w": 0.0, "battery_current_a": -0.5})
    stand.run(119.0)
    assert stand.machine.mode is Mode.SAFE

    stand.run(2.0)
    assert stand.machine.mode is Mode.HIBERNATE


@pytest.mark.parametrize(("soc", "current_a", "leaves"), [(0.19, -1.0, True), (0.19, 0.0, False), (0.21, -1.0, False)])
def test_wake_does_not_spend_an_empty_battery_on_warming_it(soc: float, current_a: float, leaves: bool) -> None:
    """Called awake in the night, cold and nearly empty: WAKE ends at once; with the array or enough charge it warms."""
    stand = ModeBench(Mode.WAKE)
    array_w = 25.0 if current_a == 0.0 else 0.0
    stand.publish(power={"soc": soc, "array_w": array_w, "battery_current_a": current_a}, thermal={"battery_c": -8.0})

    stand.run(10.0)

    assert (stand.machine.mode is Mode.SAFE) is leaves


def test_ground_may_hold_safe_down_to_the_floor_only() -> None:
    """Between 0.20 and 0.15 ground decides, below nobody does."""
    stand = ModeBench(Mode.SAFE)
    stand.flags.safe_held = True
    stand.publish(power={"soc": 0.16, "array_w": 0.0, "battery_current_a": -0.4})
    stand.run(600.0)
    assert stand.machine.mode is Mode.SAFE

    stand.publish(power={"soc": 0.149})
    stand.run(1.0)
    assert stand.machine.mode is Mode.HIBERNATE


def test_an_unknown_state_of_charge_leads_to_safe_but_never_to_hibernate() -> None:
    """Nor does a dead power row, whose snapshot grows old."""
    stand = ModeBench(Mode.IDLE)
    stand.publish(power={"soc": None, "array_w": None})
    stand.run(30.0)
    assert stand.machine.mode is Mode.SAFE

    dead = ModeBench(Mode.DRIVE)
    for now_ns in dead.bench.every(1.0, 20.0):
        power = dead.bench.board.power
        dead.publish(mobility={"moving": True})
        dead.bench.board.power = power
        dead.tick(now_ns)
    assert dead.machine.mode is Mode.SAFE


@pytest.mark.parametrize("mode", [Mode.DRIVE, Mode.SCIENCE])
def test_modes_of_activity_fall_back_to_idle_a_minute_after_it_ended(mode: Mode) -> None:
    """Not while it lasts, and not before its minute."""
    stand = ModeBench(mode)
    stand.publish(mobility={"moving": True}, instruments={"acquiring": True})
    stand.run(200.0)
    assert stand.machine.mode is mode

    ended_ns = stand.bench.clock.now_ns()
    stand.publish(
        mobility={"moving": False, "motion_ended_ns": ended_ns},
        instruments={"acquiring": False, "acquisition_ended_ns": ended_ns},
    )
    stand.run(59.0)
    assert stand.machine.mode is mode
    stand.run(1.0)
    assert stand.machine.mode is Mode.IDLE


def test_heat_and_cold_park_the_rover_until_they_are_over() -> None:
    """THERMAL_HOLD from the modes that make heat, back to IDLE by itself."""
    stand = ModeBench(Mode.DRIVE)
    stand.publish(thermal={"too_hot": True}, mobility={"moving": True})
    stand.run(1.0)
    assert stand.machine.mode is Mode.THERMAL_HOLD

    stand.publish(thermal={"too_hot": False})
    stand.run(1.0)
    assert stand.machine.mode is Mode.IDLE


def test_comm_ends_when_the_link_stays_away() -> None:
    """Two minutes without lock."""
    stand = ModeBench(Mode.COMM)
    stand.run(300.0)
    assert stand.machine.mode is Mode.COMM

    stand.publish(comms={"relay_locked": False})
    stand.run(121.0)
    assert stand.machine.mode is Mode.IDLE


def test_wake_ends_in_safe_when_the_cells_are_warm_or_time_is_up() -> None:
    """Above 0 C at once; frozen for ever after the limit."""
    stand = ModeBench(Mode.INIT, boot_mode=Mode.WAKE)
    stand.publish(thermal={"battery_c": -20.0})
    stand.run(100.0)
    assert stand.machine.mode is Mode.WAKE
    stand.publish(thermal={"battery_c": 0.5})
    stand.run(4.0)
    assert stand.machine.mode is Mode.SAFE

    frozen = ModeBench(Mode.WAKE)
    frozen.publish(thermal={"battery_c": -20.0})
    frozen.run(28_801.0)
    assert frozen.machine.mode is Mode.SAFE


def test_init_is_over_within_five_seconds_even_if_nothing_answers() -> None:
    """A rover that knows nothing of itself comes up in SAFE."""
    stand = ModeBench(Mode.INIT, boot_mode=Mode.IDLE)
    board = stand.bench.board
    board.power = board.thermal = board.comms = board.mobility = None

    for now_ns in stand.bench.every(1.0, 5.0):
        stand.tick(now_ns)

    assert stand.machine.mode is Mode.SAFE


@pytest.mark.parametrize("cause", list(ResetCause))
@pytest.mark.parametrize("last", [None, *Mode])
def test_boot_resumes_five_modes_and_nothing_else(cause: ResetCause, last: Mode | None) -> None:
    """Every reset cause against every last mode."""
    mode = mode_after_boot(cause, last, minimal=False)

    woken = last is Mode.HIBERNATE or cause.name.startswith("WAKE") or cause is ResetCause.DEAD_BUS
    assert mode is (Mode.WAKE if woken else last if last in RESUMED else Mode.SAFE)
    assert mode_after_boot(cause, last, minimal=True) is Mode.SAFE


def test_idle_needs_the_hold_down_released_and_no_boot_loop() -> None:
    """A rover bolted to its lander has no business in IDLE; after a boot loop ground looks first."""
    lander = Lander()
    stand = ModeBench(Mode.SERVICE, egress=lander)
    stand.flags.released = False
    stand.run(1.0)
    assert isinstance(stand.machine.request(Mode.IDLE), Refused)
    lander.broken = True
    stand.run(1.0)
    assert isinstance(stand.machine.request(Mode.IDLE), Refused)
    lander.broken, lander.released = False, True
    stand.run(1.0)
    assert isinstance(stand.machine.request(Mode.IDLE), Accepted)

    assert isinstance(ModeBench(Mode.SERVICE).machine.request(Mode.STOWED), Refused)

    looped = ModeBench(Mode.SAFE)
    looped.flags.boot_loop = True
    for target in (Mode.IDLE, Mode.CHARGE, Mode.SERVICE, Mode.STOWED):
        assert isinstance(looped.machine.request(target), Refused)


class ModesUnderAnything(RuleBasedStateMachine):
    """Whatever is asked for and whatever the rover measures, the ladder's promises hold."""

    def __init__(self) -> None:
        super().__init__()
        self.stand = ModeBench(Mode.IDLE)

    @rule(mode=st.sampled_from(list(Mode)))
    def request(self, mode: Mode) -> None:
        before = self.stand.machine.mode
        answer = self.stand.machine.request(mode)
        assert (self.stand.machine.mode is mode) is isinstance(answer, Accepted)
        assert isinstance(answer, Accepted) or self.stand.machine.mode is before

    @rule(
        soc=st.one_of(st.none(), st.floats(0.0, 1.0)),
        tilt=st.one_of(st.none(), st.floats(0.0, 1.0)),
        locked=st.booleans(),
        hot=st.booleans(),
    )
    def measure(self, soc: float | None, tilt: float | None, locked: bool, hot: bool) -> None:
        self.stand.publish(
            power={"soc": soc}, mobility={"tilt_rad": tilt}, comms={"relay_locked": locked}, thermal={"too_hot": hot}
        )

    @rule(duration_s=st.integers(1, 90))
    def wait(self, duration_s: int) -> None:
        self.stand.run(float(duration_s))
        power = self.stand.bench.board.power
        assert power is not None
        mode = self.stand.machine.mode
        if power.soc is None or power.soc < 0.30:
            assert mode in (Mode.SAFE, Mode.HIBERNATE, Mode.INIT, Mode.WAKE)

    @invariant()
    def safe_is_one_request_away(self) -> None:
        assert self.stand.machine.would_refuse(Mode.SAFE) is None


TestModesUnderAnything = ModesUnderAnything.TestCase
TestModesUnderAnything.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
