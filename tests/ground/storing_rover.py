"""A rover that records what it says and sends it again when asked, behind a channel that is not to be trusted."""

from __future__ import annotations

from collections import Counter, deque
from random import Random
from typing import Final

from ground.archive import Archive
from ground.recovery import TRIES, Recovery
from ground.station import Station
from telemetry_defs.definitions import TM_APIDS, FailureCode
from telemetry_defs.formats import decode_tc
from telemetry_defs.framing import FrameDecoder
from telemetry_defs.packets import Tc, parse_tc, parse_tm
from tests.ground.traffic import START_GPS_NS, Rover, S, frames

KINDS: Final = (("system.hk", 5), ("power.hk", 1), ("mobility.hk", 3), ("comms.hk", 7))
"""What it reports, and every how many seconds."""
PER_SECOND: Final = 60
"""Packets that the link carries."""
MOST_LOSSES: Final = TRIES - 1
"""How often the channel takes the same packet: a retrieval fewer than the station makes."""


class StoringRover:
    """Rover, channel and station, stepped second by second."""

    def __init__(self, seed: int, loss: float) -> None:
        """`loss` is the share of packets that the channel takes, either way."""
        self.random = Random(seed)
        self.loss = loss
        self.open = True
        self.t_s = 0
        self.stored: list[bytes] = []
        self.last: dict[int, int] = {}
        self.archive = Archive(None, start_gps_ns=START_GPS_NS)
        self.station = Station(send=self._uplink, archive=self.archive)
        self.recovery = Recovery(self.station)
        self._rover = Rover()
        self._uplinked = FrameDecoder()
        self._boots = 1
        self._booted_s = 0
        self._waiting: deque[bytes] = deque()
        self._retrieved: deque[bytes] = deque()
        self._on_the_way: list[tuple[int, str, bytes]] = []
        self._taken: Counter[bytes] = Counter()
        self._say(self._rover.boot(0.0, None, 1))

    # Time.

    def run(self, duration_s: int) -> None:
        """Let seconds pass."""
        for _ in range(duration_s):
            self.t_s += 1
            for name, period_s in KINDS:
                if self.t_s % period_s == 0:
                    up_s = float(self.t_s - self._booted_s)
                    values = {"uptime_s": up_s, "boot_count": self._boots} if name == "system.hk" else {}
                    self._say(self._rover.hk(self.t_s, name, **values))
            self._downlink()
            self._arrive()
            self.recovery.tick(self.t_s * S)

    def settle(self, limit_s: int) -> int:
        """Run until the station has not asked for ten minutes; returns the requests made."""
        quiet_s, asked = 0, self.recovery.retrievals
        for _ in range(0, limit_s, 10):
            self.run(10)
            quiet_s = quiet_s + 10 if asked == self.recovery.retrievals else 0
            asked = self.recovery.retrievals
            if quiet_s >= 600:
                return asked
        raise AssertionError(f"still asking after {limit_s} s and {asked} requests")

    def cut(self, off_s: int, lost: int) -> None:
        """The power goes: the last packets were not synced, nothing that waits or is asked for survives."""
        del self.stored[len(self.stored) - min(lost, len(self.stored) - 1) :]
        self._waiting.clear()
        self._retrieved.clear()
        for _ in range(off_s):
            self.t_s += 1
            self._arrive()
            self.recovery.tick(self.t_s * S)
        self._boots += 1
        self._booted_s = self.t_s
        until_s = (parse_tm(self.stored[-1]).time_ns - START_GPS_NS) / S
        self._say(self._rover.boot(self.t_s, until_s, self._boots))

    # The rover.

    def _say(self, packet: bytes, *, recorded: bool = True) -> None:
        if recorded:
            self.stored.append(packet)
        if self.open or not recorded:
            self._waiting.append(packet)

    def beacon(self) -> None:
        """A packet that takes a count and is not recorded."""
        self._say(self._rover.hk(self.t_s, "comms.beacon"), recorded=False)

    def _uplink(self, radio: str, data: bytes) -> None:
        for packet in self._uplinked.feed(data):
            if self.open and self.random.random() >= self.loss:
                self._execute(parse_tc(packet), decode_tc(packet).fields)

    def _execute(self, tc: Tc, fields: dict[str, float]) -> None:
        self._say(self._rover.verify(self.t_s, tc, 1))
        if self.random.random() < self.loss:
            self._say(self._rover.verify(self.t_s, tc, 8, FailureCode.BUSY))
            return
        self._say(self._rover.verify(self.t_s, tc, 3))
        self._retrieved.extend(packet for packet in self.stored if wanted(packet, fields))
        self._retrieved.append(self._rover.verify(self.t_s, tc, 7))

    # The channel.

    def _downlink(self) -> None:
        for _ in range(PER_SECOND):
            queue = self._waiting or self._retrieved
            if not queue or not self.open:
                break
            self._carry(queue.popleft())
        if not self.open:
            self._waiting.clear()

    def _carry(self, packet: bytes) -> None:
        """Lost, late, or twice; never the same one too often."""
        if self.random.random() < self.loss and self._taken[packet] < MOST_LOSSES:
            self._taken[packet] += 1
            return
        self._on_the_way.append((self.t_s + self.random.randrange(3), "relay", packet))
        if self.random.random() < self.loss:
            self._on_the_way.append((self.t_s + self.random.randrange(3), "local", packet))

    def _arrive(self) -> None:
        now = [item for item in self._on_the_way if item[0] <= self.t_s]
        self._on_the_way = [item for item in self._on_the_way if item[0] > self.t_s]
        for _, radio, packet in now:
            self.station.receive(radio, frames(packet), self.t_s * S)


def wanted(packet: bytes, fields: dict[str, float]) -> bool:
    """Whether a retrieval asks for a packet."""
    tm = parse_tm(packet)
    in_time = fields["from_gps_s"] <= tm.time_ns / S <= fields["to_gps_s"]
    return in_time and fields["apid"] in (0, tm.apid) and fields["service"] in (0, tm.service)


def check_archive(bench: StoringRover) -> None:
    """Every recorded packet is in the archive, and each once; the last ones are still on the way."""
    until_ns = START_GPS_NS + (bench.t_s - 10) * S
    archived = Counter(bench.archive.raw_packets())
    missing = [tm for packet in bench.stored if packet not in archived and (tm := parse_tm(packet)).time_ns <= until_ns]
    assert not missing, f"{len(missing)} of {len(bench.stored)} not in the archive, the first is {missing[0]}"
    assert max(archived.values()) == 1
    assert set(bench.station.sequences.trackers) <= set(TM_APIDS)
