"""The emulated TMP117 against its data sheet: no value at first, cycles, resets, EEPROM, range."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_MS, NS_PER_S
from sim_hal.emulators.tmp117 import Tmp117Chip


class Place:
    """The truth."""

    def __init__(self) -> None:
        self.celsius = 21.5
        self.chip = Tmp117Chip(lambda: self.celsius)

    def get(self, register: int, now_ns: int) -> int:
        read = self.chip.transfer(bytes((register,)), 2, now_ns)
        assert read is not None
        return int.from_bytes(read, "big")

    def put(self, register: int, value: int, now_ns: int) -> None:
        assert self.chip.transfer(bytes((register, value >> 8, value & 0xFF)), 0, now_ns) == b""

    def value_c(self, now_ns: int) -> float:
        raw = self.get(0x00, now_ns)
        return (raw - ((raw & 0x8000) << 1)) / 128


@pytest.fixture
def place() -> Place:
    return Place()


def test_power_on_values(place: Place) -> None:
    """Minus 256 C, the factory's settings and limits, its identity."""
    assert place.value_c(0) == -256.0
    assert [place.get(register, 0) for register in (0x01, 0x02, 0x03, 0x07, 0x0F)] == [
        0x0220, 0x6000, 0x8000, 0, 0x0117,
    ]  # fmt: skip


def test_the_first_value_comes_after_eight_samples_then_one_a_second(place: Place) -> None:
    """125 ms, then every second."""
    assert place.value_c(124 * NS_PER_MS) == -256.0
    assert place.value_c(126 * NS_PER_MS) == 21.5
    place.celsius = -40.0
    assert place.value_c(1100 * NS_PER_MS) == 21.5
    assert place.value_c(1126 * NS_PER_MS) == -40.0


def test_data_ready_clears_on_reading_value_or_settings(place: Place) -> None:
    """Either read takes it away."""
    assert place.get(0x01, NS_PER_S) & 0x2000
    assert not place.get(0x01, NS_PER_S) & 0x2000
    assert place.get(0x01, 2 * NS_PER_S) & 0x2000
    place.get(0x00, 3 * NS_PER_S)
    assert not place.get(0x01, 3 * NS_PER_S) & 0x2000


@pytest.mark.parametrize(("truth_c", "shown_c"), [(-180.0, -55.0), (-55.0, -55.0), (150.0, 150.0), (400.0, 150.0)])
def test_it_clamps_to_its_range(place: Place, truth_c: float, shown_c: float) -> None:
    """A lunar night is shown as -55 C."""
    place.celsius = truth_c
    assert place.value_c(NS_PER_S) == shown_c


def test_soft_reset_is_silent_for_two_milliseconds_and_forgets_the_value(place: Place) -> None:
    """Settings come from the EEPROM again."""
    place.get(0x00, NS_PER_S)
    place.put(0x01, 0x0400, NS_PER_S)
    place.put(0x01, 0x0002, NS_PER_S)
    assert place.chip.transfer(b"\x01", 2, NS_PER_S + 1_999_999) is None
    assert place.get(0x01, NS_PER_S + 2_000_000) == 0x0220
    assert place.value_c(NS_PER_S + 2_000_000) == -256.0
    assert place.value_c(2 * NS_PER_S) == 21.5


def test_modes(place: Place) -> None:
    """Shut down there is no value; one shot gives one and then shuts down."""
    place.put(0x01, 0x0420, 0)
    assert place.value_c(5 * NS_PER_S) == -256.0
    place.put(0x01, 0x0C20, 5 * NS_PER_S)
    assert place.value_c(6 * NS_PER_S) == 21.5
    assert place.get(0x01, 6 * NS_PER_S) & 0x0C00 == 0x0400
    place.celsius = 0.0
    assert place.value_c(9 * NS_PER_S) == 21.5


def test_an_unlocked_eeprom_is_busy_for_a_while_and_keeps_over_power(place: Place) -> None:
    """7 ms busy; a second write meanwhile is not kept; a locked one keeps nothing."""
    place.put(0x04, 0x8000, 0)
    place.put(0x01, 0x0400, 0)
    place.put(0x07, 128, NS_PER_MS)
    assert place.get(0x01, NS_PER_MS) & 0x1000
    assert place.get(0x04, NS_PER_MS) == 0xC000
    assert place.get(0x04, 8 * NS_PER_MS) == 0x8000
    place.chip.power(False, 0)
    assert place.chip.transfer(b"\x0f", 2, 0) is None
    place.chip.power(True, NS_PER_S)
    assert place.chip.transfer(b"\x0f", 2, NS_PER_S + NS_PER_MS) is None
    assert place.get(0x01, 2 * NS_PER_S) == 0x0400
    assert (place.get(0x07, 2 * NS_PER_S), place.get(0x04, 2 * NS_PER_S)) == (0, 0)


def test_the_offset_is_added(place: Place) -> None:
    """Half a degree."""
    place.put(0x07, 64, 0)
    assert place.value_c(NS_PER_S) == 22.0


def test_alerts(place: Place) -> None:
    """Beyond a limit the flag is set until the settings are read; in therm mode until it is below the low one."""
    place.put(0x02, 20 * 128, 0)
    place.put(0x03, 10 * 128, 0)
    assert place.get(0x01, NS_PER_S) & 0xC000 == 0x8000
    assert place.get(0x01, NS_PER_S) & 0xC000 == 0
    place.celsius = 5.0
    assert place.get(0x01, 3 * NS_PER_S) & 0xC000 == 0x4000
    place.celsius = 21.0
    place.put(0x01, 0x0230, 3 * NS_PER_S)
    assert place.get(0x01, 5 * NS_PER_S) & 0xC000 == 0x8000
    place.celsius = 15.0
    assert place.get(0x01, 7 * NS_PER_S) & 0xC000 == 0x8000
    place.celsius = 9.0
    assert place.get(0x01, 9 * NS_PER_S) & 0xC000 == 0


@given(st.floats(-55.0, 150.0), st.lists(st.tuples(st.binary(max_size=5), st.integers(0, 6)), max_size=10))
def test_any_bytes_are_survived_and_values_are_true(celsius: float, transfers: list[tuple[bytes, int]]) -> None:
    """With factory settings restored, a reading is within half a step."""
    place = Place()
    place.celsius = celsius
    for number, (written, size) in enumerate(transfers):
        assert len(place.chip.transfer(written, size, number * NS_PER_MS) or bytes(size)) == size
    place.chip = Tmp117Chip(lambda: celsius)
    assert place.value_c(NS_PER_S) == pytest.approx(celsius, abs=2.0**-8)
