"""The emulated PCA9685 against its data sheet: what a sleeping chip takes, wrapping, precedence, restart."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_MS
from sim_hal.emulators.pca9685 import AllCall, Pca9685Chip

AWAKE_NS = NS_PER_MS  # the oscillator needs half of it
RUN = bytes((0x00, 0x20))


def get(chip: Pca9685Chip, register: int, size: int = 1, now_ns: int = 0) -> bytes:
    read = chip.transfer(bytes((register,)), size, now_ns)
    assert read is not None
    return read


def put(chip: Pca9685Chip, register: int, *values: int, now_ns: int = 0) -> None:
    assert chip.transfer(bytes((register, *values)), 0, now_ns) == b""


@pytest.fixture
def chip() -> Pca9685Chip:
    return Pca9685Chip()


@pytest.fixture
def running(chip: Pca9685Chip) -> Pca9685Chip:
    """50 Hz, auto-increment, awake since time 0."""
    put(chip, 0xFE, 121)
    put(chip, 0x00, 0x20)
    return chip


def test_power_on_values(chip: Pca9685Chip) -> None:
    """Asleep, all-call on, no auto-increment, totem pole, 200 Hz, every output fully off."""
    assert [get(chip, register)[0] for register in (0x00, 0x01, 0xFE)] == [0x11, 0x04, 0x1E]
    assert [get(chip, 0x06 + offset)[0] for offset in range(4)] == [0, 0, 0, 0x10]
    assert chip.pulse_us(0, AWAKE_NS) is None


def test_only_a_sleeping_chip_takes_a_prescaler(chip: Pca9685Chip) -> None:
    """Awake it ignores the write; asleep it takes it, never below 3."""
    put(chip, 0xFE, 121)
    put(chip, 0x00, 0x20)
    put(chip, 0xFE, 30)
    assert get(chip, 0xFE) == bytes((121,))
    put(chip, 0x00, 0x30)
    put(chip, 0xFE, 1)
    assert get(chip, 0xFE) == bytes((3,))


def test_a_pulse_has_the_width_of_its_counts(running: Pca9685Chip) -> None:
    """307 steps of 4.88 us are the middle of a servo; it comes half a millisecond after waking."""
    put(running, 0x06, 0, 0, 307 & 0xFF, 307 >> 8)
    assert running.pulse_us(0, 499_999) is None
    assert running.pulse_us(0, 500_000) == pytest.approx(307 * 122 / 25)
    assert running.period_us == pytest.approx(19_988.5, abs=0.1)


def test_pulses_follow_the_real_oscillator() -> None:
    """A chip that runs 4 % fast makes pulses 4 % short."""
    chip = Pca9685Chip(clock_hz=26.0e6)
    put(chip, 0xFE, 121)
    put(chip, 0x00, 0x20)
    put(chip, 0x06, 0, 0, 307 & 0xFF, 307 >> 8)
    assert chip.pulse_us(0, AWAKE_NS) == pytest.approx(307 * 122 / 26)


def test_a_pulse_may_begin_late_and_wrap(running: Pca9685Chip) -> None:
    """ON 4000 and OFF 211 are 307 steps across the end of the period."""
    put(running, 0x06, 4000 & 0xFF, 4000 >> 8, 211, 0)
    assert running.pulse_us(0, AWAKE_NS) == pytest.approx(307 * 122 / 25)


@pytest.mark.parametrize("output", [(0, 0, 51, 0x11), (0, 0x10, 51, 1), (51, 1, 51, 1), (0, 0x10, 51, 0x11)])
def test_full_off_full_on_and_equal_counts_are_no_pulse(running: Pca9685Chip, output: tuple[int, ...]) -> None:
    """The full bits beat the counts; ON equal to OFF is undefined."""
    put(running, 0x06, *output)
    assert running.pulse_us(0, AWAKE_NS) is None


def test_without_auto_increment_the_register_stays(chip: Pca9685Chip) -> None:
    """Every byte goes to the same register, and comes from it."""
    put(chip, 0x08, 1, 2, 3)
    assert get(chip, 0x08, 3) == bytes((3, 3, 3))
    assert get(chip, 0x09) == bytes((0x10,))


def test_auto_increment_wraps(running: Pca9685Chip) -> None:
    """From 0x45 and from 0xFE it goes on at 0x00."""
    put(running, 0x44, 7, 1)
    assert get(running, 0x44, 4) == bytes((7, 1, 0x20, 0x04))
    assert get(running, 0xFE, 2) == bytes((121, 0x20))


@pytest.mark.parametrize("register", [0x46, 0x80, 0xF9])
def test_other_addresses_are_not_acknowledged(chip: Pca9685Chip, register: int) -> None:
    """There is nothing between the outputs and ALL_LED."""
    assert chip.transfer(bytes((register,)), 1, 0) is None
    assert chip.transfer(bytes((register, 1)), 0, 0) is None


def test_all_led_writes_every_output_and_reads_zero(running: Pca9685Chip) -> None:
    """One burst sets sixteen channels."""
    put(running, 0xFA, 0, 0, 51, 1)
    widths = [running.pulse_us(channel, AWAKE_NS) for channel in range(16)]
    assert widths == pytest.approx([307 * 122 / 25] * 16)
    assert get(running, 0xFA, 4) == bytes(4)


def test_sleep_with_pulses_sets_restart_which_one_clears(running: Pca9685Chip) -> None:
    """The outputs wait for RESTART = 1 after waking, and have the counts that they had."""
    put(running, 0x06, 0, 0, 51, 1)
    put(running, 0x00, 0x30)
    assert get(running, 0x00) == bytes((0xB0,))
    put(running, 0x00, 0x20)
    assert get(running, 0x00) == bytes((0xA0,))
    assert running.pulse_us(0, AWAKE_NS) is None
    put(running, 0x00, 0xA0)
    assert get(running, 0x00) == bytes((0x20,))
    assert running.pulse_us(0, AWAKE_NS) is not None


def test_sleep_without_pulses_sets_no_restart(running: Pca9685Chip) -> None:
    """All outputs were fully off."""
    put(running, 0x00, 0x30)
    assert get(running, 0x00) == bytes((0x30,))


def test_all_call_listens_until_its_bit_is_cleared() -> None:
    """Both chips take a write at 0x70 after power-on; the one that was told so no longer does."""
    chips = Pca9685Chip(), Pca9685Chip()
    everyone = AllCall(*chips)
    put(chips[0], 0x00, 0x20)
    assert everyone.transfer(bytes((0xFE, 60)), 0, 0) == b""
    assert [get(chip, 0xFE)[0] for chip in chips] == [0x1E, 60]
    put(chips[1], 0x00, 0x20)
    assert everyone.transfer(b"\x00", 1, 0) is None


def test_changes_are_told_once_per_transfer(chip: Pca9685Chip) -> None:
    """At the stop, with its time; reading changes nothing."""
    told: list[int] = []
    chip.changed = told.append
    put(chip, 0x00, 0x20, now_ns=5)
    get(chip, 0x00, now_ns=6)
    chip.power(False, 7)
    assert told == [5, 7]
    assert chip.transfer(b"\x00", 1, 8) is None


def test_a_brown_out_forgets_all(running: Pca9685Chip) -> None:
    """Registers are as after power-on."""
    put(running, 0x06, 0, 0, 51, 1)
    running.brown_out(0)
    assert get(running, 0x00) == bytes((0x11,))
    assert running.pulse_us(0, AWAKE_NS) is None


@given(st.lists(st.tuples(st.binary(max_size=24), st.integers(0, 80)), max_size=12))
def test_any_bytes_are_survived(transfers: list[tuple[bytes, int]]) -> None:
    """Whatever is written, an answer has its size or there is none; a chip re-powered is as new."""
    chip = Pca9685Chip()
    for written, size in transfers:
        read = chip.transfer(written, size, 0)
        assert read is None or len(read) == size
        for channel in range(16):
            width = chip.pulse_us(channel, AWAKE_NS)
            assert width is None or 0.0 < width < chip.period_us
    chip.brown_out(0)
    assert get(chip, 0xFE) == bytes((0x1E,))
