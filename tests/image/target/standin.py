"""Flight on the image, on simulated hardware in its own process: real flight code, the real radio line, wall time.

Stands in for `python -m flight --config FILE` on real ports: it takes the same unit, slots, notifications and storage.
It reports READY after 100 cycles and strokes systemd's watchdog where flight strokes its own.
"""

from __future__ import annotations

import dataclasses
import os
import socket
import sys
import time
from pathlib import Path

import serial

from flight.app import build_flight
from flight.rover_file import load_rover
from hal.api.clock import NS_PER_S
from hal.api.devices import Watchdog
from hal.api.values import ResetCause
from hal.files import FileStorage
from sim_hal.board import DEFAULT_GPS_NS, make_simulation
from sim_hal.simulation import Simulation
from sim_hal.start import Start

READY_CYCLES = 100
READ_BYTES = 4096
HARDWARE_RESET = 0x20
"""WDIOF_CARDRESET of linux/watchdog.h: the card reset the computer."""
BOOT_STATUS = Path("/sys/class/watchdog/watchdog0/bootstatus")
LAST_RESULT = Path("/run/rahi/last-result")
"""SERVICE_RESULT of the process before, left by the unit; missing at the first start after a boot."""


def notify(word: str) -> None:
    """Tell systemd, if it listens (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sink:
            sink.sendto(word.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)


def reset_cause() -> ResetCause:
    """Why flight starts: what ended the process before it, or what reset the computer."""
    if LAST_RESULT.exists():
        return ResetCause.WATCHDOG if LAST_RESULT.read_text().strip() == "watchdog" else ResetCause.COMMANDED
    status = int(BOOT_STATUS.read_text()) if BOOT_STATUS.exists() else 0
    return ResetCause.WATCHDOG if status & HARDWARE_RESET else ResetCause.POWER_ON


class Told:
    """Passes each stroke on to the supervisor."""

    def __init__(self, inner: Watchdog) -> None:
        self._inner = inner

    def stroke(self) -> None:
        self._inner.stroke()
        notify("WATCHDOG=1")


class RadioLine:
    """The simulated local link's ground end, joined to a serial port."""

    def __init__(self, port: str, simulation: Simulation) -> None:
        self._port = serial.Serial(port, 115200, timeout=0, write_timeout=0, exclusive=True)
        self._link = simulation.links["local"]
        self._out = bytearray()
        self._link.on_downlink(lambda _time_ns, data: self._out.extend(data))

    def turn(self) -> None:
        """Move what has come, both ways; what the port does not take waits, up to a bound."""
        data = self._port.read(READ_BYTES)
        if data:
            self._link.uplink(data)
        if self._out:
            try:
                sent = self._port.write(bytes(self._out[:READ_BYTES])) or 0
            except serial.SerialTimeoutException:
                sent = 0
            del self._out[:sent]
            del self._out[: max(0, len(self._out) - 65536)]


def main() -> int:
    """Run until flight ends; its exit status is flight's."""
    from flight.__main__ import EXIT_CODES

    simulation = make_simulation(start=Start(gps_ns=DEFAULT_GPS_NS, released=True))
    simulation.run_until_boot(simulation.clock.now_ns() + NS_PER_S)
    board = simulation.boot()
    hal = dataclasses.replace(
        board,
        reset_cause=reset_cause(),
        storage=FileStorage(Path(os.environ["STATE_DIRECTORY"])),
        watchdog=Told(board.watchdog),
        egress=None,
    )
    line = RadioLine(sys.argv[1], simulation)
    with hal:
        flight = build_flight(hal, load_rover("south_pole"))
        print(f"rahi-standin: cause {hal.reset_cause.name}, boot {flight.boot.image.boot_count}", flush=True)
        cycles, ahead_s = 0, time.monotonic() - simulation.clock.now_ns() / NS_PER_S
        while flight.cycle():
            line.turn()
            cycles += 1
            if cycles == READY_CYCLES:
                notify("READY=1")
                print("rahi-standin: READY", flush=True)
            late_s = time.monotonic() - ahead_s - simulation.clock.now_ns() / NS_PER_S
            if late_s > 1.0:
                ahead_s += late_s  # a slow emulator: lost time is not made up in a burst
            time.sleep(max(0.0, -late_s))
    return EXIT_CODES[flight.exit_reason]


if __name__ == "__main__":
    sys.exit(main())
