"""TMP117 drivers over emulated chips: twelve sensors, twelve transfers, and every way of failing."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from hal.api.errors import BadReading, DeviceError, DeviceTimeout, GettingReady, NotReady
from hal.api.values import TEMPERATURES
from hal.api.wiring import SensorWiring
from hal.buses.budget import BudgetedI2c
from hal.drivers.temperature_sensors import Tmp117Sensors
from sim_hal.buses.i2c_faults import ClockStretchFlaw, truncated
from sim_hal.emulators.tmp117 import Tmp117Chip
from tests.hal.drivers.i2c_bench import BUDGET_NS, Counted, I2cBench, WrongChip

WEB, MOTORS = 0x48, 0x49
MOTOR_NAMES = tuple(name for name in TEMPERATURES if name.startswith("motor_"))


def sensor_at(celsius: float) -> Tmp117Chip:
    """A place whose temperature never changes."""
    return Tmp117Chip(lambda: celsius)


class SensorBench(I2cBench):
    """One sensor for the web, one that stands for all motors."""

    def __init__(self) -> None:
        self.web_c, self.motors_c = 21.5, -12.25
        self.web, self.motors = Tmp117Chip(lambda: self.web_c), Tmp117Chip(lambda: self.motors_c)
        super().__init__({WEB: self.web, MOTORS: self.motors})
        wirings = (("web",), MOTOR_NAMES)
        self.sensors = Tmp117Sensors(
            [(self.bus, SensorWiring(bus="i2c1", address=WEB + n, measures=names)) for n, names in enumerate(wirings)],
            self.plug,
        )

    def started(self) -> SensorBench:
        """Past the first conversion."""
        with pytest.raises(NotReady):
            self.sensors.read()
        self.pass_s(0.2)
        self.sensors.read()
        return self

    def values(self) -> tuple[float | None, float | None]:
        read = dict(zip(TEMPERATURES, self.sensors.read().temperature_c, strict=True))
        assert len({read[name] for name in MOTOR_NAMES}) == 1
        assert all(read[name] is None for name in TEMPERATURES if name not in ("web", *MOTOR_NAMES))
        return read["web"], read["motor_rear_left"]


def test_minus_256_is_never_a_temperature() -> None:
    """Before the first conversion it is not ready."""
    bench = SensorBench()
    with pytest.raises(NotReady, match=r"temperatures: TMP117 at 0x48 on i2c1: first conversion"):
        bench.sensors.read()
    bench.pass_s(0.2)
    assert bench.values() == (21.5, -12.25)


def test_one_sensor_may_stand_for_many_names() -> None:
    """Those that nobody measures are None; the time is that of the reading."""
    bench = SensorBench().started()
    assert bench.values() == (21.5, -12.25)
    assert bench.sensors.read().time_ns == bench.plug.now_ns()


def test_without_sensors_it_is_not_ready() -> None:
    """Nothing is wired."""
    with pytest.raises(NotReady, match="no sensor is wired"):
        Tmp117Sensors([], SensorBench().plug).read()


def test_twelve_sensors_on_three_buses_are_twelve_transfers() -> None:
    """Each name its own sensor, as on the reference rover."""
    bench = I2cBench({})
    truths = iter(float(value) for value in range(12))
    buses = []
    for name in ("i2c1", "i2c2", "i2c3"):
        chips = {0x48 + n: sensor_at(next(truths)) for n in range(4)}
        buses.append(Counted(BudgetedI2c(bench.i2c(chips, name=name)[1], BUDGET_NS, bench.plug)))
    wired = [
        (buses[number // 4], SensorWiring(bus=f"i2c{number // 4}", address=0x48 + number % 4, measures=(name,)))
        for number, name in enumerate(TEMPERATURES)
    ]
    sensors = Tmp117Sensors(wired, bench.plug)
    with pytest.raises(NotReady):
        sensors.read()
    bench.pass_s(0.2)
    before = sum(bus.count for bus in buses)
    assert sensors.read().temperature_c == tuple(float(n) for n in range(12))
    assert sum(bus.count for bus in buses) - before == 12


def test_one_that_fails_is_none_and_the_others_are_read() -> None:
    """It is left alone for a while, then found again."""
    bench = SensorBench().started()
    del bench.wires.chips[WEB]
    assert bench.cost(lambda: bench.values() == (None, -12.25))[0] == 2
    assert bench.cost(bench.sensors.read)[0] == 1
    bench.wires.chips[WEB] = bench.web
    bench.pass_s(1.0)
    assert bench.values() == (21.5, -12.25)


def test_none_at_all_is_an_error() -> None:
    """The first sensor's."""
    bench = SensorBench()
    bench.wires.chips.clear()
    with pytest.raises(DeviceTimeout, match=r"temperatures: TMP117 at 0x48 on i2c1: expected an answer, no answer"):
        bench.sensors.read()


def test_another_chip_is_not_taken_for_one() -> None:
    """The lower 12 bits of its identity decide: a TMP119 is as good."""
    bench = SensorBench()
    bench.wires.chips[WEB] = WrongChip(0x0118)
    bench.wires.chips[MOTORS] = WrongChip(0x0118)
    with pytest.raises(BadReading, match=r"expected device ID 0x117 in the lower 12 bits, read 0x0118"):
        bench.sensors.read()
    good = SensorBench()
    good.wires.fault = lambda _, read: b"\x21\x17" if read == b"\x01\x17" else read
    good.started()


def test_a_chip_with_other_settings_is_reset_first() -> None:
    """Two milliseconds without a value, then ours are written, then a first conversion."""
    bench = SensorBench()
    bench.port.transfer(WEB, bytes((0x01, 0x04, 0x00)), 0)
    del bench.wires.chips[MOTORS]
    for _ in range(2):
        with pytest.raises(NotReady, match="resets"):
            bench.sensors.read()
    bench.pass_s(0.003)
    with pytest.raises(NotReady, match="first conversion"):
        bench.sensors.read()
    bench.pass_s(0.2)
    assert bench.values() == (21.5, None)


def test_a_brown_out_shows_no_false_value() -> None:
    """Not ready until it has converted again; power-on settings are ours."""
    bench = SensorBench().started()
    now_ns = bench.plug.now_ns()
    bench.web.power(False, now_ns)
    bench.web.power(True, now_ns)
    bench.pass_s(0.01)
    assert bench.values() == (None, -12.25)
    bench.pass_s(0.2)
    assert bench.values() == (21.5, -12.25)


def test_settings_that_somebody_changed_are_noticed_when_no_value_comes() -> None:
    """Shut down after a reset by another: told once, then set up anew."""
    bench = SensorBench().started()
    bench.port.transfer(WEB, bytes((0x01, 0x00, 0x02)), 0)
    bench.pass_s(0.003)
    bench.port.transfer(WEB, bytes((0x01, 0x04, 0x20)), 0)
    del bench.wires.chips[MOTORS]
    with pytest.raises(BadReading, match="lost its settings"):
        bench.sensors.read()
    bench.pass_s(1.0)
    with pytest.raises(NotReady, match="resets"):
        bench.sensors.read()
    bench.pass_s(0.01)
    with pytest.raises(NotReady):
        bench.sensors.read()
    bench.pass_s(0.2)
    assert bench.values() == (21.5, None)


def test_one_that_never_converts_is_given_up_for_a_while() -> None:
    """Three seconds of patience; nothing is made up meanwhile."""
    bench = SensorBench()
    del bench.wires.chips[MOTORS]
    bench.wires.fault = lambda _, read: b"\x80\x00" if bench.bus.log[-1][1:] == (b"\x00", 2) else read
    errors = []
    for _ in range(5):
        with pytest.raises(DeviceError) as caught:
            bench.sensors.read()
        errors.append(type(caught.value))
        bench.pass_s(1.0)
    assert errors[:4] == [GettingReady] * 3 + [BadReading]


@pytest.mark.parametrize(("truth_c", "shown_c"), [(-180.0, -55.0), (-55.0, -55.0), (149.0, 149.0), (900.0, 150.0)])
def test_beyond_its_range_the_chip_clamps(truth_c: float, shown_c: float) -> None:
    """A lunar night is shown as -55 C: cold, and valid."""
    bench = SensorBench().started()
    bench.web_c = truth_c
    bench.pass_s(1.5)
    assert bench.values()[0] == shown_c


@pytest.mark.parametrize("raw", [b"\x90\x00", b"\x7f\xff", b"\xa0\x00", b"\x5f\x00"])
def test_what_it_cannot_say_is_none(raw: bytes) -> None:
    """-224, 256, -192, 190 C."""
    bench = SensorBench().started()
    bench.wires.fault = lambda address, read: raw if address == WEB else read
    assert bench.values() == (None, -12.25)


@pytest.mark.parametrize("size", [0, 1])
def test_a_truncated_answer_is_a_bad_reading(size: int) -> None:
    """Half a register is none."""
    bench = SensorBench().started()
    bench.wires.fault = truncated(size)
    with pytest.raises(BadReading, match=f"expected 2 bytes, got {size}"):
        bench.sensors.read()


def test_a_stuck_bus_costs_one_timeout_a_read() -> None:
    """The second sensor on it is not tried."""
    bench = SensorBench().started()
    bench.wires.stuck = True

    def read() -> None:
        with pytest.raises(DeviceTimeout):
            bench.sensors.read()

    assert bench.cost(read) == (1, pytest.approx(10.0))

    def hammer() -> None:
        for _ in range(20):
            read()

    assert bench.cost(hammer)[1] <= 40.0
    bench.wires.stuck = False
    bench.pass_s(10.0)
    assert bench.values() == (21.5, -12.25)


def test_wrong_top_bits_are_never_a_temperature_far_off() -> None:
    """One read in three is spoilt: a wrong top byte is None, a wrong low byte is off by 1.5 K at most."""
    bench = SensorBench().started()
    flaw = ClockStretchFlaw(every=3)
    bench.wires.fault = flaw
    for _ in range(30):
        bench.pass_s(1.0)
        try:
            web_c, motors_c = bench.values()
        except DeviceError:
            continue
        assert web_c is None or web_c == pytest.approx(21.5, abs=1.6)
        assert motors_c is None or motors_c == pytest.approx(-12.25, abs=1.6)
    assert flaw.hits > 10


@given(st.floats(-55.0, 150.0))
def test_readings_are_within_half_a_step(celsius: float) -> None:
    """Over the whole range."""
    bench = SensorBench()
    bench.web_c = celsius
    bench.started()
    assert bench.values()[0] == pytest.approx(celsius, abs=2.0**-8)
