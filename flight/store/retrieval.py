"""One request of ground to send recorded packets again: a walk through the segments that may hold them."""

from __future__ import annotations

from collections import deque
from typing import Final

from flight.context import Execution
from flight.store.log import PacketLog, Segment
from flight.store.segments import packet_time_ns
from flight.telemetry.outbox import Priority
from hal.api.errors import DeviceError
from telemetry_defs.areas import store as area
from telemetry_defs.definitions import FailureCode

_APID: Final = 0x07FF
_SERVICE_OFFSET: Final = 7


class Retrieval:
    """Hands out the packets of a time range, each once, exactly as they were."""

    def __init__(self, request: area.Retrieve, execution: Execution, log: PacketLog) -> None:
        self.execution = execution
        self._log = log
        self._from_ns = round(request.from_gps_s * 1e9)
        self._to_ns = round(request.to_gps_s * 1e9)
        self._apid = request.apid
        self._service = request.service
        self._segments: deque[Segment] = deque(
            segment
            for priority in Priority
            if request.classes >> priority & 1
            for segment in log.of_class(priority)
            if segment.overlaps(self._from_ns, self._to_ns)
        )
        self._packets: deque[bytes] = deque()
        self._unread = 0

    @property
    def done(self) -> bool:
        """Nothing is left to hand out."""
        return not self._packets and not self._segments

    def load(self) -> bool:
        """Read the next segment if the one before is used up; whether it has.

        Raises:
            DeviceError: the segment cannot be read, and is passed over.
        """
        if self._packets or not self._segments:
            return False
        segment = self._segments.popleft()
        if segment in self._log.of_class(segment.name.priority):  # else it was evicted meanwhile
            self._packets.extend(packet for packet in self._read(segment) if self._wanted(packet))
        return True

    def _read(self, segment: Segment) -> list[bytes]:
        try:
            return self._log.read(segment)
        except DeviceError:
            self._unread += 1
            raise

    def end(self) -> None:
        """All is handed out: complete, or failed with the number of segments that could not be read."""
        if self._unread:
            self.execution.fail(FailureCode.STORAGE, self._unread)
        else:
            self.execution.complete()

    def peek(self) -> bytes | None:
        """The next packet, None until `load` has found some."""
        return self._packets[0] if self._packets else None

    def take(self) -> bytes:
        """Hand out the next packet."""
        return self._packets.popleft()

    def _wanted(self, packet: bytes) -> bool:
        return (
            self._from_ns <= packet_time_ns(packet) <= self._to_ns
            and (not self._apid or int.from_bytes(packet[:2], "big") & _APID == self._apid)
            and (not self._service or packet[_SERVICE_OFFSET] == self._service)
        )
