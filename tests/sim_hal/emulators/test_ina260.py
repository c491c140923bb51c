"""The emulated INA260 against its data sheet: registers, conversion times, flags, alerts."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_MS, NS_PER_S
from sim_hal.emulators.ina260 import Ina260Chip


class Line:
    """The truth."""

    def __init__(self) -> None:
        self.volts = 25.2
        self.amps = -1.5
        self.chip = Ina260Chip(lambda: self.volts, lambda: self.amps)

    def get(self, register: int, now_ns: int) -> int:
        read = self.chip.transfer(bytes((register,)), 2, now_ns)
        assert read is not None
        return int.from_bytes(read, "big")

    def put(self, register: int, value: int, now_ns: int) -> None:
        assert self.chip.transfer(bytes((register, value >> 8, value & 0xFF)), 0, now_ns) == b""


@pytest.fixture
def line() -> Line:
    return Line()


def test_identity_and_power_on_values(line: Line) -> None:
    """Texas Instruments, die 0x227, one average of 1.1 ms each."""
    assert [line.get(register, 0) for register in (0xFE, 0xFF, 0x00, 0x06, 0x07)] == [0x5449, 0x2270, 0x6127, 0, 0]
    assert line.chip.conversion_ns == 2_200_000


def test_values_are_big_endian_steps(line: Line) -> None:
    """25.2 V are 20160 steps, -1.5 A are -1200, 37.8 W are 3780 steps of 10 mW without a sign."""
    assert line.get(0x02, 0) == 0
    assert line.get(0x02, NS_PER_S) == 20_160
    assert line.get(0x01, NS_PER_S) == (-1200) & 0xFFFF
    assert line.get(0x03, NS_PER_S) == 3780


def test_a_new_configuration_converts_in_its_own_time(line: Line) -> None:
    """128 averages of 1.1 + 1.1 ms: ready after 281.6 ms; configuring clears the flag."""
    assert line.get(0x06, NS_PER_S) & 0x08
    line.get(0x02, 2 * NS_PER_S)
    line.put(0x00, 0x6927, 2 * NS_PER_S)
    assert not line.get(0x06, 2 * NS_PER_S + 281 * NS_PER_MS) & 0x08
    assert line.get(0x06, 2 * NS_PER_S + 282 * NS_PER_MS) & 0x08


def test_the_ready_flag_clears_on_reading_it_only(line: Line) -> None:
    """Values may be read meanwhile; the next conversion sets it again."""
    line.put(0x00, 0x6927, 0)
    now_ns = 300 * NS_PER_MS
    line.get(0x01, now_ns)
    assert line.get(0x06, now_ns) & 0x08
    assert not line.get(0x06, now_ns) & 0x08
    assert line.get(0x06, 2 * now_ns) & 0x08


def test_triggered_mode_converts_once(line: Line) -> None:
    """One conversion a write; shut down there is none."""
    line.put(0x00, 0x6123, 0)
    assert line.get(0x06, 3 * NS_PER_MS) & 0x08
    line.volts = 20.0
    assert line.get(0x02, NS_PER_S) == 20_160
    assert not line.get(0x06, NS_PER_S) & 0x08
    line.put(0x00, 0x6120, NS_PER_S)
    assert not line.get(0x06, 2 * NS_PER_S) & 0x08


def test_only_what_is_asked_for_is_converted(line: Line) -> None:
    """Voltage alone: the current stays as it was."""
    line.put(0x00, 0x6126, 0)
    assert line.get(0x02, NS_PER_S) == 20_160
    assert line.get(0x01, NS_PER_S) == 0
    assert line.chip.conversion_ns == 1_100_000


def test_reset_bit_restores_power_on(line: Line) -> None:
    """It clears itself and the masks."""
    line.put(0x00, 0x6927, 0)
    line.put(0x06, 0x0400, 0)
    line.put(0x00, 0x8000, 0)
    assert (line.get(0x00, 0), line.get(0x06, 0)) == (0x6127, 0)


def test_saturation_does_not_wrap(line: Line) -> None:
    """A current beyond the range stays at its end; a power beyond its register says overflow."""
    line.amps, line.volts = 60.0, 40.0
    assert line.get(0x01, NS_PER_S) == 0x7FFF
    assert line.get(0x06, NS_PER_S) & 0x04


def test_an_alert_latches_until_it_is_read(line: Line) -> None:
    """Under-voltage at 24 V with the latch; transparent it goes by itself."""
    for latch in (0, 1):
        line.volts = 25.2
        line.put(0x07, 19_200, 0)
        line.put(0x06, 0x1000 | latch, 0)
        line.get(0x02, NS_PER_S)
        assert line.chip.alert(NS_PER_S)
        line.volts = 23.0
        assert not line.chip.alert(2 * NS_PER_S)
        line.volts = 25.2
        assert line.chip.alert(3 * NS_PER_S) is not bool(latch)
        assert bool(line.get(0x06, 3 * NS_PER_S) & 0x10) is bool(latch)
        assert line.chip.alert(3 * NS_PER_S)
        line = Line()


def test_half_a_write_is_none_and_registers_that_cannot_be_written_stay(line: Line) -> None:
    """One byte is not a register; the current is not for writing."""
    line.chip.transfer(b"\x00\x12", 0, 0)
    line.put(0xFE, 0, 0)
    assert (line.get(0x00, 0), line.get(0xFE, 0)) == (0x6127, 0x5449)


def test_without_power_it_is_silent_and_forgets(line: Line) -> None:
    """Settings are those of power-on afterwards."""
    line.put(0x06, 0x0400, 0)
    line.chip.power(False, 0)
    assert line.chip.transfer(b"\xfe", 2, 0) is None
    line.chip.power(True, 10)
    assert line.get(0x06, 10) == 0


@given(
    st.floats(0.0, 36.0),
    st.floats(-15.0, 15.0),
    st.lists(st.tuples(st.binary(max_size=5), st.integers(0, 6)), max_size=10),
)
def test_any_bytes_are_survived_and_values_are_true(
    volts: float, amps: float, transfers: list[tuple[bytes, int]]
) -> None:
    """Reset after whatever was written, a reading is within half a step."""
    line = Line()
    line.volts, line.amps = volts, amps
    for number, (written, size) in enumerate(transfers):
        assert len(line.chip.transfer(written, size, number * NS_PER_MS) or bytes(size)) == size
    line.put(0x00, 0x8000, NS_PER_S)
    current = line.get(0x01, 2 * NS_PER_S)
    assert line.get(0x02, 2 * NS_PER_S) * 1.25e-3 == pytest.approx(volts, abs=0.64e-3)
    assert (current - ((current & 0x8000) << 1)) * 1.25e-3 == pytest.approx(amps, abs=0.64e-3)
