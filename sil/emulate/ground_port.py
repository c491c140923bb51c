"""Mission control's end of an emulated rover's radios, on the same TCP ports as those of `rahi live`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import msgspec

from sil.emulate.status import status_of
from sil.live.ports import Ports
from sil.live.server import LiveServer
from sim_hal.simulation import Simulation

HELP: Final = "status"


class GroundPort:
    """Implements `sil.emulate.realtime.Port`; the control port answers `status` with a line of JSON."""

    def __init__(self, simulation: Simulation, ports: Ports) -> None:
        links = simulation.links
        self._simulation = simulation
        self._server = LiveServer(
            ports=ports,
            uplink=lambda radio, data: links[radio].uplink(data),
            queued_bytes=lambda radio: links[radio].uplink_queued_bytes,
            control=self._control,
        )
        for radio, link in sorted(links.items()):
            link.on_downlink(partial(self._received, radio))

    def filenos(self) -> Sequence[int]:
        """One for all sockets."""
        return (self._server.fileno(),)

    def serve(self, fileno: int) -> None:
        """Somebody sent something, came or went."""
        self._server.wait(0.0)

    def next_ns(self) -> int | None:
        """Never by itself."""
        return None

    def flush(self) -> None:
        """What came down goes out to the clients."""
        self._server.wait(0.0)

    def close(self) -> None:
        """Hang up on everybody."""
        self._server.close()

    def _control(self, line: str) -> str:
        if line != "status":
            return f"error: an emulated rover takes no orders; known: {HELP}"
        return msgspec.json.encode(status_of(self._simulation)).decode()

    def _received(self, radio: str, _: int, data: bytes) -> None:
        self._server.broadcast(radio, data)
