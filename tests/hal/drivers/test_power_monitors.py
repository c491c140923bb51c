"""INA260 drivers over emulated chips: signs, identities, conversions, and every way of failing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from hal.api.errors import BadReading, DeviceError, DeviceTimeout, NotReady
from hal.api.wiring import MonitorWiring
from hal.drivers.power_monitors import Ina260Array, Ina260Monitor
from sim_hal.buses.i2c_faults import ClockStretchFlaw, silent, truncated
from sim_hal.emulators.ina260 import Ina260Chip
from tests.hal.drivers.i2c_bench import I2cBench, WrongChip

BATTERY, LEFT, RIGHT, REAR = 0x45, 0x41, 0x44, 0x46
FACE_AT = {"left": LEFT, "right": RIGHT, "rear": REAR}
PREPARED_S = 0.3
"""Longer than a first conversion."""


class MonitorBench(I2cBench):
    """A battery's monitor and three of faces, each with its truth."""

    def __init__(self, *, invert: bool = False) -> None:
        self.volts = {BATTERY: 25.2, LEFT: 30.0, RIGHT: 31.0, REAR: 0.0}
        self.amps = {BATTERY: 1.5, LEFT: 0.5, RIGHT: 2.0, REAR: 0.0}
        self.chips = {
            address: Ina260Chip(self._of(self.volts, address), self._of(self.amps, address)) for address in self.volts
        }
        super().__init__(self.chips)
        wiring = MonitorWiring(bus="i2c1", address=BATTERY, invert=invert)
        self.monitor = Ina260Monitor(self.bus, wiring, self.plug)
        faces = {face: (self.bus, MonitorWiring(bus="i2c1", address=address)) for face, address in FACE_AT.items()}
        self.array = Ina260Array(faces, self.plug)

    @staticmethod
    def _of(table: dict[int, float], address: int) -> Callable[[], float]:
        return lambda: table[address]

    def start(self) -> None:
        """Past the first conversion."""
        for device in (self.monitor, self.array):
            with pytest.raises(NotReady):
                device.read()
        self.pass_s(PREPARED_S)

    def started(self) -> MonitorBench:
        self.start()
        self.monitor.read()
        return self


def test_it_is_not_ready_before_its_first_conversion() -> None:
    """No zero is passed off as a voltage."""
    bench = MonitorBench()
    with pytest.raises(NotReady, match=r"power_monitor: INA260 at 0x45 on i2c1: first conversion"):
        bench.monitor.read()
    bench.pass_s(0.2)
    with pytest.raises(NotReady):
        bench.monitor.read()
    bench.pass_s(0.1)
    bench.monitor.read()


@pytest.mark.parametrize(("invert", "amps"), [(False, 1.5), (True, -1.5)])
def test_voltage_and_signed_current(invert: bool, amps: float) -> None:
    """In steps of 1.25 mV and mA, stamped with the time of the reading; `invert` turns the current round."""
    bench = MonitorBench(invert=invert).started()
    reading = bench.monitor.read()
    assert reading.time_ns == bench.plug.now_ns()
    assert (reading.bus_voltage_v, reading.battery_current_a) == pytest.approx((25.2, amps))


def test_a_read_is_three_transfers() -> None:
    """A third of a millisecond at 400 kHz."""
    bench = MonitorBench().started()
    assert bench.cost(bench.monitor.read) == (3, pytest.approx(0.36, abs=0.05))


def test_a_value_between_conversions_is_the_last_one() -> None:
    """Asked twice within a conversion the chip has the same mean, which is still true."""
    bench = MonitorBench().started()
    bench.pass_s(1.0)
    first = bench.monitor.read()
    bench.volts[BATTERY] = 20.0
    assert bench.monitor.read().bus_voltage_v == first.bus_voltage_v
    bench.pass_s(0.3)
    assert bench.monitor.read().bus_voltage_v == pytest.approx(20.0)


def test_faces_stand_in_their_order_and_one_that_fails_is_none() -> None:
    """Left, right, rear."""
    bench = MonitorBench().started()
    faces = bench.array.read().faces
    assert [face and (round(face.voltage_v, 3), round(face.current_a, 3)) for face in faces] == [
        (30.0, 0.5), (31.0, 2.0), (0.0, 0.0),
    ]  # fmt: skip
    del bench.wires.chips[RIGHT]
    reading = bench.array.read()
    assert [face is None for face in reading.faces] == [False, True, False]
    assert reading.time_ns == bench.plug.now_ns()


def test_faces_that_are_not_wired_are_none() -> None:
    """One monitor only; without any the array is not ready."""
    bench = MonitorBench()
    wiring = MonitorWiring(bus="i2c1", address=REAR)
    array = Ina260Array({"rear": (bench.bus, wiring)}, bench.plug)
    with pytest.raises(NotReady):
        array.read()
    bench.pass_s(PREPARED_S)
    assert [face is None for face in array.read().faces] == [True, True, False]
    with pytest.raises(NotReady):
        Ina260Array({}, bench.plug).read()


def test_no_face_at_all_is_an_error() -> None:
    """Three addresses nobody acknowledges, then a pause in which nothing is sent."""
    bench = MonitorBench()
    bench.wires.chips.clear()
    with pytest.raises(DeviceTimeout, match=r"array.left: INA260 at 0x41"):
        bench.array.read()
    assert bench.bus.count == 3
    with pytest.raises(DeviceTimeout, match="next try"):
        bench.array.read()
    assert bench.bus.count == 3


def test_a_chip_that_comes_back_is_identified_again() -> None:
    """After a loss another chip at its address is not believed."""
    bench = MonitorBench().started()
    bench.wires.fault = silent({BATTERY})
    with pytest.raises(DeviceTimeout):
        bench.monitor.read()
    bench.wires.fault = None
    bench.wires.chips[BATTERY] = WrongChip(0x5449)
    bench.pass_s(1.0)
    with pytest.raises(BadReading, match=r"expected maker 0x5449 and die 0x227x, read 0x5449 and 0x5449"):
        bench.monitor.read()
    bench.wires.chips[BATTERY] = bench.chips[BATTERY]
    bench.pass_s(2.0)
    with pytest.raises(NotReady):
        bench.monitor.read()
    bench.pass_s(PREPARED_S)
    assert bench.monitor.read().bus_voltage_v == pytest.approx(25.2)


def test_a_brown_out_is_told_once_and_mended() -> None:
    """Its mask register tells; a number from unknown settings is not passed on."""
    bench = MonitorBench().started()
    chip = bench.chips[BATTERY]
    chip.power(False, bench.plug.now_ns())
    chip.power(True, bench.plug.now_ns())
    bench.pass_s(1.0)
    with pytest.raises(BadReading, match="lost its settings"):
        bench.monitor.read()
    with pytest.raises(NotReady):
        bench.monitor.read()
    bench.pass_s(PREPARED_S)
    assert bench.monitor.read().bus_voltage_v == pytest.approx(25.2)


def test_a_chip_that_stops_converting_is_noticed() -> None:
    """Somebody shut it down: old values are not repeated for ever, and it is set up anew."""
    bench = MonitorBench().started()
    bench.port.transfer(BATTERY, bytes((0x00, 0x69, 0x20)), 0)
    bench.pass_s(2.0)
    with pytest.raises(BadReading, match="no conversion"):
        bench.monitor.read()
    bench.pass_s(1.0)
    with pytest.raises(NotReady):
        bench.monitor.read()
    bench.pass_s(PREPARED_S)
    assert bench.monitor.read().bus_voltage_v == pytest.approx(25.2)


@pytest.mark.parametrize(("volts", "amps"), [(39.0, 0.0), (25.0, 16.0), (25.0, -16.0), (10.0, 60.0)])
def test_what_the_chip_cannot_measure_is_no_reading(volts: float, amps: float) -> None:
    """Beyond 36 V or 15 A with some margin."""
    bench = MonitorBench().started()
    bench.volts[BATTERY], bench.amps[BATTERY] = volts, amps
    bench.pass_s(1.0)
    with pytest.raises(BadReading, match="expected at most 36 V and 15 A"):
        bench.monitor.read()
    bench.volts[BATTERY], bench.amps[BATTERY] = 24.0, 1.0
    bench.pass_s(1.0)
    assert bench.monitor.read().bus_voltage_v == pytest.approx(24.0)


def test_an_overflow_is_no_reading() -> None:
    """The chip's own flag."""
    bench = MonitorBench().started()
    bench.wires.fault = lambda _, read: bytes((0x04, 0x0C)) if read[:1] == b"\x04" else read
    bench.pass_s(1.0)
    with pytest.raises(BadReading, match="overflow"):
        bench.monitor.read()


@pytest.mark.parametrize("size", [0, 1])
def test_a_truncated_answer_is_a_bad_reading(size: int) -> None:
    """Half a register is none."""
    bench = MonitorBench().started()
    bench.wires.fault = truncated(size)
    with pytest.raises(BadReading, match=f"expected 2 bytes, got {size}"):
        bench.monitor.read()


def test_a_stuck_value_is_passed_on() -> None:
    """A chip that converts and always says the same cannot be told from a line that never changes."""
    bench = MonitorBench().started()
    values = set()
    for _ in range(10):
        bench.pass_s(1.0)
        values.add(bench.monitor.read().bus_voltage_v)
    assert len(values) == 1


def test_a_stuck_bus_costs_one_timeout_a_read() -> None:
    """Three faces on it do not wait three times, and all of it stays within the budget."""
    bench = MonitorBench().started()
    bench.wires.stuck = True

    def read() -> None:
        with pytest.raises(DeviceTimeout):
            bench.array.read()

    assert bench.cost(read) == (1, pytest.approx(10.0))

    def cycle() -> None:
        for _ in range(10):
            read()
            with pytest.raises(DeviceTimeout):
                bench.monitor.read()

    assert bench.cost(cycle)[1] <= 40.0
    bench.wires.stuck = False
    for _ in range(10):  # those that were tried are set up anew, one by one; the last was never to blame
        bench.pass_s(1.0)
        assert bench.array.read().faces[2] is not None
    assert None not in bench.array.read().faces


def test_a_used_up_budget_is_no_fault_of_the_chip() -> None:
    """It is said so, and the chip is not left alone for it."""
    bench = MonitorBench().started()
    bench.wires.stuck = True
    for _ in range(3):
        with pytest.raises(DeviceTimeout):
            bench.array.read()
    bench.wires.stuck = False
    with pytest.raises(DeviceTimeout, match="bus budget"):
        bench.monitor.read()
    bench.pass_s(0.1)
    assert bench.monitor.read().bus_voltage_v == pytest.approx(25.2)


def test_wrong_top_bits_are_never_a_reading() -> None:
    """One read in five is spoilt at its top bits: what comes through is the truth."""
    bench = MonitorBench().started()
    flaw = ClockStretchFlaw(every=5, bits=0x80)
    bench.wires.fault = flaw
    good = 0
    for _ in range(60):
        bench.pass_s(1.0)
        try:
            reading = bench.monitor.read()
        except DeviceError:
            continue
        good += 1
        low_bits_v = abs(reading.bus_voltage_v - 25.2)
        assert low_bits_v < 0.17  # bit 7 of the low byte is 0.16 V: nothing tells that from a change of the line
        assert abs(reading.battery_current_a - 1.5) < 0.17
    assert flaw.hits > 5
    assert good > 10


@given(st.floats(0.0, 36.0), st.floats(-15.0, 15.0))
def test_readings_are_within_half_a_step(volts: float, amps: float) -> None:
    """Over the whole range."""
    bench = MonitorBench()
    bench.volts[BATTERY], bench.amps[BATTERY] = volts, amps
    bench.start()
    reading = bench.monitor.read()
    assert reading.bus_voltage_v == pytest.approx(volts, abs=0.63e-3)
    assert reading.battery_current_a == pytest.approx(amps, abs=0.63e-3)
