"""Faults between rover and ground: what the channel does with bytes, and what becomes of telecommands under way."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from ground.verification import CommandRecord
from sil.faults.registry import REGISTRY
from sil.scenario import FaultSection
from telemetry_defs.definitions import FailureCode
from tests.sil.faults.device_bench import HOLD_NS, Flown, Shelf, fly, told, twin

AT_S, END_S = 30.0, 55.0
RELAY_BIT_S = (700.0, 140_000.0)


def fault(radio: str, kind: str, **args: Any) -> FaultSection:
    return FaultSection(at_s=AT_S, for_s=END_S - AT_S, device=f"radio_{radio}", kind=kind, args=args)


def calls(flown: Flown, from_s: float, to_s: float) -> list[CommandRecord]:
    """Telecommands that ground sent in a span."""
    return [item for item in flown.mission.station.commands if from_s * 1e9 <= item.sent_ns < to_s * 1e9]


def answered(flown: Flown, from_s: float, to_s: float) -> int:
    return sum(bool(item.completed) for item in calls(flown, from_s, to_s))


def accepted(flown: Flown) -> tuple[int, int, int]:
    """Telecommands that flight accepted and rejected, and packets that were bad."""
    assert flown.mission.flight is not None
    received = flown.mission.flight.core.path.received
    return received.accepted, received.rejected, received.bad_packets


# Whether there is a carrier.


@pytest.mark.parametrize("kind", ["blackout", "no_uplink", "flapping"])
def test_without_its_carrier_the_local_link_is_left(kind: str) -> None:
    """The downlink goes to the relay, and what ground sends is lost; afterwards it is answered again."""
    flown = fly("calls", fault("local", kind))

    assert "comms.downlink_moved" in told(f"radio_local/{kind}", flown, "calls", AT_S, END_S)
    assert answered(flown, AT_S, END_S) < answered(twin("calls"), AT_S, END_S)
    assert answered(flown, END_S + 5.0, 95.0) == answered(twin("calls"), END_S + 5.0, 95.0) > 0
    assert flown.mission.simulation.links["local"].locked()


def test_without_any_carrier_a_motion_ends() -> None:
    """Ground cannot stop it any more."""
    flown = fly("drive", fault("local", "no_uplink"), fault("relay", "no_uplink"))

    assert "mobility.link_lost" in flown.raised(AT_S, AT_S + 8.0)
    assert not flown.mission.simulation.world.wheels_turning
    assert "mobility.link_lost" not in twin("drive").raised(0.0, 100.0)


def test_a_dead_downlink_leaves_ground_deaf_and_the_rover_obedient() -> None:
    """It accepts what it is sent; ground sees no answer until the link is back."""
    flown = fly("calls", fault("local", "no_downlink"))

    assert accepted(flown) == accepted(twin("calls"))
    assert answered(flown, AT_S, END_S) == 0
    assert answered(flown, END_S, 95.0) == answered(twin("calls"), END_S, 95.0)


@pytest.mark.parametrize("rate_bit_s", RELAY_BIT_S)
def test_a_weak_relay_carries_its_lowest_rate_only(rate_bit_s: float) -> None:
    """What is sent faster arrives as nothing, and the strength says so."""
    shelf, down = Shelf(), []
    link, radio = shelf.mission.simulation.links["relay"], shelf.hal.radio_relay
    link.on_downlink(lambda _, data: down.append(data))
    healthy_dbm = radio.status().rssi_dbm
    shelf.start("radio_relay/low_rate")
    radio.set_transmitter(True, rate_bit_s, HOLD_NS)
    radio.send(b"down")
    shelf.wait(5.0)
    assert down == ([b"down"] if rate_bit_s == RELAY_BIT_S[0] else [])
    assert (radio.status().rssi_dbm or 0.0) < -125.0 <= (healthy_dbm or 0.0)
    shelf.end("radio_relay/low_rate")
    radio.send(b"more")
    shelf.wait(5.0)
    assert down[-1] == b"more"
    assert radio.status().rssi_dbm == healthy_dbm


def test_flight_steps_down_to_the_rate_that_a_weak_relay_carries() -> None:
    """On the relay for want of the local link; ground still hears it."""
    gap = FaultSection(at_s=10.0, device="radio_local", kind="blackout")
    weak, strong = fly("idle", gap, fault("relay", "low_rate")), fly("idle", gap)

    assert "comms.downlink_moved" in weak.raised(AT_S, AT_S + 5.0)
    assert "comms.downlink_moved" not in strong.raised(AT_S, END_S)
    assert "comms.downlink_moved" in weak.raised(END_S, END_S + 5.0)


# What becomes of the bytes.


def sent_up(shelf: Shelf, data: bytes, radio: str = "local") -> bytes:
    """What of `data` the rover receives within half a minute."""
    shelf.mission.simulation.links[radio].uplink(data)
    shelf.wait(30.0)
    device = shelf.hal.radio_local if radio == "local" else shelf.hal.radio_relay
    for load in shelf.hal.loads.names():
        shelf.hal.loads.set(load, True, HOLD_NS)
    return device.receive(100_000)


def test_wrong_bits_come_at_their_rate_and_grow_with_the_level() -> None:
    """In 80,000 bits; none before and none after."""
    shelf, data = Shelf(), bytes(10_000)

    def wrong() -> int:
        return sum(byte.bit_count() for byte in sent_up(shelf, data))

    assert wrong() == 0
    for level in shelf.levels("radio_local/bit_errors", (0.1, 1.0, 0.0), rate=0.01):
        assert wrong() == pytest.approx(800 * level, rel=0.25)


def test_frames_vanish_whole() -> None:
    """About 30 of 100; those that arrive are as they were."""
    shelf = Shelf()
    frames = [bytes([n + 1] * 20) for n in range(100)]
    shelf.start("radio_local/frame_loss", share=0.3)
    got = [piece for piece in sent_up(shelf, b"".join(frame + b"\x00" for frame in frames)).split(b"\x00") if piece]
    assert 55 <= len(got) <= 85
    assert got == [frame for frame in frames if frame in got]
    shelf.end("radio_local/frame_loss")
    assert sent_up(shelf, frames[0]) == frames[0]


@pytest.mark.parametrize("radio", ["local", "relay"])
def test_duplicates_and_order(radio: str) -> None:
    """Twice; then the older behind the younger; then as it should be."""
    shelf = Shelf()
    link = shelf.mission.simulation.links[radio]
    shelf.start(f"radio_{radio}/duplicates", after_s=2.0)
    assert sent_up(shelf, b"one", radio) == b"oneone"
    shelf.end(f"radio_{radio}/duplicates")
    shelf.start(f"radio_{radio}/reordered", share=1.0, late_s=20.0)
    link.uplink(b"old")
    shelf.wait(5.0)
    shelf.end(f"radio_{radio}/reordered")
    assert sent_up(shelf, b"new", radio) == b"newold"
    assert sent_up(shelf, b"end", radio) == b"end"


def _note(times: list[int], t_ns: int, _: bytes) -> None:
    times.append(t_ns)


def test_a_longer_way_takes_longer() -> None:
    """Ten seconds up and ten down, half of it at half the level."""
    for radio in ("local", "relay"):
        shelf, times = Shelf(), list[int]()
        link = shelf.mission.simulation.links[radio]
        link.on_downlink(partial(_note, times))
        device = shelf.hal.radio_local if radio == "local" else shelf.hal.radio_relay
        took = []
        for _ in shelf.levels(f"radio_{radio}/delay", (0.5, 1.0, 0.0), delay_s=10.0, way="down"):
            device.set_transmitter(True, link.spec.downlink_bit_s[0], HOLD_NS)
            start_ns = shelf.clock.now_ns()
            device.send(b"x")
            shelf.wait(15.0)
            took.append((times[-1] - start_ns) / 1e9)
        assert took[0] - took[2] == pytest.approx(5.0, abs=0.01)
        assert took[1] - took[2] == pytest.approx(10.0, abs=0.01)


def test_damaged_frames_are_dropped_and_counted() -> None:
    """A telecommand of 20 bytes does not get through one wrong bit in 50."""
    flown = fly("calls", fault("local", "bit_errors", rate=0.02))

    assert told("radio_local/bit_errors", flown, "calls", AT_S, END_S)
    assert accepted(flown)[2] > 0
    assert answered(flown, END_S, 95.0) == answered(twin("calls"), END_S, 95.0)


def test_a_second_copy_is_refused() -> None:
    """Each call is obeyed once; each copy is a DUPLICATE."""
    flown = fly("calls", fault("local", "duplicates"))

    copies = len(calls(flown, AT_S, END_S))
    obeyed, refused, bad = accepted(flown)
    assert (obeyed, refused, bad) == (accepted(twin("calls"))[0], copies, 0)
    assert all(item.code is FailureCode.DUPLICATE for item in calls(flown, AT_S, END_S))


@pytest.mark.parametrize(("kind", "args"), [("frame_loss", {"share": 0.6}), ("reordered", {}), ("delay", {})])
def test_lossy_and_late_links_harm_no_row(kind: str, args: dict[str, Any]) -> None:
    """Some calls are lost or late; nothing is accepted that was not sent; afterwards all are answered."""
    flown = fly("calls", fault("local", kind, **args))

    assert accepted(flown)[0] <= accepted(twin("calls"))[0]
    assert flown.mission.flight is not None
    assert not any(row.failures for row in flown.mission.flight.executive.rows.values())
    assert answered(flown, END_S + 5.0, 95.0) == answered(twin("calls"), END_S + 5.0, 95.0)


# Who else is on the air.


@pytest.mark.parametrize("radio", ["local", "relay"])
def test_noise_is_dropped_and_ground_still_gets_through(radio: str) -> None:
    """It is told, nothing of it is accepted, and the calls behind it are obeyed."""
    flown = fly("calls", fault(radio, "noise"))

    assert told(f"radio_{radio}/noise", flown, "calls", AT_S, END_S)
    assert flown.mission.station.bad_frames > 0
    assert accepted(flown)[0] >= accepted(twin("calls"))[0] - 2
    assert answered(flown, END_S + 5.0, 95.0) == answered(twin("calls"), END_S + 5.0, 95.0)


def test_a_replay_within_the_window_is_refused() -> None:
    """Every call comes again after seven seconds."""
    flown = fly("calls", fault("local", "replay", after_s=7.0))

    obeyed, refused, _ = accepted(flown)
    assert obeyed == accepted(twin("calls"))[0]
    assert refused == len(calls(flown, AT_S, END_S - 7.0))


def test_a_replay_outside_the_window_is_obeyed() -> None:
    """Seventy younger telecommands of the same source lie between: nothing tells it from a new one."""
    flown = fly("busy", fault("local", "replay", after_s=20.0), duration_s=70.0)

    obeyed, refused, _ = accepted(flown)
    assert (obeyed, refused) == (accepted(twin("busy", 70.0))[0] + 1, 0)


def test_a_babbler_does_not_shut_ground_out() -> None:
    """Fifty valid telecommands a second of another source are obeyed, and each call of ground too."""
    flown = fly("calls", fault("local", "babble", per_s=50.0))

    assert accepted(flown)[0] > accepted(twin("calls"))[0] + 1000
    assert answered(flown, 0.0, 95.0) == answered(twin("calls"), 0.0, 95.0)
    assert flown.mission.flight is not None
    assert not any(row.failures for row in flown.mission.flight.executive.rows.values())


def test_the_link_rows_are_those_of_both_radios() -> None:
    """But for the rate, which only the relay can lower."""
    kinds = {name: {kind for device, kind in REGISTRY if device == f"radio_{name}"} for name in ("local", "relay")}
    assert kinds["relay"] - kinds["local"] == {"low_rate"}
    assert kinds["local"] <= kinds["relay"]
