"""Flight in real time on fakes, in a process of its own: `python -m tests.hal.pi.real_flight FOLDER`.

When it has ended it prints one JSON object: its status, what had been on while it ran, what is still on.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from flight.__main__ import fly
from flight.rover_file import load_rover
from flight.stop_signals import StopSignals
from hal.api.board import Hal
from hal.api.clock import Clock
from hal.api.process import BoardOptions
from hal.pi.computer import ComputerSettings, open_computer
from telemetry_defs.areas import system
from telemetry_defs.framing import FrameDecoder
from telemetry_defs.packets import parse_tm
from tests.fakes.array import FakeArray
from tests.fakes.imu import FakeImu
from tests.fakes.power_monitor import FakePowerMonitor
from tests.fakes.radio import FakeRadio
from tests.fakes.steering import FakeSteering
from tests.fakes.switches import FakeSwitches
from tests.fakes.temperatures import FakeTemperatures
from tests.fakes.wheels import FakeWheels
from tests.hal.pi.kernel_files import kernel_files, put


class NotedSwitches(FakeSwitches):
    """Remembers what was ever switched on."""

    def __init__(self, clock: Clock, names: tuple[str, ...]) -> None:
        super().__init__(clock, names)
        self.ever_on: dict[str, None] = {}

    def set(self, name: str, on: bool, hold_ns: int) -> None:
        super().set(name, on, hold_ns)
        if on:
            self.ever_on[name] = None


def main(folder: Path) -> None:
    """Fly until asked to stop."""
    rover = load_rover("south_pole")
    root = kernel_files(folder / "root")
    put(root, "sys/class/thermal/thermal_zone0/temp", "51000\n")
    computer = open_computer(
        ComputerSettings(folder=folder / "storage"), BoardOptions(latencies=folder / "latencies"), root=root
    )
    clock = computer.clock
    local, relay = (FakeRadio(clock, (1e6, 140e3, 285e3, 700.0)) for _ in range(2))
    local.locked = True
    temperatures = FakeTemperatures(clock)
    temperatures.set(battery=-15.0)
    heaters = NotedSwitches(clock, tuple(rover.thermal.heaters))
    loads = NotedSwitches(clock, tuple(rover.power.loads))
    wheels = FakeWheels(clock)
    hal = Hal(
        **computer.parts(),
        wheels=wheels,
        steering=FakeSteering(clock),
        imu=FakeImu(clock),
        power_monitor=FakePowerMonitor(clock),
        array=FakeArray(clock),
        temperatures=temperatures,
        heaters=heaters,
        loads=loads,
        radio_relay=relay,
        radio_local=local,
        instruments={},
    )
    with StopSignals() as signals:
        status = fly(hal, rover, signals)
    report: dict[str, Any] = {
        "status": status,
        "cause": computer.reset_cause.name,
        "had_on": [*heaters.ever_on, *loads.ever_on],
        "still_on": [*heaters.all_on(), *loads.all_on()],
        "turning": wheels.turning,
        "transmitting": [radio.rate_bit_s for radio in (local, relay)],
        "sent_bytes": len(local.sent),
        "host_reports": _host_reports(bytes(local.sent)),
    }
    sys.stdout.write(msgspec.json.encode(report).decode() + "\n")


def _host_reports(sent: bytes) -> int:
    """How many `system.host` packets are among these bytes."""
    packets = [parse_tm(packet) for packet in FrameDecoder().feed(sent)]
    return sum((tm.service, tm.subtype, tm.data[0]) == (3, 25, system.HOST_HK.structure_id) for tm in packets)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
