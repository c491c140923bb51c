"""BNO055 driver on its emulator: set-up over several calls, readings in the body frame, every way to fail."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from hal.api.clock import NS_PER_MS
from hal.api.errors import BadReading, DeviceError, DeviceTimeout, GettingReady, NotReady
from hal.api.values import ImuReading
from hal.drivers.bno055_sample import NEAR_ACCEL_M_S2, NEAR_GYRO_RAD_S
from sim_hal.buses.serial import ReplyFault
from tests.hal.drivers.bno055_rig import BUDGET_NS, ImuRig


@pytest.fixture
def rig() -> ImuRig:
    return ImuRig()


def test_set_up_takes_several_calls_and_none_is_long(rig: ImuRig) -> None:
    """Reset, 0.7 s of silence, a few short calls, then readings; `NotReady` until then."""
    results = rig.cycles(15)
    first = next(index for index, result in enumerate(results) if isinstance(result, ImuReading))
    assert all(isinstance(result, NotReady) for result in results[:first])
    assert all(isinstance(result, ImuReading) for result in results[first:])
    assert 7 <= first <= 12
    assert rig.longest_ns <= 26 * NS_PER_MS


def test_a_reading_is_one_short_transaction(rig: ImuRig) -> None:
    """Request in two halves, 34 bytes back: about 7 ms at 115200."""
    rig.running()
    start_ns = rig.bench.plug.now_ns()
    reading = rig.imu.read()
    assert rig.bench.plug.now_ns() - start_ns < 8 * NS_PER_MS
    assert reading.time_ns == rig.bench.plug.now_ns()
    assert rig.is_true(reading)


def test_the_requests_on_the_wire_are_those_of_the_data_sheet(rig: ImuRig) -> None:
    """AA 01 register length, in halves; the reset goes unanswered."""
    rig.running()
    sent = rig.tap.sent
    assert [data.hex() for data in sent[:6]] == ["aa00", "0701", "00", "aa00", "3f01", "20"]
    assert [data.hex() for data in sent[-2:]] == ["aa01", "0820"]
    assert max(map(len, sent)) == 2


@pytest.mark.parametrize(
    ("forward", "left", "up", "gyro"),
    [
        ("+x", "+y", "+z", (0.1, -0.2, 0.3)),
        ("+y", "-x", "+z", (-0.2, -0.1, 0.3)),
        ("-z", "+y", "+x", (-0.3, -0.2, 0.1)),
    ],
)
def test_mounting_is_undone_in_the_driver(forward: str, left: str, up: str, gyro: tuple[float, ...]) -> None:
    """Chip axes to body axes as the rover file says."""
    rig = ImuRig(forward=forward, left=left, up=up)
    assert rig.running().gyro_rad_s == pytest.approx(gyro, abs=0.005)


def test_unpowered_is_not_ready_and_costs_nothing(rig: ImuRig) -> None:
    """No byte is sent to a chip without supply; after power-on it is set up without a second reset."""
    rig.running()
    rig.power(False)
    before_ns = rig.bench.plug.now_ns()
    with pytest.raises(NotReady, match="unpowered"):
        rig.imu.read()
    assert rig.bench.plug.now_ns() == before_ns
    rig.power(True)
    results = rig.cycles(14)
    assert isinstance(results[-1], ImuReading)
    assert sum(isinstance(result, ImuReading) for result in results) >= 3
    assert not any(isinstance(result, DeviceTimeout) for result in results)


def test_calibration_is_told(rig: ImuRig) -> None:
    """Two bits each; the gyro is done after some seconds of running."""
    rig.running()
    rig.bench.pass_s(4.0)
    assert rig.imu.calibration() == (0, 3, 0, 0)


def test_a_wrong_chip_is_named(rig: ImuRig) -> None:
    """Its identity is read before anything is believed; it is asked again with back-off."""
    rig.chip.registers.chip_id = 0xA1
    results = rig.cycles(30)
    assert not any(isinstance(result, ImuReading) for result in results)
    texts = [str(result) for result in results if isinstance(result, BadReading)]
    assert texts
    assert "0xa1, expected 0xa0" in texts[0]
    assert "imu_uart" in texts[0]


def test_a_silent_fallback_is_noticed_within_a_second_and_mended(rig: ImuRig) -> None:
    """The chip drops to CONFIG and its outputs freeze: set up again, without a reset."""
    rig.running()
    rig.chip.fall_back(rig.bench.plug.now_ns())
    results = rig.cycles(16)
    told = [str(result) for result in results if isinstance(result, BadReading)]
    assert len(told) == 1
    assert "mode 0x0 (expected 0x8)" in told[0]
    index = next(index for index, result in enumerate(results) if isinstance(result, BadReading))
    assert index <= 10
    assert isinstance(results[index + 4], ImuReading)
    rig.truth.gyro = (0.0, 0.0, 0.1)
    assert rig.is_true(rig.running())


def test_a_system_error_is_told_with_its_code(rig: ImuRig) -> None:
    """SYS_ERR stands in the message; a reset clears it."""
    rig.running()
    rig.chip.registers.system_error = 0x0A
    results = rig.cycles(30)
    assert any("error 0x0a" in str(result) for result in results if isinstance(result, BadReading))
    assert isinstance(results[-1], ImuReading)


def test_a_stuck_sensor_is_found_and_stays_out(rig: ImuRig) -> None:
    """20 readings the same to the bit are no measurement; nothing is believed until they change."""
    rig.running()
    rig.chip.registers.stuck = True
    results = rig.cycles(60)
    good = sum(isinstance(result, ImuReading) for result in results)
    assert good < 20
    assert any("stuck" in str(result) for result in results)
    assert not any(isinstance(result, ImuReading) for result in results[20:])
    rig.chip.registers.stuck = False
    assert rig.is_true(rig.running(within=120))


def test_a_fast_reader_does_not_make_the_sensor_stuck(rig: ImuRig) -> None:
    """Within one output period of 10 ms the chip rightly repeats itself."""
    rig.running()
    for _ in range(30):
        rig.bench.pass_s(0.02)
        rig.imu.read()


def test_an_overrun_is_left_alone(rig: ImuRig) -> None:
    """Status 07: nothing is sent for 100 to 400 ms, then it works again."""
    rig.running()
    rig.chip.next_status = 0x07
    results = rig.cycles(8)
    assert isinstance(results[0], BadReading)
    assert "overrun" in str(results[0])
    assert [type(result) for result in results[1:3]] == [GettingReady, GettingReady]
    assert isinstance(results[4], ImuReading)


@pytest.mark.parametrize("status", [0x02, 0x0A])
def test_a_passing_status_is_asked_away_in_the_same_call(rig: ImuRig, status: int) -> None:
    """EE 02 and its like are followed by a second try within the budget."""
    rig.running()
    rig.chip.next_status = status
    assert isinstance(rig.cycle(), ImuReading)
    assert rig.longest_ns <= BUDGET_NS


def _late(data: bytes, delay_ns: int) -> list[tuple[bytes, int]]:
    return [(data, delay_ns + 40 * NS_PER_MS)]


FAULTS: dict[str, ReplyFault] = {
    "silent": lambda _data, _delay: [],
    "late": _late,
    "very late": lambda data, delay: [(data, delay + 130 * NS_PER_MS)],
    "truncated": lambda data, delay: [(data[:-5], delay)],
    "one byte": lambda data, delay: [(data[:1], delay)],
    "corrupt head": lambda data, delay: [(b"\xba" + data[1:], delay)],
    "corrupt length": lambda data, delay: [(data[:1] + b"\x7f" + data[2:], delay)],
    "zeros": lambda data, delay: [(data[:2] + bytes(len(data) - 2), delay)],
    "ones": lambda data, delay: [(data[:2] + b"\xff" * (len(data) - 2), delay)],
    "stale byte before": lambda data, delay: [(b"\xff" + data, delay)],
    "echo": lambda data, delay: [(b"\xaa\x01" + data, delay)],
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_bad_line_gives_errors_within_the_budget_and_recovers(rig: ImuRig, name: str) -> None:
    """Never a made-up value, never a stall; a lost chip is asked with back-off; all is well afterwards."""
    rig.running()
    rig.line.fault = FAULTS[name]
    results = rig.cycles(40)
    assert not any(isinstance(result, ImuReading) for result in results)
    assert rig.longest_ns <= BUDGET_NS
    assert all("imu_uart" in str(result) for result in results)
    contacts = [result for result in results[10:] if not isinstance(result, NotReady)]
    assert len(contacts) <= 8
    rig.line.fault = None
    rig.truth.gyro = (0.0, 0.1, 0.0)
    assert rig.is_true(rig.running(within=120))


def test_stale_bytes_after_a_reply_are_dropped(rig: ImuRig) -> None:
    """What hangs behind a good answer is not the next one's begin."""
    rig.running()
    rig.line.fault = lambda data, delay: [(data + b"\xff", delay)]
    assert all(isinstance(result, ImuReading) for result in rig.cycles(5))


def test_babble_is_an_error_and_passes(rig: ImuRig) -> None:
    """Bytes out of turn end the transaction; the next ones are good."""
    rig.running()
    rig.bench.clock.at(rig.bench.plug.now_ns() + NS_PER_MS, 3, lambda: rig.line.babble(bytes(range(90))))  # type: ignore[arg-type]  # any rank
    assert isinstance(rig.cycle(), BadReading)
    assert isinstance(rig.cycle(), ImuReading)


def test_a_late_reply_is_never_taken_for_a_new_one(rig: ImuRig) -> None:
    """One answer comes 95 ms late, into the next request: the motion it tells of is over."""
    rig.running()
    for late_ms in range(10, 220, 7):
        rig.truth.gyro = (0.0, 0.0, 0.3)
        rig.running(within=120)
        delays = iter([late_ms * NS_PER_MS])

        def fault(data: bytes, delay_ns: int, delays: object = delays) -> list[tuple[bytes, int]]:
            return [(data, delay_ns + next(delays, 0))]  # type: ignore[call-overload]  # an iterator of ints

        rig.line.fault = fault
        rig.cycle()
        rig.truth.gyro = (0.0, 0.0, -0.1)
        for result in rig.cycles(6):
            assert isinstance(result, DeviceError) or rig.is_true(result), late_ms
        rig.line.fault = None


def test_an_unplugged_line_is_a_timeout_and_comes_back(rig: ImuRig) -> None:
    """BusLost is told as such."""
    rig.running()
    rig.line.unplugged = True
    results = rig.cycles(10)
    assert all(isinstance(result, DeviceError) for result in results)
    assert isinstance(results[0], DeviceTimeout)
    assert "unplugged" in str(results[0])
    rig.line.unplugged = False
    assert rig.is_true(rig.running(within=120))


def test_a_used_up_budget_is_told(rig: ImuRig) -> None:
    """The bus refuses, the driver says so, and the next cycle is as good as ever."""
    rig.running()
    rig.bus.read(1, rig.bench.plug.now_ns() + BUDGET_NS)
    result = rig.cycle()
    assert isinstance(result, DeviceTimeout)
    assert "bus budget" in str(result)
    assert isinstance(rig.cycle(), ImuReading)


def test_a_jump_is_believed_only_when_it_stays(rig: ImuRig) -> None:
    """A value far from the last is read twice; a real one is there both times."""
    rig.running()
    rig.truth.gyro = (0.0, 0.0, 2.0)
    result = rig.cycle()
    assert isinstance(result, ImuReading)
    assert rig.is_true(result)


@settings(max_examples=150, deadline=None)
@given(
    position=st.integers(0, 40),
    flips=st.integers(1, 255),
    which=st.integers(0, 30),
    every=st.booleans(),
)
def test_a_corrupt_byte_never_becomes_a_motion(position: int, flips: int, which: int, every: bool) -> None:
    """Any byte of one reply, or of every third: an error, or no farther off than a line without checksum allows."""
    rig = ImuRig()
    replies = 0

    def fault(data: bytes, delay_ns: int) -> list[tuple[bytes, int]]:
        nonlocal replies
        replies += 1
        late = replies - 1 - which
        if position >= len(data) or late < 0 or late % 3 or (late and not every):
            return [(data, delay_ns)]
        damaged = bytearray(data)
        damaged[position] ^= flips
        return [(bytes(damaged), delay_ns)]

    rig.line.fault = fault
    for result in rig.cycles(30):
        if isinstance(result, ImuReading):
            assert rig.is_true(result, gyro=NEAR_GYRO_RAD_S + 0.01, accel=NEAR_ACCEL_M_S2 + 0.1)
    assert rig.longest_ns <= BUDGET_NS
    rig.line.fault = None
    assert rig.is_true(rig.running(within=150))
