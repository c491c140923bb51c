"""Contract of `Radio`: a byte pipe that counts what fits, a transmitter that falls silent by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from hal.api.clock import NS_PER_S
from hal.api.devices import Radio
from hal.api.errors import DeviceError
from tests.contract.rigs import Rig, fake_clock, sim_bench
from tests.fakes.radio import FakeRadio
from tests.hal.drivers.sik_rig import RadioRig

RELAY_BIT_S = 140_000.0
LOCAL_BIT_S = 1_000_000.0


@dataclass
class RadioCase(Rig[Radio]):
    """A radio with the rate that it knows."""

    rate_bit_s: float = RELAY_BIT_S


def _sim_relay() -> RadioCase:
    bench = sim_bench()
    bench.power("radio_relay")
    return RadioCase(bench.hal.radio_relay, bench.hal.clock)


def _sim_local(*, wire: bool = False) -> RadioCase:
    """At wire depth a modem of its own, behind a serial line, fed by the driver."""
    bench = sim_bench(wire=wire)
    radio = bench.hal.radio_local
    return RadioCase(radio, bench.hal.clock, follow=radio.status, rate_bit_s=LOCAL_BIT_S)


def _wire_local() -> RadioCase:
    return _sim_local(wire=True)


def _fake() -> RadioCase:
    clock = fake_clock()
    return RadioCase(FakeRadio(clock, (RELAY_BIT_S,)), clock)


def _sik_modem() -> RadioCase:
    rig = RadioRig(RELAY_BIT_S, 460_800)
    return RadioCase(rig.radio, rig.bench.plug, follow=rig.radio.status)


@pytest.fixture(params=[_sim_relay, _sim_local, _wire_local, _fake, _sik_modem])
def rig(request: pytest.FixtureRequest) -> RadioCase:
    make: Callable[[], RadioCase] = request.param
    return make()


def test_send_returns_what_fitted(rig: RadioCase) -> None:
    """The buffer takes what it says is free, and not a byte more."""
    radio = rig.device
    free = radio.status().tx_free_bytes
    assert free > 1000
    assert radio.send(bytes(100)) == 100
    assert radio.status().tx_free_bytes == free - 100
    assert radio.send(bytes(2 * free)) == free - 100
    assert radio.send(b"more") == 0


def test_the_buffer_drains_at_the_transmitter_s_rate(rig: RadioCase) -> None:
    """Not before it is on; then as many bytes as the rate says, give or take what is fed ahead; to the last."""
    radio = rig.device
    size = min(30_000, radio.status().tx_free_bytes)
    free = radio.status().tx_free_bytes
    radio.send(bytes(size))
    rig.pass_s(5.0)
    assert radio.status().tx_free_bytes == free - size
    whole_s = size * 8 / rig.rate_bit_s
    radio.set_transmitter(True, rig.rate_bit_s, 30 * NS_PER_S)
    rig.pass_s(0.55 * whole_s)
    left = free - radio.status().tx_free_bytes
    assert 0 < left < 0.6 * size
    rig.pass_s(whole_s + 0.2)
    assert radio.status().tx_free_bytes == free


def test_the_transmitter_falls_silent_unless_refreshed(rig: RadioCase) -> None:
    """Its rate reads zero once the hold is over, and at once after make_safe."""
    radio = rig.device
    radio.set_transmitter(True, rig.rate_bit_s, 2 * NS_PER_S)
    assert radio.status().tx_rate_bit_s == rig.rate_bit_s
    rig.pass_s(2.1)
    assert radio.status().tx_rate_bit_s == 0.0
    radio.set_transmitter(True, rig.rate_bit_s, 30 * NS_PER_S)
    radio.make_safe()
    assert radio.status().tx_rate_bit_s == 0.0


def test_an_unknown_rate_is_refused(rig: RadioCase) -> None:
    """A radio has its rates and no others."""
    with pytest.raises(DeviceError):
        rig.device.set_transmitter(True, 123.0, NS_PER_S)
    assert rig.device.status().tx_rate_bit_s == 0.0


def test_nothing_received_is_empty(rig: RadioCase) -> None:
    """An empty pipe gives empty bytes, not an error."""
    assert rig.device.receive(1000) == b""


def test_a_receiver_that_is_off_hears_no_carrier(rig: RadioCase) -> None:
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


def _wire_local_with(data: bytes) -> Radio:
    bench = sim_bench(wire=True)
    bench.simulation.links["local"].uplink(data)
    bench.rig(bench.hal).pass_s(1.0)
    return bench.hal.radio_local


def _sik_modem_with(data: bytes) -> Radio:
    rig = RadioRig()
    rig.modem.from_air(data)
    rig.bench.pass_s(1.0)
    return rig.radio


@pytest.mark.parametrize("make", [_sim_local_with, _wire_local_with, _sik_modem_with])
def test_received_bytes_come_in_order_and_in_bites(make: Callable[[bytes], Radio]) -> None:
    """What the ground sent is read in pieces of at most the size asked for."""
    radio = make(b"0123456789")
    assert radio.status().locked
    assert [radio.receive(4), radio.receive(4), radio.receive(4)] == [b"0123", b"4567", b"89"]
