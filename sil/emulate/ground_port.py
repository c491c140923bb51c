"""Mission control's end of the radios of an emulated rover: the same TCP ports as those of `rahi live`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sil.live.ports import Ports
from sil.live.server import LiveServer
from sim_hal.simulation import Simulation


class GroundPort:
    """Implements `sil.emulate.realtime.Port`."""

    def __init__(self, simulation: Simulation, ports: Ports) -> None:
        links = simulation.links
        self._server = LiveServer(
            ports=ports,
            uplink=lambda radio, data: links[radio].uplink(data),
            queued_bytes=lambda radio: links[radio].uplink_queued_bytes,
            control=lambda line: "error: an emulated rover takes no orders",
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

    def _received(self, radio: str, _: int, data: bytes) -> None:
        self._server.broadcast(radio, data)
