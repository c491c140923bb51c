"""A flight process on real files, made to be killed: `python -m tests.process.flight_on_files DIR LIFE`.

A simulated rover runs under a load of telecommands, faster than real time, with its storage in DIR.  Each line of
standard output is a JSON list, written before anything that follows from it: what is found after the boot, what is
asked of the rover, what it has acknowledged, what its storage has made durable.
"""

from __future__ import annotations

import sys
import time
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from flight.app import Flight
from flight.sequences.record import encode
from ground.sequence_load import load_arguments
from hal.api.clock import NS_PER_S
from hal.files import FileStorage
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY
from tests.flight.sequence_bench import HEAD, compiled, hk_step
from tests.sil.kept_things import NEVER_GPS_S, Witness, effect, observe
from tests.sil.lone_rover import GPS_NS, WRITES, Call, LoneRover, packed

LIFE_NS = 10_000 * NS_PER_S
"""On-board time from one life to the next: the true world has no memory over a kill."""
REAL_S = 0.002
"""Wall time of a cycle: fifty times faster than the rover, and still some cycles for each sync of the medium."""
EVERY_CYCLES = 3
LATER = 7
"""Source id of the telecommands that wait on board."""
WAITING = 40
SETTABLE = tuple(item for item in DICTIONARY.parameters if item.name.startswith("thermal.") and not item.hazardous)

TEXT = HEAD + hk_step(0.0, 1)
LOADS = {n: load_arguments(n, encode(compiled(TEXT.replace("64", str(n)))), hazardous=False)[0] for n in range(64, 68)}


def say(*words: Any) -> None:
    """One line, at once."""
    sys.stdout.write(msgspec.json.encode(words).decode() + "\n")
    sys.stdout.flush()


class Loaded:
    """A rover that is kept busy and tells everything."""

    def __init__(self, directory: Path, life: int) -> None:
        self._dice = Random(life)
        self._files = FileStorage(directory)
        self.rover = LoneRover(mode=Mode.IDLE, gps_ns=GPS_NS + life * LIFE_NS, storage=self._files)
        self._witness = Witness()
        self._asked: dict[int, int] = {}
        self._numbers = 0
        self._told = 0
        self._counts = count(life * 1000)
        self.rover.around_storage = self._around
        self.rover.on_boot.append(self._booted)
        self.rover.on_sent.append(lambda item: self._answer(item.tm.service, item.tm.subtype, item.tm.data))

    def run(self) -> None:
        """Until killed."""
        for cycle in count():
            self.rover.run_s(0.1)
            if cycle % EVERY_CYCLES == 0:
                self._ask()
            self._tell_durable()
            time.sleep(REAL_S)

    def _booted(self, flight: Flight) -> None:
        say("boot", flight.boot.image.boot_count, flight.boot.lost, observe(flight))
        say("up")

    def _ask(self) -> None:
        name, args = self._command()
        packet = packed(name, args, next(self._counts) & 0x3FFF)
        changes = effect(name, args)
        if changes is not None:
            self._numbers += 1
            self._asked[int.from_bytes(packet[:4], "big")] = self._numbers
            say("asked", self._numbers, *changes)
        self.rover.send_packet(packet)

    def _command(self) -> tuple[str, dict[str, Any]]:
        """Mostly what is kept, now and then what makes other things be written."""
        dice = self._dice.random()
        if dice < 0.3:
            number = int(self._dice.random() * WAITING)
            if self._dice.random() < 0.5:
                return "timeline.delete", {"source_id": LATER, "apid": 0x100, "sequence_count": number}
            telecommand = packed("system.ping", {}, number, LATER)
            return "timeline.insert", {"release_gps_s": NEVER_GPS_S, "telecommand": telecommand}
        if dice < 0.6:
            parameter = SETTABLE[int(self._dice.random() * len(SETTABLE))]
            span = parameter.high - parameter.low
            value = round(parameter.low + self._dice.random() * span, 0 if parameter.integer else 3)
            value = min(max(value, parameter.low), parameter.high)
            return "system.set_parameter", {"parameter_id": parameter.parameter_id, "value": value}
        if dice < 0.78:
            return self._service_command()
        if dice < 0.82:
            return "system.set_mode", {"mode": ("IDLE", "CHARGE", "SAFE")[int(self._dice.random() * 3)]}
        if dice < 0.9:
            return "instruments.acquire_image", {"exposure_s": 0.01}
        return "system.ping", {}

    def _service_command(self) -> tuple[str, dict[str, Any]]:
        """States of monitors and devices, sequences coming and going."""
        dice = self._dice.random()
        if dice < 0.4:
            state = ("enable", "disable", "passive")[int(self._dice.random() * 3)]
            return f"monitors.{state}", {"monitor": 5 + int(self._dice.random() * 3)}
        if dice < 0.6:
            return f"health.{('declare_dead', 'revive')[int(self._dice.random() * 2)]}", {"device": "PLASMA"}
        if dice < 0.7:
            return "system.hold_safe", {"hold": self._dice.random() < 0.5}
        number = 64 + int(self._dice.random() * 4)
        return ("sequences.load", LOADS[number]) if dice < 0.9 else ("sequences.unload", {"sequence_id": number})

    def _answer(self, service: int, subtype: int, data: bytes) -> None:
        number = self._asked.get(int.from_bytes(data[:4], "big")) if service == 1 else None
        if number is not None and subtype in (2, 4, 7):
            say("done" if subtype == 7 else "refused", number)

    def _around(self, device: str, method: str, args: tuple[Any, ...], call: Call) -> Any:
        result = call()
        if method in WRITES:
            self._witness.saw(method, args, result)
        return result

    def _tell_durable(self) -> None:
        kept, packets = self._witness.take_durable(self._files.synced_through())
        for name, generation in kept.items():
            say("kept", name, generation)
        for packet in packets:
            say("packet", packet.hex())


if __name__ == "__main__":
    Loaded(Path(sys.argv[1]), int(sys.argv[2])).run()
