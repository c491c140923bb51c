"""Contract of `Radio`: a byte pipe that counts what fits, a transmitter that falls silent by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hal.api.clock import NS_PER_S
from hal.api.devices import Radio
from hal.api.errors import DeviceError
from tests.contract.rigs import Rig, fake_clock, sim_bench
from tests.fakes.radio import FakeRadio
from tests.hal.drivers.sik_rig import RadioRig

RATE = 140_000.0


def _sim_relay() -> Rig[Radio]:
    bench = sim_bench()
    bench.power("radio_relay")
    return bench.rig(bench.hal.radio_relay)


def _fake() -> Rig[Radio]:
    clock = fake_clock()
    return Rig(FakeRadio(clock, (RATE,)), clock)


def _sik_modem() -> Rig[Radio]:
    rig = RadioRig(RATE, 460_800)
    return Rig(rig.radio, rig.bench.plug, follow=rig.radio.status)


@pytest.fixture(params=[_sim_relay, _fake, _sik_modem])
def rig(request: pytest.FixtureRequest) -> Rig[Radio]:
    make: Callable[[], Rig[Radio]] = request.param
    return make()


def test_send_returns_what_fitted(rig: Rig[Radio]) -> None:
    """The buffer takes what it says is free, and not a byte more."""
    radio = rig.device
    free = radio.status().tx_free_bytes
    assert free > 1000
    assert radio.send(bytes(100)) == 100
    assert radio.status().tx_free_bytes == free - 100
    assert radio.send(bytes(2 * free)) == free - 100
    assert radio.send(b"more") == 0


def test_the_buffer_drains_at_the_transmitter_s_rate(rig: Rig[Radio]) -> None:
    """Two seconds at 140 kbit/s are 35 kB; a transmitter that is off sends nothing."""
    radio = rig.device
    size = min(30_000, radio.status().tx_free_bytes)
    free = radio.status().tx_free_bytes
    radio.send(bytes(size))
    rig.pass_s(5.0)
    assert radio.status().tx_free_bytes == free - size
    radio.set_transmitter(True, RATE, 30 * NS_PER_S)
    rig.pass_s(1.0)
    left = free - radio.status().tx_free_bytes
    assert 0 < left < size
    rig.pass_s(1.0)
    assert radio.status().tx_free_bytes == free


def test_the_transmitter_falls_silent_unless_refreshed(rig: Rig[Radio]) -> None:
    """Its rate reads zero once the hold is over, and at once after make_safe."""
    radio = rig.device
    radio.set_transmitter(True, RATE, 2 * NS_PER_S)
    assert radio.status().tx_rate_bit_s == RATE
    rig.pass_s(2.1)
    assert radio.status().tx_rate_bit_s == 0.0
    radio.set_transmitter(True, RATE, 30 * NS_PER_S)
    radio.make_safe()
    assert radio.status().tx_rate_bit_s == 0.0


def test_an_unknown_rate_is_refused(rig: Rig[Radio]) -> None:
    """A radio has its rates and no others."""
    with pytest.raises(DeviceError):
        rig.device.set_transmitter(True, 123.0, NS_PER_S)
    assert rig.device.status().tx_rate_bit_s == 0.0


def test_nothing_received_is_empty(rig: Rig[Radio]) -> None:
    """An empty pipe gives empty bytes, not an error."""
    assert rig.device.receive(1000) == b""


def test_a_receiver_that_is_off_hears_no_carrier(rig: Rig[Radio]) -> None:
    """Off is off; safe is on."""
    radio = rig.device
    radio.set_receiver(False)
    assert not radio.status().locked
    radio.make_safe()
    radio.set_receiver(True)


def _sim_local_with(data: bytes) -> Radio:
    bench = sim_bench()
    bench.simulation.links["local"].uplink(data)
    bench.rig(bench.hal).pass_s(1.0)
    return bench.hal.radio_local


def _sik_modem_with(data: bytes) -> Radio:
    rig = RadioRig()
    rig.modem.from_air(data)
    rig.bench.pass_s(1.0)
    return rig.radio


@pytest.mark.parametrize("make", [_sim_local_with, _sik_modem_with])
def test_received_bytes_come_in_order_and_in_bites(make: Callable[[bytes], Radio]) -> None:
    """What the ground sent is read in pieces of at most the size asked for."""
    radio = make(b"0123456789")
    assert radio.status().locked
    assert [radio.receive(4), radio.receive(4), radio.receive(4)] == [b"0123", b"4567", b"89"]
