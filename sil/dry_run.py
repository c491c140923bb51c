"""What a sequence would do after a run: the run is flown again to its end, and goes on from there with the sequence.

Everything goes by ordinary telecommands between cycles, as in a live session, and is read from what flight sent.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from flight.sequences.record import Sequence, encode
from flight.sequences.shipped import shipped_sequences
from ground.sequence_load import load_arguments
from ground.station import RADIOS
from ground.verification import CommandRecord
from hal.api.clock import NS_PER_S, seconds
from sil.folder import SCENARIO_FILE
from sil.live.injection import apply
from sil.live.log import LIVE_FILE, read_log
from sil.live.pacing import OPEN_END_S
from sil.live.replay import Replay
from sil.loader import load_scenario
from sil.mission import Mission
from sil.scenario import Scenario
from sil.sequence_check import Judged, step_text
from telemetry_defs.areas import sequences as area
from telemetry_defs.definitions import Severity
from telemetry_defs.formats.decode import DecodedTm, decode_tm
from telemetry_defs.reports import EVENT_SERVICE

ANSWER_S: Final = 60.0
"""How long one telecommand may take; the relay is slow, and a part completes once it is durable."""
LISTEN_S: Final = 15.0
"""How long one ping is waited for."""
CONTACT_S: Final = 120.0
"""How long the rover is looked for on both radios in turn: one may be in a gap or off."""
AFTERMATH_S: Final = 60.0
"""How long an aborted sequence is watched on, for its abort steps and what comes of them."""
MEASURED: Final = ("power.hk", "mobility.hk", "thermal.hk")

Tell = Callable[[float, str], None]
"""Hears each line of the story with its simulated time, seconds since the start of the run."""
Script = Generator[None, None, bool]
"""Goes on by one cycle at each `next`; returns whether all went well."""


def flown(folder: Path) -> tuple[Scenario, Replay | None]:
    """The scenario of a result folder, and its log if it was a live session; what it expected is of no interest here.

    Raises:
        ConfigError: no result folder, or something in it is wrong.
    """
    scenario = msgspec.structs.replace(load_scenario(str(folder / SCENARIO_FILE)), expect=())
    log = folder / LIVE_FILE
    return scenario, Replay(read_log(log)) if log.exists() else None


class DryRun:
    """Drives a mission through `pace`.

    Attributes:
        completed: whether the sequence ran to its end.
        sha256: of the downlink at the end of the run that was flown again.
    """

    def __init__(self, mission: Mission, replay: Replay | None, judged: Judged, limit_s: float, tell: Tell) -> None:
        """`limit_s`: how long the sequence is watched from its start."""
        self._mission = mission
        self._replay = replay
        self._judged = judged
        self._limit_s = limit_s
        self._tell = tell
        self._over = False
        self._seen = 0
        self._told: set[bytes] = set()
        self._from_gps_ns = 0
        self._outcome: bool | None = None
        self._script: Script = self._all()
        self.completed = False
        self.sha256 = ""
        mission.on_end = self._run_over

    def pace(self, now_ns: int) -> None:
        """Between two cycles."""
        if not self._over:
            if self._replay is not None and not self._repeat(now_ns, self._replay):
                self._run_over()  # a live session sends once more after its end: the cycle to come still belongs to it
            return
        try:
            next(self._script)
        except StopIteration as ended:
            self.completed = bool(ended.value)
            self._mission.end()

    def _repeat(self, now_ns: int, replay: Replay) -> bool:
        mission = self._mission
        return replay.between_cycles(now_ns, mission.uplink, partial(apply, mission.injector))

    def _run_over(self) -> None:
        self._over = True
        self._mission.end_ns = seconds(OPEN_END_S)

    # The script.

    def _all(self) -> Script:
        mission = self._mission
        self.sha256 = mission.recorder.sha256
        self._seen = len(mission.recorder.sent)
        self._from_gps_ns = mission.start_gps_ns + self._now_ns()
        self._say(f"the run has ended in {mission.mode_name}; the sequence goes on from here")
        radio = yield from self._radio()
        if not radio:
            self._say(f"no answer on either radio for {CONTACT_S:g} s: nothing can be put on board now")
            return False
        mode, before = mission.mode_name, (yield from self._measure(radio))
        if not ((yield from self._put_on_board(radio)) and (yield from self._order("sequences.start", radio))):
            return False
        completed = yield from self._watch()
        self._compare(before, (yield from self._measure(radio)))
        self._say(f"mode {mode} before, {mission.mode_name} after")
        return completed

    def _radio(self) -> Generator[None, None, str]:
        """The radio on which the rover answers first, the fast one asked first; empty if neither does in time."""
        until_ns = self._now_ns() + seconds(CONTACT_S)
        while self._now_ns() < until_ns:
            for radio in RADIOS:
                ping = self._send("system.ping", {}, radio)
                yield from self._answered(ping, LISTEN_S)
                if ping.reports:
                    return radio
        return ""

    def _put_on_board(self, radio: str) -> Script:
        """A shipped one is there; any other goes up in parts, armed if need be: this rover is only a simulation."""
        sequence, hazardous = self._judged.sequence, self._judged.review.hazardous
        if sequence.sequence_id < area.FIRST_LOADED_ID:
            return self._ships(sequence)
        if hazardous and not (yield from self._order("system.arm", radio, {"target": "sequences.load"})):
            return False
        for arguments in load_arguments(sequence.sequence_id, encode(sequence), hazardous=hazardous):
            if not (yield from self._order("sequences.load", radio, arguments)):
                return False
        return True

    def _ships(self, sequence: Sequence) -> bool:
        ships = sequence in shipped_sequences(self._mission.rover.sequences)
        if not ships:
            last = area.FIRST_LOADED_ID - 1
            self._say(f"the rover ships with no such sequence {sequence.sequence_id}; above {last} it can be loaded")
        return ships

    def _order(self, name: str, radio: str, args: Mapping[str, object] | None = None) -> Script:
        """Send a telecommand, wait for its end and tell it."""
        record = self._send(name, {"sequence_id": self._judged.file.id} if args is None else args, radio)
        yield from self._answered(record, ANSWER_S)
        part = f", part {record.args['part']}" if "part" in record.args else ""
        self._say(f"{name}{part}: {record.state.value}{f' ({record.code_name})' if record.code_name else ''}")
        return bool(record.completed)

    def _watch(self) -> Script:
        """Until the sequence has said that it ended, and its abort steps have had their time."""
        until_ns = self._now_ns() + seconds(self._limit_s)
        while self._outcome is None and self._now_ns() < until_ns:
            yield
            self._listen()
        if self._outcome is None:
            self._say(f"not known to have ended {self._limit_s:g} s after its start")
        elif not self._outcome:
            yield from self._listen_on(AFTERMATH_S)
        return bool(self._outcome)

    def _listen_on(self, duration_s: float) -> Generator[None, None, None]:
        until_ns = self._now_ns() + seconds(duration_s)
        while self._now_ns() < until_ns:
            yield
            self._listen()

    def _send(self, name: str, args: Mapping[str, object], radio: str) -> CommandRecord:
        return self._mission.station.send_command(name, args, self._now_ns(), radio)

    def _answered(self, record: CommandRecord, limit_s: float) -> Script:
        until_ns = self._now_ns() + seconds(limit_s)
        while not record.finished and self._now_ns() < until_ns:
            yield
        self._listen()
        return bool(record.completed)

    def _now_ns(self) -> int:
        return self._mission.clock.now_ns()

    def _say(self, text: str) -> None:
        self._tell(self._mission.elapsed_s, text)

    # What flight says.

    def _listen(self) -> None:
        """What is new of this time; what the store sends again, of the run before too, was told or is no news."""
        sent = self._mission.recorder.sent
        for _, packet in sent[self._seen :]:
            if packet[7] == EVENT_SERVICE and packet not in self._told:
                self._told.add(packet)
                tm = decode_tm(packet)
                if tm.time_ns >= self._from_gps_ns:
                    self._hear(tm)
        self._seen = len(sent)

    def _hear(self, tm: DecodedTm) -> None:
        fields, t_s = tm.fields, (tm.time_ns - self._mission.start_gps_ns) / NS_PER_S
        if tm.name.startswith("sequences.") and fields.get("sequence_id") == self._judged.file.id:
            self._tell(t_s, self._sequence_text(tm.name, fields))
        elif tm.name == "system.mode_changed":
            self._tell(t_s, f"mode {fields['old'].name} -> {fields['new'].name}")
        elif tm.severity is not None and tm.severity >= Severity.MEDIUM:
            self._tell(t_s, f"{tm.severity.name} {tm.name}")

    def _sequence_text(self, name: str, fields: Mapping[str, Any]) -> str:
        step = fields.get("step") or 0
        if name == area.STEP_DONE.name:
            return f"step {step} done: {step_text(self._judged.file.step[step - 1])}"
        if name == area.COMPLETED.name:
            self._outcome = True
            return f"completed after {fields['run_s']:g} s"
        if name == area.ABORTED.name:
            self._outcome = False
            return f"aborted at step {step}: {fields['code'].name}"
        if name == area.REJECTED.name:
            return f"rejected: {f'step {step}: ' if step else ''}{fields['reason'].decode('ascii', 'replace')}"
        if name == area.INTERRUPTED.name:
            self._outcome = False
            return "interrupted: flight ended while it was running"
        return name.partition(".")[2]

    def _measure(self, radio: str) -> Generator[None, None, dict[str, float | None]]:
        """Charge, position and temperatures, asked for now."""
        for name in MEASURED:
            yield from self._answered(self._send("system.report_hk", {"structure_id": name}, radio), ANSWER_S)
        fields: dict[str, Any] = {}
        for name in MEASURED:
            tm = self._mission.station.latest(name)
            fields |= {} if tm is None else tm.fields
        known = [value for value in fields.get("temperatures_c", ()) if value is not None]
        return {
            **{name: fields.get(name) for name in ("soc", "x_m", "y_m", "battery_c")},
            "coldest_c": min(known, default=None),
            "warmest_c": max(known, default=None),
        }

    def _compare(self, before: Mapping[str, float | None], after: Mapping[str, float | None]) -> None:
        for field, old in before.items():
            new = after[field]
            change = "" if old is None or new is None else f" ({new - old:+.4g})"
            self._say(f"{field} {_text(old)} -> {_text(new)}{change}")


def _text(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"
