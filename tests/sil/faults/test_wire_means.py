"""Levels, chains and places of the wire layer, without a flight."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_MS
from hal.api.config import ConfigError
from hal.buses.api import BusNak
from sil.faults.kinds import SetLevel
from sil.faults.registry import REGISTRY, parameters
from sil.mission import Mission
from sil.scenario import FaultSection, Scenario, StartSection
from sim_hal.buses.dirty_wires import BitNoise, OldBytes
from sim_hal.buses.fault_chain import switch_reply
from sim_hal.buses.reply_faults import late, silence, truncated
from sim_hal.buses.serial import ReplyFault
from sim_hal.noise import Noise
from tests.sil.faults.wire_bench import flown
from tests.wire_bench import WireBench

START = StartSection(time_utc=datetime(2029, 9, 24, tzinfo=UTC))
SCENARIO = Scenario(name="still", world="flat", depth="wire", duration_s=5.0, start=START)


class Line:
    """Something that has a fault."""

    fault: ReplyFault | None = None


def begun(mission: Mission, device: str, kind: str, **args: Any) -> SetLevel:
    """The switch of one fault."""
    return REGISTRY[device, kind].make(mission, parameters(device, kind, args))


def befallen(line: Line) -> list[tuple[bytes, int]]:
    """What becomes of a reply."""
    return [(b"abc", 1)] if line.fault is None else line.fault(b"abc", 1)


def test_faults_of_one_line_do_not_end_each_other() -> None:
    """And a line without any has nothing to pass through."""
    line, later, short = Line(), late(5), truncated(2)
    switch_reply(line, later, True)
    switch_reply(line, short, True)
    assert befallen(line) == [(b"ab", 6)]
    switch_reply(line, later, False)
    assert befallen(line) == [(b"ab", 1)]
    switch_reply(line, silence, True)
    assert befallen(line) == []
    switch_reply(line, silence, False)
    switch_reply(line, short, False)
    assert line.fault is None


def test_a_ramp_is_a_part_of_the_fault() -> None:
    """Stretched clocks, bit errors."""
    mission = Mission(SCENARIO)
    assert mission.simulation.bay is not None
    bus = mission.simulation.bay.i2c["left"]
    set_level = begun(mission, "bus.left", "late", extra_ms=8.0)
    for level, stretch_ms in ((0.5, 4), (1.0, 8), (0.0, 0)):
        set_level(level)
        assert bus.stretch_ns == stretch_ms * NS_PER_MS


def test_noise_on_both_ways_is_taken_off_again() -> None:
    """Found by the same object that was put on."""
    mission = Mission(SCENARIO)
    assert mission.simulation.bay is not None
    line = mission.simulation.bay.serial["motors"]
    for kind in ("noise", "baud_mismatch"):
        set_level = begun(mission, "bus.motors", kind)
        set_level(0.5)
        set_level(1.0)
        assert line.fault is not None
        assert len(line.garbled) == 1
        set_level(0.0)
        assert line.fault is None
        assert line.garbled == ()


@given(st.binary(max_size=200), st.floats(0.0, 0.1))
def test_bit_noise_keeps_the_length_and_flips_at_most_one_bit_a_byte(data: bytes, rate: float) -> None:
    """None at rate 0."""
    spoilt = BitNoise(Noise(1, "x"), rate).spoil(data)
    assert len(spoilt) == len(data)
    assert all((a ^ b).bit_count() <= 1 for a, b in zip(data, spoilt, strict=True))
    assert BitNoise(Noise(1, "x")).spoil(data) == data


def test_old_bytes_are_those_of_the_reply_before() -> None:
    """The first reply has none."""
    old = OldBytes(2)
    assert [old(data, 3) for data in (b"abc", b"de", b"f")] == [[(b"abc", 3)], [(b"bcde", 3)], [(b"def", 3)]]


class Chip:
    """Counts what reaches it."""

    heard = 0

    def transfer(self, _written: bytes, read_size: int, _now_ns: int) -> bytes | None:
        self.heard += 1
        return bytes(read_size)


def test_a_deaf_chip_does_not_do_what_it_does_not_acknowledge() -> None:
    """A write that was refused has changed nothing."""
    bench, chip = WireBench(), Chip()
    wires, port = bench.i2c({0x40: chip})
    wires.deaf = (lambda address: address == 0x40,)
    with pytest.raises(BusNak):
        port.transfer(0x40, b"\x01\x02", 0)
    assert chip.heard == 0
    wires.deaf = ()
    port.transfer(0x40, b"\x01\x02", 0)
    assert chip.heard == 1


def test_a_stuck_gpio_line_follows_again_to_what_was_asked_meanwhile() -> None:
    """The world is told each level that the line really takes."""
    pins, port = WireBench().gpio()
    seen: list[bool] = []
    pins.connect(3, pulled_high=False, watch=seen.append)
    port.claim(3, False)
    pins.stick(3, True)
    port.set(3, False)
    assert port.get(3) is True
    pins.stick(3, None)
    assert port.get(3) is False
    pins.stick(3, False)
    port.set(3, True)
    pins.stick(3, None)
    assert seen == [True, False, True]


def test_a_rover_that_lacks_the_device_refuses_the_fault_before_it_flies() -> None:
    """Named, in one line; at device depth there are no wires at all."""
    fault = FaultSection(at_s=1.0, device="bus.left", kind="nak")
    shallow = msgspec.structs.replace(SCENARIO, depth="device", fault=(fault,))
    with pytest.raises(ConfigError, match=r"bus.left/nak: this rover has none: the mission is not at wire depth"):
        Mission(shallow)
    other = msgspec.structs.replace(SCENARIO, rover="open_source_rover", fault=(fault,))
    with pytest.raises(ConfigError, match=r"bus.left/nak: this rover has none: left"):
        Mission(other)


def test_a_fault_with_dice_flies_the_same_twice() -> None:
    """To the byte."""
    first, second = (flown("bus.motors", "noise", bit_error_rate=1e-4).mission for _ in range(2))
    assert first.recorder.sha256 == second.recorder.sha256
