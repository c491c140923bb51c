"""The power subsystem as a whole: loads, modes, commands, publishing."""

from __future__ import annotations

import msgspec
import pytest

from flight.energy.shedding import ALL
from flight.subsystems.power import MODE_TARGETS
from flight.subsystems.power_config import PowerConfig
from hal.api.config import ConfigError, decode_raw
from hal.api.errors import DeviceError, DeviceTimeout, NotReady
from telemetry_defs.areas import power as area
from telemetry_defs.areas.power import LoadName, PowerTarget
from telemetry_defs.codec import Codec
from telemetry_defs.definitions import FailureCode, Mode
from tests.flight.power_bench import PowerBench

SHEDDABLE = ("nav", "motors", "camera", "spectrometer", "dosimeter", "plasma")


def test_every_mode_has_a_target() -> None:
    """The table is complete; only modes that work have all loads."""
    assert set(MODE_TARGETS) == set(Mode)
    full = {mode for mode, target in MODE_TARGETS.items() if target is PowerTarget.FULL}

    assert full == {Mode.SERVICE, Mode.EGRESS, Mode.IDLE, Mode.DRIVE, Mode.SCIENCE, Mode.COMM}


def test_a_requested_load_is_switched_on_and_kept_on() -> None:
    """The request lasts for minutes though the switch's hold is one minute."""
    bench = PowerBench()
    bench.loads.request("camera", True)
    bench.run(2)
    assert bench.loads.is_on("camera")

    bench.run(300)

    assert bench.switches.really_on("camera")
    bench.loads.request("camera", False)
    bench.run(1)
    assert not bench.switches.really_on("camera")


def test_an_unknown_load_is_a_programming_error() -> None:
    """Nobody asks for what the rover does not have."""
    with pytest.raises(KeyError, match="toaster"):
        PowerBench().loads.request("toaster", True)


@pytest.mark.parametrize("mode", [mode for mode, target in MODE_TARGETS.items() if target is PowerTarget.ESSENTIAL])
def test_essential_modes_switch_off_all_that_can_be_shed(mode: Mode) -> None:
    """Receivers, inertial unit and charging stay."""
    bench = PowerBench()
    for name in (*SHEDDABLE, "imu"):
        bench.loads.request(name, True)
    bench.run(2)
    assert len(bench.switches.all_on()) == 10

    bench.mode(mode)
    bench.run(2)

    assert bench.switches.all_on() == ["imu", "radio_relay", "radio_local", "charge"]


def test_loads_are_shed_in_order_and_come_back_with_hysteresis() -> None:
    """Plasma and dosimeter first, motors last; each comes back only 0.05 above its threshold."""
    bench = PowerBench()
    for name in SHEDDABLE:
        bench.loads.request(name, True)
    seen = []
    for soc in (0.80, 0.44, 0.39, 0.34, 0.31):
        bench.power._soc.calibrate(soc)
        bench.rest_at(soc)
        bench.run(2)
        seen.append([name for name in SHEDDABLE if bench.loads.is_on(name)])

    assert seen[0] == list(SHEDDABLE)
    assert seen[1] == ["nav", "motors", "camera", "spectrometer"]
    assert seen[2] == ["nav", "motors"]
    assert seen[3] == ["motors"]
    assert seen[4] == []
    assert bench.events.count(area.SHED) == 4

    bench.power._soc.calibrate(0.36)
    bench.rest_at(0.36)
    bench.run(2)
    assert [name for name in SHEDDABLE if bench.loads.is_on(name)] == []
    bench.power._soc.calibrate(0.375)
    bench.rest_at(0.375)
    bench.run(2)
    assert [name for name in SHEDDABLE if bench.loads.is_on(name)] == ["motors"]
    assert bench.events.count(area.RESTORED) == 1


def test_motors_keep_power_while_the_rover_rolls_out_but_not_for_ever() -> None:
    """A mode that takes the motors away waits for the wheels, ten seconds at most."""
    bench = PowerBench()
    bench.loads.request("motors", True)
    bench.moving = True
    bench.run(2)

    bench.mode(Mode.SAFE)
    bench.run(3)
    assert bench.switches.really_on("motors")
    bench.moving = False
    bench.run(1)
    assert not bench.switches.really_on("motors")

    bench.mode(Mode.IDLE)
    bench.moving = True
    bench.run(2)
    assert bench.switches.really_on("motors")
    bench.mode(Mode.SAFE)
    bench.run(15)
    assert not bench.switches.really_on("motors")


def test_motors_lose_power_at_once_when_mobility_is_silent() -> None:
    """Without news of mobility its wheels are held by nobody: no reason to wait."""
    bench = PowerBench()
    bench.moving = None
    bench.loads.request("motors", True)
    bench.run(2)
    bench.mode(Mode.SAFE)
    bench.run(1)

    assert not bench.switches.really_on("motors")


def test_a_switch_that_does_not_obey_is_reported_once_and_again_when_it_does() -> None:
    """Stuck on and stuck off alike."""
    bench = PowerBench()
    bench.loads.request("camera", True)
    bench.run(2)
    bench.switches.stuck["camera"] = True
    bench.loads.request("camera", False)
    bench.run(60)

    assert bench.events.of(area.SWITCH_STUCK) == [area.LoadReport(load=LoadName.CAMERA, commanded_on=False)]
    assert bench.power.housekeeping().loads_stuck == 1 << LoadName.CAMERA
    assert bench.loads.is_on("camera")
    bench.switches.stuck.clear()
    bench.run(25)
    assert bench.events.count(area.SWITCH_FREE) == 1
    assert bench.power.housekeeping().loads_stuck == 0


def test_dead_switches_are_probed_with_back_off_and_count_as_off() -> None:
    """A bank that times out costs one access a try, ever more seldom; everybody is told their load is off."""
    bench = PowerBench()
    bench.loads.request("camera", True)
    bench.run(2)
    bench.switches.error = DeviceTimeout("loads")
    bench.switches.accesses = 0
    bench.run(120)

    assert bench.switches.accesses < 20
    assert bench.events.count(area.SWITCHES_LOST) == 1
    assert not bench.loads.is_on("camera")
    bench.switches.error = None
    bench.run(12)
    assert bench.events.count(area.SWITCHES_BACK) == 1
    assert bench.loads.is_on("camera")


def test_one_bad_switch_does_not_keep_the_others_from_being_refreshed() -> None:
    """An error that is not a timeout concerns its own switch only."""
    bench = PowerBench()
    bench.loads.request("camera", True)
    bench.loads.request("plasma", True)
    bench.switches.errors["camera"] = NotReady("loads", "no switch camera")
    bench.run(180)

    assert not bench.loads.is_on("camera")
    assert bench.switches.really_on("plasma")


def test_make_safe_puts_every_switch_to_its_safe_value() -> None:
    """Receivers and charging on, the rest off; a restarted row finds the requests again."""
    bench = PowerBench()
    for name in SHEDDABLE:
        bench.loads.request(name, True)
    bench.run(2)
    bench.power.make_safe()

    assert bench.switches.all_on() == ["radio_relay", "radio_local", "charge"]
    assert not bench.loads.is_on("nav")
    bench.power = bench.make()
    bench.power.restore(0.8)
    bench.run(2)
    assert bench.loads.is_on("nav")


def test_make_safe_lets_the_device_error_out() -> None:
    """The executive then drops the power line."""
    bench = PowerBench()
    bench.switches.error = DeviceTimeout("loads")

    with pytest.raises(DeviceError):
        bench.power.make_safe()


def test_ground_keeps_a_load_off_until_it_leaves_it_to_its_subsystem() -> None:
    """set_load off wins over requests; auto_load ends it."""
    bench = PowerBench()
    bench.loads.request("camera", True)
    bench.run(2)
    off = bench.send(area.SET_LOAD, area.SetLoad(load=LoadName.CAMERA, on=False))
    assert off.started
    assert not off.ended
    bench.run(1)
    assert off.completed
    assert not bench.loads.is_on("camera")
    assert bench.power.housekeeping().loads_forbidden == 1 << LoadName.CAMERA

    assert bench.send(area.AUTO_LOAD, area.AutoLoad(load=LoadName.CAMERA)).completed
    bench.run(1)

    assert bench.loads.is_on("camera")


def test_set_load_on_fails_where_the_battery_forbids_it() -> None:
    """The answer is a failure, not a silent wait."""
    bench = PowerBench(soc=0.35)
    bench.run(2)
    execution = bench.send(area.SET_LOAD, area.SetLoad(load=LoadName.PLASMA, on=True))
    bench.run(1)

    assert execution.failure is FailureCode.PRECONDITION


def test_set_load_fails_on_a_stuck_switch_and_on_protected_loads() -> None:
    """TIMEOUT when the switch does not follow; REFUSED for receivers, inertial unit and charging."""
    bench = PowerBench()
    bench.switches.stuck["camera"] = False
    execution = bench.send(area.SET_LOAD, area.SetLoad(load=LoadName.CAMERA, on=True))
    bench.run(6)
    assert execution.failure is FailureCode.TIMEOUT

    for load in (LoadName.IMU, LoadName.RADIO_RELAY, LoadName.RADIO_LOCAL, LoadName.CHARGE):
        assert bench.send(area.SET_LOAD, area.SetLoad(load=load, on=False)).failure is FailureCode.REFUSED


def test_a_newer_order_supersedes_an_older_one() -> None:
    """Every telecommand gets its end."""
    bench = PowerBench()
    bench.switches.stuck["camera"] = False
    first = bench.send(area.SET_LOAD, area.SetLoad(load=LoadName.CAMERA, on=True))
    second = bench.send(area.SET_LOAD, area.SetLoad(load=LoadName.CAMERA, on=False))
    bench.run(1)

    assert first.failure is FailureCode.SUPERSEDED
    assert second.completed


def test_housekeeping_fits_the_wire_and_shows_the_state() -> None:
    """Every field survives its codec."""
    bench = PowerBench()
    bench.array.power_w["left"] = 60.0
    bench.monitor.current_a = 1.5
    bench.run(3)
    packet = bench.power.housekeeping()
    codec = Codec(area.PowerHk)
    back = codec.unpack(codec.pack(packet))

    assert codec.saturation_count == 0
    assert back.faces_w[0] == pytest.approx(60.0, abs=0.01)
    assert back.soc == pytest.approx(0.8, abs=0.01)
    assert back.target is PowerTarget.FULL
    assert back.charge is packet.charge
    assert (back.loads_on, back.loads_wanted) == (packet.loads_on, packet.loads_wanted)


def test_without_any_reading_everything_is_unknown_and_shed() -> None:
    """A monitor that never answers: no state of charge, all sheddable loads off, never a made-up number."""
    bench = PowerBench(soc=None)
    bench.monitor.error = DeviceTimeout("power_monitor")
    bench.array.error = DeviceTimeout("array")
    bench.loads.request("nav", True)
    bench.run(20)
    state = bench.board.power

    assert state is not None
    assert (state.soc, state.bus_voltage_v, state.battery_current_a, state.array_w) == (None, None, None, None)
    assert state.shed_level == ALL
    assert not bench.loads.is_on("nav")
    assert bench.events.count(area.MONITOR_LOST) == 1
    assert bench.events.count(area.ARRAY_MONITOR_LOST) == 1


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"ocv_v": [3.0, 2.9]}, "same number of points"),
        ({"ocv_soc": [0.0, 1.0], "ocv_v": [4.2, 3.0]}, "ocv_v must rise"),
        ({"least_plausible_v": 40.0}, "least_plausible_v must be below"),
    ],
)
def test_a_contradictory_battery_is_refused(change: dict, complaint: str) -> None:
    """The message names the keys."""
    raw = msgspec.to_builtins(PowerBench().config)
    raw["battery"] |= change

    with pytest.raises(ConfigError, match=complaint):
        decode_raw(raw, PowerConfig, "rover.toml")


def test_an_unknown_load_and_a_sheddable_charge_switch_are_refused() -> None:
    """The rover file cannot starve the rover."""
    raw = msgspec.to_builtins(PowerBench().config)
    raw["loads"]["toaster"] = {"power_w": 1.0, "shed_level": 1}
    with pytest.raises(ConfigError, match="toaster"):
        decode_raw(raw, PowerConfig, "rover.toml")
    del raw["loads"]["toaster"]
    raw["loads"]["charge"]["shed_level"] = 1
    with pytest.raises(ConfigError, match="starves"):
        decode_raw(raw, PowerConfig, "rover.toml")
