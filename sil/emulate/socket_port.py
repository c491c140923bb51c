"""I2C buses and GPIO lines of emulated chips on one Unix socket, as a port of the real-time bench."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hal.api.config import ConfigError
from sim_hal.buses.gpio import GpioPins
from sim_hal.buses.i2c import I2cWires
from sim_hal.clock import SimClock
from sim_hal.emulators.socket_server import ChipServer, InstantI2c


class SocketPort:
    """Implements `sil.emulate.realtime.Port`."""

    def __init__(
        self,
        path: Path,
        clock: SimClock,
        i2c: Mapping[str, I2cWires],
        gpio: Mapping[str, GpioPins],
        *,
        keeps: bool = False,
    ) -> None:
        """`keeps`: GPIO lines keep their levels when the program that drove them has gone.

        Raises:
            ConfigError: the socket cannot be made there.
        """
        buses = {name: InstantI2c(wires, clock.now_ns) for name, wires in i2c.items()}
        try:
            self._server = ChipServer(path, buses, gpio, keeps=keeps)
        except OSError as error:
            raise ConfigError(str(path), f"cannot be made a socket: {error.strerror or error}") from None

    def filenos(self) -> Sequence[int]:
        """The listener and every client."""
        return self._server.filenos()

    def serve(self, fileno: int) -> None:
        """Somebody asks for something, comes or goes."""
        self._server.poll(0.0)

    def next_ns(self) -> int | None:
        """Never by itself."""
        return None

    def flush(self) -> None:
        """Answers go out at once."""

    def close(self) -> None:
        """Hang up on everybody."""
        self._server.close()
