"""The receive row: radio bytes to frames, frames to telecommands, telecommands to the queue or to a refusal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from flight.commanding.execution import TelecommandExecution
from flight.commanding.path import CommandPath
from flight.commanding.queue import Accepted
from flight.commanding.refusal import Refusal
from hal.api.devices import Radio
from hal.api.errors import DeviceError
from telemetry_defs.areas import system
from telemetry_defs.definitions import COMMAND_SERVICE, COMMAND_SUBTYPE, FailureCode
from telemetry_defs.framing import FrameDecoder
from telemetry_defs.packets import PacketError, Tc, parse_tc

MAX_BYTES: Final = 4096
MAX_COMMANDS: Final = 16
"""Most bytes and telecommands taken in one cycle."""
MAX_PENDING: Final = 64
"""Telecommands that wait for their cycle.  Bytes are taken on whatever waits, for there may be a STOP among them."""


class Receive:
    """Takes bytes from both radios in turn."""

    def __init__(
        self,
        *,
        radios: dict[str, Radio],
        path: CommandPath,
        stop_now: Callable[[int], None],
        heard: Callable[[int, str], None],
    ) -> None:
        self._links = tuple((name, radio, FrameDecoder()) for name, radio in radios.items())
        self._path = path
        self._stop_now = stop_now
        self._heard = heard
        self._pending: deque[tuple[str, Tc]] = deque()

    def tick(self, now_ns: int) -> None:
        """Take what came, at most `MAX_BYTES` and `MAX_COMMANDS`."""
        self._path.arming.expire(now_ns)
        self._read(now_ns)
        self._shorten()
        for _ in range(min(MAX_COMMANDS, len(self._pending))):
            name, tc = self._pending.popleft()
            self._admit(name, tc, now_ns)

    def make_safe(self) -> None:
        """Receivers stay on."""

    def _read(self, now_ns: int) -> None:
        room = MAX_BYTES
        for name, radio, decoder in self._links:
            try:
                data = radio.receive(room)
            except DeviceError:  # comms watches the radios; here there is just nothing to read
                continue
            if data:
                room -= len(data)
                self._decode(name, decoder, data, now_ns)

    def _shorten(self) -> None:
        """Refuse what is too much to wait; of a flood only a cycle's worth is answered one by one."""
        surplus = len(self._pending) - MAX_PENDING
        if surplus <= 0:
            return
        refused = [self._pending.pop() for _ in range(surplus)]
        for _, tc in refused[-MAX_COMMANDS:]:
            self._path.verification.failed(tc, 2, FailureCode.QUEUE_FULL, None)
        self._path.received.rejected += surplus
        self._path.events.emit(system.QUEUE_FULL, system.Count(count=self._path.received.rejected))

    def _decode(self, name: str, decoder: FrameDecoder, data: bytes, now_ns: int) -> None:
        bad_before = decoder.bad_frames + decoder.overlong
        packets = decoder.feed(data)
        bad = decoder.bad_frames + decoder.overlong - bad_before
        links = self._path.links
        links.bytes_received += len(data)
        links.frames_received += len(packets)
        links.frames_bad += bad
        for packet in packets:
            try:
                tc = parse_tc(packet)
            except PacketError:
                bad += 1
                continue
            if self._is_stop(tc):
                self._stop(name, tc, now_ns)
            else:
                self._pending.append((name, tc))
        if bad:
            self._path.received.bad_packets += bad
            self._path.events.emit(system.BAD_PACKETS, system.Count(count=self._path.received.bad_packets))

    @staticmethod
    def _is_stop(tc: Tc) -> bool:
        return (
            tc.service == COMMAND_SERVICE
            and tc.subtype == COMMAND_SUBTYPE
            and len(tc.data) == 2
            and int.from_bytes(tc.data, "big") == system.STOP.function_id
        )

    def _stop(self, name: str, tc: Tc, now_ns: int) -> None:
        """STOP passes no check but its own shape: stopping twice hurts nobody, stopping late may."""
        self._stop_now(now_ns)
        self._path.received.stops += 1
        self._path.received.accepted += 1
        self._path.duplicates.add(tc.source_id, tc.apid, tc.sequence_count)
        self._heard(now_ns, name)
        self._path.events.emit(system.STOPPED)
        execution = TelecommandExecution(tc, self._path.verification)
        execution.accepted()
        execution.complete()

    def _admit(self, name: str, tc: Tc, now_ns: int) -> None:
        try:
            checked = self._path.checks.check(tc, now_ns)
            if self._path.queue.full:
                raise Refusal(FailureCode.QUEUE_FULL)
        except Refusal as refusal:
            self._path.received.rejected += 1
            self._path.verification.failed(tc, 2, refusal.code, refusal.detail)
            return
        self._path.received.accepted += 1
        self._path.duplicates.add(tc.source_id, tc.apid, tc.sequence_count)
        self._heard(now_ns, name)
        if checked.arm_code:
            self._path.arming.disarm()
        elif checked.command is system.ARM:  # in force from acceptance, so that the next telecommand finds it
            self._path.arming.arm(checked.arguments.target, now_ns)
        execution = TelecommandExecution(tc, self._path.verification)
        execution.accepted()
        self._path.queue.put(Accepted(checked, execution))
