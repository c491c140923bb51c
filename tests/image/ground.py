"""A ground station on the host, joined to the emulated UART by TCP."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from ground.station import FRESH_FRAME, Received, Station
from ground.verification import CommandRecord
from telemetry_defs.dictionary import DICTIONARY
from tests.image.failure import StepFailed

RADIO: Final = "local"
READ_BYTES: Final = 1 << 16
POLL_S: Final = 0.05
KEEP_ALIVE_S: Final = 0.05
"""Often, since the emulated clock skips idle time and may run far ahead of the one on the wall."""


class Ground:
    """One station for the whole life of an emulated rover: its counters outlive flight's restarts."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        link.setblocking(False)
        self.station = Station(send=lambda _radio, data: link.sendall(data), source_id=3)
        self.boots: list[Mapping[str, Any]] = []
        """Every boot report, in order."""
        self.station.on_packet(self._note)
        self._said_s = 0.0

    def _note(self, packet: Received) -> None:
        if packet.decoded is not None and packet.decoded.name == "system.boot":
            self.boots.append(packet.decoded.fields)

    def listen(self, for_s: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Take telemetry until something holds; False if time ran out first."""
        end_s = time.monotonic() + for_s
        while time.monotonic() < end_s and not until():
            self._keep_alive()
            try:
                data = self._link.recv(READ_BYTES)
            except BlockingIOError:
                time.sleep(POLL_S)
                continue
            if not data:
                raise StepFailed("the emulated UART hung up")
            self.station.receive(RADIO, data, time.monotonic_ns())
        return until()

    def _keep_alive(self) -> None:
        """A transparent modem shows no carrier, only bytes: an empty frame now and then says that somebody is there."""
        if time.monotonic() - self._said_s > KEEP_ALIVE_S:
            self._said_s = time.monotonic()
            self.station.send_raw(FRESH_FRAME, RADIO)

    def command(self, name: str, args: Mapping[str, object], timeout_s: float) -> CommandRecord:
        """Send a telecommand and see it completed."""
        record = self.station.send_command(name, args, time.monotonic_ns(), RADIO)
        self.listen(timeout_s, lambda: record.finished)
        if not record.completed:
            raise StepFailed(f"{name}: {record.state.value}, code {record.code_name}, within {timeout_s:.0f} s")
        return record

    def ping(self, tries: int = 6, timeout_s: float = 20.0) -> float:
        """Seconds until an answer; a rover that just boots may need to be asked again."""
        for _ in range(tries):
            began_s = time.monotonic()
            record = self.station.send_command("system.ping", {}, time.monotonic_ns(), RADIO)
            self.listen(timeout_s, lambda record=record: record.finished)  # type: ignore[misc]  # bound at once
            if record.completed:
                return time.monotonic() - began_s
        raise StepFailed(f"no answer to {tries} pings")

    def housekeeping(self, name: str, timeout_s: float = 30.0) -> Mapping[str, Any]:
        """A housekeeping report asked for now."""
        before = self.station.latest(name)
        structure = next(item.structure_id for item in DICTIONARY.housekeeping if item.name == name)
        self.command("system.report_hk", {"structure_id": structure}, timeout_s)
        if not self.listen(timeout_s, lambda: self.station.latest(name) is not before):
            raise StepFailed(f"no {name} within {timeout_s:.0f} s")
        found = self.station.latest(name)
        assert found is not None  # it has just come
        return found.fields
