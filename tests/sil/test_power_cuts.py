"""A power cut at every storage operation of a scenario that uses every on-board service."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from flight.sequences.record import encode
from ground.sequence_load import load_arguments
from hal.api.clock import NS_PER_S
from hal.api.values import ResetCause
from sim_hal.clock import Rank
from telemetry_defs.areas import system
from tests.flight.sequence_bench import HEAD, compiled, hk_step
from tests.sil.kept_things import Effect, Ledger, Witness, effect, newest_kept, observe, stored
from tests.sil.lone_rover import GPS_NS, WRITES, Call, LoneRover, packed

DURATION_S = 64.0
AFTER_S = 10.0
DEFECT_S = 22.0
GPS_S = GPS_NS // NS_PER_S
FIRST_SECONDS = {"from_gps_s": float(GPS_S), "to_gps_s": GPS_S + 10.0, "apid": 0, "service": 0, "classes": 15}
LATER = 7
"""Source id of the telecommands that wait on board."""


def later(name: str, count: int) -> bytes:
    """A telecommand to wait on the timeline."""
    return packed(name, {}, count, LATER)


(LOAD,) = load_arguments(64, encode(compiled(HEAD + hk_step(0.0, 1) + hk_step(5.0, 2))), hazardous=False)
SCENARIO: tuple[tuple[float, str, dict[str, Any]], ...] = (
    (3.0, "system.set_parameter", {"parameter_id": system.MOTION_IDLE_S.parameter_id, "value": 20.0}),
    (4.0, "system.arm", {"target": system.DRIVE_SOC.arm_code}),
    (4.2, "system.set_parameter", {"parameter_id": system.DRIVE_SOC.parameter_id, "value": 0.65}),
    (5.0, "instruments.power", {"instrument": "CAMERA", "on": True}),
    (9.0, "instruments.acquire_image", {"exposure_s": 0.01}),
    (11.0, "timeline.insert", {"release_gps_s": 3.5e9, "telecommand": later("system.ping", 1)}),
    (11.5, "timeline.insert", {"release_gps_s": 3.5e9, "telecommand": later("system.stop", 2)}),
    (12.0, "timeline.insert", {"release_gps_s": GPS_S + 15.0, "telecommand": later("system.ping", 3)}),
    (13.0, "system.set_mode", {"mode": "IDLE"}),
    (14.0, "monitors.passive", {"monitor": 5}),
    (15.0, "health.declare_dead", {"device": "PLASMA"}),
    (16.0, "sequences.load", LOAD),
    (18.0, "system.set_parameter", {"parameter_id": system.MOTION_IDLE_S.parameter_id, "value": 10.0}),
    (21.0, "instruments.downlink", {"product_id": 1, "first_part": 1, "last_part": 1}),
    (23.0, "instruments.delete_product", {"product_id": 1}),
    (24.0, "timeline.delete", {"source_id": LATER, "apid": 0x100, "sequence_count": 1}),
    (24.5, "timeline.shift_all", {"offset_s": 100.0}),
    (26.0, "store.retrieve", FIRST_SECONDS),
    (27.0, "mobility.arc", {"curvature_1_m": 0.0, "distance_m": 0.2, "speed_m_s": 0.03, "timeout_s": 60.0}),
    (28.0, "store.disable", {}),
    (29.0, "store.enable", {}),
    (30.0, "store.report", {}),
    (32.0, "system.set_hk_interval", {"structure_id": 1, "interval_s": 1.0}),
    (33.0, "timeline.disable", {}),
    (35.0, "timeline.summary", {}),
    (36.0, "comms.set_window", {"start_gps_s": GPS_S + 100, "stop_gps_s": GPS_S + 200}),
    (36.5, "system.set_mode", {"mode": "CHARGE"}),
    (37.0, "sequences.start", {"sequence_id": 64}),
    (38.0, "system.arm", {"target": system.RESTART.arm_code}),
    (38.2, "system.restart", {}),
    (39.5, "timeline.insert", {"release_gps_s": 3.5e9, "telecommand": later("system.ping", 4)}),
    (44.0, "timeline.enable", {}),
    (46.0, "system.set_parameter", {"parameter_id": system.MOTION_IDLE_S.parameter_id, "value": 30.0}),
    (47.0, "system.stage_parameter", {"parameter_id": system.MOTION_IDLE_S.parameter_id, "value": 40.0}),
    (47.2, "system.validate_parameters", {}),
    (47.4, "system.roll_back_parameters", {"to": "ACTIVE"}),
    (47.6, "monitors.disable_action", {"action": 5}),
    (47.8, "sequences.unload", {"sequence_id": 64}),
    (48.0, "system.set_mode", {"mode": "SAFE"}),
    (49.0, "health.revive", {"device": "PLASMA"}),
    (49.5, "monitors.enable", {"monitor": 5}),
    (50.0, "system.hold_safe", {"hold": True}),
)  # fmt: skip


class Exercise:
    """One flight of the scenario, with at most one power cut in it."""

    def __init__(self, cut_at: int | None, seed: int, before: bool) -> None:
        """Cut at the storage operation with this number, before it is made or just after."""
        self.rover = LoneRover(seed=seed)
        self.operations = 0
        self._cut_at = cut_at
        self._before = before
        self.is_cut = False
        self.witness = Witness()
        self.kept: dict[str, int] = {}
        self.packets: list[bytes] = []
        self._asked: dict[int, int] = {}
        self.ledger: Ledger | None = None
        self.rover.around_storage = self._around
        self.rover.on_boot.append(self._booted)
        self.rover.on_sent.append(lambda item: self._answer(item.tm.service, item.tm.subtype, item.tm.data))
        for at_s, name, args in SCENARIO:
            packet = packed(name, args, self.rover.take_count())
            self.rover.clock.at(round(at_s * NS_PER_S), Rank.SCENARIO, partial(self._send, packet, effect(name, args)))
        self.rover.clock.at(round(DEFECT_S * NS_PER_S), Rank.SCENARIO, self._raise)

    def _raise(self) -> None:
        """A row raises once, so that a crash record is written."""
        flight = self.rover.flight
        if self.is_cut or flight is None:
            return
        row = flight.executive.rows["thermal"].row

        def tick(now_ns: int) -> None:
            raise RuntimeError("a defect")

        if row is not None:
            row.tick = tick  # type: ignore[method-assign]  # put in from outside

    def _send(self, packet: bytes, changes: Effect | None) -> None:
        if self.is_cut:
            return
        self.rover.send_packet(packet)
        if changes is not None and self.ledger is not None:
            self._asked[int.from_bytes(packet[:4], "big")] = self.ledger.asked(*changes)

    def _answer(self, service: int, subtype: int, data: bytes) -> None:
        number = self._asked.get(int.from_bytes(data[:4], "big")) if service == 1 else None
        if number is None or self.ledger is None:
            return
        if subtype == 7:
            self.ledger.done(number)
        elif subtype in (2, 4):
            self.ledger.refused(number)

    def _booted(self, flight: Any) -> None:
        assert not flight.boot.lost
        if self.ledger is None:
            self.ledger = Ledger(observe(flight))
        else:
            self.ledger.check(observe(flight))
        self.witness = Witness()

    def _around(self, device: str, method: str, args: tuple[Any, ...], call: Call) -> Any:
        if method not in WRITES or self.is_cut:
            return call()
        here = self.operations == self._cut_at
        self.operations += 1
        if here and self._before:
            self._cut()
        result = call()
        self.witness.saw(method, args, result)
        if here:
            self._cut()
        return result

    def _cut(self) -> None:
        self.is_cut = True
        self.kept, self.packets = self.witness.take_durable(self.rover.simulation.disk.synced_ticket)
        self.rover.simulation.stop(ResetCause.POWER_CUT)

    def check(self) -> None:
        """After the cut: flight is up, in good order, and nothing durable is missing."""
        rover, disk = self.rover, self.rover.simulation.disk
        assert rover.flight is not None
        assert rover.flight.executive.cycles >= 10 * (AFTER_S - 5.0)
        assert not any(state.failures for state in rover.flight.executive.rows.values())
        assert not list(rover.events(system.STATE_LOST.event_id))
        kept = newest_kept(disk.names(), disk.content)
        for name, generation in self.kept.items():
            assert kept.get(name, 0) >= generation, f"{name}: generation {generation} lost"
        there = dict.fromkeys(stored(disk.names(), disk.content))
        missing = [packet for packet in self.packets if packet not in there]
        assert not missing, f"{len(missing)} of {len(self.packets)} durable packets lost"


def operations_of_the_scenario() -> int:
    """How many storage operations there are to cut at."""
    exercise = Exercise(None, 1, before=True)
    exercise.rover.run_s(DURATION_S)
    assert exercise.ledger is not None
    assert exercise.ledger.acknowledged >= 20, "the scenario must have something acknowledged"
    assert list(exercise.rover.events(system.CRASH_RECORD.event_id)), "and a crash on record"
    return exercise.operations


def cut_and_check(operation: int, before: bool) -> None:
    """Fly up to the cut, then on for a while."""
    exercise = Exercise(operation, 1 + operation, before)
    rover = exercise.rover
    while not exercise.is_cut and rover.clock.now_ns() < DURATION_S * NS_PER_S:
        rover.run_s(1.0)
    rover.run_s(AFTER_S)
    exercise.check()


SHARES = 4
"""The cuts are spread over so many tests, for two cores."""


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("before", [True, False])
def test_no_power_cut_loses_what_was_durable_or_keeps_the_rover_from_starting(share: int, before: bool) -> None:
    """Before or just after each append, replace, remove and sync; what was not synced is lost, torn or reordered."""
    operations = operations_of_the_scenario()
    assert operations > 100
    for operation in range(share, operations, SHARES):
        try:
            cut_and_check(operation, before)
        except Exception as problem:
            problem.add_note(f"power cut {'before' if before else 'after'} storage operation {operation}")
            raise
