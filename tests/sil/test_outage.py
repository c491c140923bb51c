"""What a power cut takes from the record, and what the boot report says about it."""

from __future__ import annotations

import pytest

from flight.app import Flight
from flight.store import packet_store
from flight.store.segments import packet_time_ns, read_packets
from flight.telemetry.outbox import Priority, Recorder
from hal.api.clock import NS_PER_S
from hal.api.values import ResetCause
from telemetry_defs.areas import system
from telemetry_defs.definitions import TM_APIDS
from telemetry_defs.formats import DecodedTm, decode_tm
from tests.sil.lone_rover import LoneRover, packed

CUTS_S = tuple(12.0 + 0.37 * number for number in range(24))
"""At all phases of cycle, second and sync."""
PAUSE_NS = 300_000_000


class Notes:
    """Stands before the packet store and writes down what was recorded, and when."""

    def __init__(self, rover: LoneRover) -> None:
        self.made: list[tuple[int, bytes]] = []
        self._rover = rover
        self._store: Recorder | None = None
        rover.on_boot.append(self._booted)

    def record(self, priority: Priority, packet: bytes) -> bool:
        assert self._store is not None
        self.made.append((self._rover.clock.now_ns(), packet))
        return self._store.record(priority, packet)

    def _booted(self, flight: Flight) -> None:
        self._store, flight.core.outbox.recorder = flight.core.outbox.recorder, self


def cut_at(cut_s: float) -> tuple[LoneRover, Notes, list[bytes]]:
    """A talkative rover, cut off and booted again; with what was on its storage just after the cut."""
    rover = LoneRover(seed=int(cut_s * 100))
    notes = Notes(rover)
    rover.run_s(4.0)
    again = packed("system.ping", {}, rover.take_count())
    while rover.clock.now_ns() < cut_s * NS_PER_S:
        rover.send_packet(again)  # a refusal, which gives nobody else a reason for a sync
        rover.run_until_ns(min(rover.clock.now_ns() + PAUSE_NS, round(cut_s * NS_PER_S)))
    rover.stop_computer(ResetCause.POWER_CUT)
    disk = rover.simulation.disk
    left = list(read_packets(disk.names(), disk.content))
    rover.run_s(6.0)
    return rover, notes, left


def boot_report(rover: LoneRover) -> DecodedTm:
    """Of the second boot."""
    (sent,) = [item for item in rover.events(system.BOOT.event_id) if item.life == 2]
    return decode_tm(sent.raw)


def lost_before(cut_s: float) -> list[float]:
    """How long before the cut each packet was made that is gone, s."""
    _, notes, left = cut_at(cut_s)
    kept = dict.fromkeys(left)
    return [cut_s - t_ns / NS_PER_S for t_ns, packet in notes.made if t_ns < cut_s * NS_PER_S and packet not in kept]


@pytest.mark.parametrize("cut_s", CUTS_S)
def test_a_power_cut_takes_at_most_the_last_second(cut_s: float) -> None:
    """What is older is on storage; the boot report names the newest packet that is, and where the counts go on."""
    rover, notes, left = cut_at(cut_s)
    kept = dict.fromkeys(left)
    old = [packet for t_ns, packet in notes.made if t_ns <= (cut_s - 1.0) * NS_PER_S]
    assert len(old) > 20
    assert all(packet in kept for packet in old)

    fields = boot_report(rover).fields
    newest_ns = max(map(packet_time_ns, left))
    assert fields["recorded_until_gps_s"] == pytest.approx(newest_ns / 1e9, abs=1e-6)
    for apid, first in zip(TM_APIDS, fields["first_counts"], strict=True):
        counts = [item.tm.sequence_count for item in rover.sent if item.life == 2 and item.tm.apid == apid]
        assert counts == [] or min(counts) == first


def test_with_a_lazy_sync_more_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the sync twice a second that keeps the loss below one."""
    monkeypatch.setattr(packet_store, "SYNC_NS", 4 * NS_PER_S)
    assert max(age_s for cut_s in CUTS_S[:8] for age_s in lost_before(cut_s)) > 1.0


def test_the_first_boot_knows_of_no_record() -> None:
    """Nothing was ever recorded, and that is what it says."""
    rover = LoneRover()
    rover.run_s(5.0)
    (sent,) = rover.events(system.BOOT.event_id)
    assert decode_tm(sent.raw).fields["recorded_until_gps_s"] is None
