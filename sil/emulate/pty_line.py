"""A simulated serial line whose computer's end is a pseudo-terminal that any program can open.

A pseudo-terminal has no bit rate: the line holds bytes for as long as the wire would take, in both directions.
"""

from __future__ import annotations

import contextlib
import errno
import os
import termios
import tty
from pathlib import Path
from typing import Final

from hal.api.config import ConfigError
from sim_hal.buses.serial import SerialLine
from sim_hal.clock import SimClock

READ_BYTES: Final = 1 << 12
SEND_BYTES: Final = 4096
"""What a kernel's transmit buffer holds (Linux, UART_XMIT_SIZE); a program that writes more has to wait."""
PTYS: Final = "/dev/pts/"


class PtyLine:
    """Implements `sil.emulate.realtime.Port`.

    This end holds the other one open too, so that a program may come and go without hanging up the line.
    """

    def __init__(self, line: SerialLine, clock: SimClock, link: Path | None = None) -> None:
        """`link` is made a symbolic link to the terminal.

        Raises:
            ConfigError: the link cannot be made.
        """
        self._line = line
        self._clock = clock
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave, termios.TCSANOW)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self.lost_bytes = 0
        """Of a program that does not read."""
        self._link = link
        if link is not None:
            self._make_link(link)

    def filenos(self) -> tuple[int, ...]:
        """What to wait for; nothing while the line has as much to send as it takes."""
        return () if self._line.unsent_bytes >= SEND_BYTES else (self._master,)

    def serve(self, fileno: int) -> None:
        """The program has written something: it is on the wire from now on."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(fileno, READ_BYTES)
            if data:
                self._line.send(data)

    def next_ns(self) -> int | None:
        """When the line has something to do next, ns of the simulated clock."""
        return self._line.next_ns()

    def flush(self) -> None:
        """Hand over what has arrived; what a program never reads is dropped when its buffer is full, as in life."""
        line = self._line
        line.settle(self._clock.now_ns())
        if line.rx:
            data, line.rx[:] = bytes(line.rx), b""
            self.lost_bytes += len(data) - self._write(data)

    def close(self) -> None:
        """Hang up and remove the link."""
        os.close(self._master)
        os.close(self._slave)
        if self._link is not None and self._link.is_symlink() and os.readlink(self._link) == self.path:
            self._link.unlink(missing_ok=True)

    def _write(self, data: bytes) -> int:
        """How many bytes found room."""
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0

    def _make_link(self, link: Path) -> None:
        try:
            if link.is_symlink():
                if not os.readlink(link).startswith(PTYS):
                    raise FileExistsError(errno.EEXIST, "it is a link to something else")
                link.unlink()
            link.symlink_to(self.path)
        except OSError as error:
            self._link = None
            self.close()
            raise ConfigError(str(link), f"cannot be made a link to the terminal: {error.strerror}") from None
