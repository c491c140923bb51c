"""A mission in real time: its radios on TCP, held to the wall clock between cycles, every received byte logged."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

import msgspec

from hal.api.clock import seconds
from hal.api.config import ConfigError
from sil.live.injection import Injection, apply, parse_injection
from sil.live.log import LiveLog
from sil.live.pacing import OPEN_END_S, Pacer
from sil.live.ports import Ports
from sil.live.replay import Replay
from sil.live.server import LiveServer
from sil.mission import Mission
from sil.scenario import Scenario

LOOK_S: Final = 0.2
"""A signal to end is seen within this."""
HELP: Final = "pause | resume | step [CYCLES] | speed X (0: full speed) | until SECONDS | inject JSON | status | end"


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `status`, as one line of JSON."""

    t_s: float
    mode: str
    paused: bool
    speed: float
    cycles: int
    received_bytes: int
    dropped_clients: int
    ended: bool


def open_ended(scenario: Scenario) -> Scenario:
    """The scenario for a live session: no end of its own, and nothing expected of an operator's free will."""
    return msgspec.structs.replace(scenario, duration_s=OPEN_END_S, expect=())


class LiveSession:
    """Binds mission, pacer, server and log; `pace` is what the mission calls between cycles."""

    def __init__(
        self,
        *,
        mission: Mission,
        log: LiveLog,
        ports: Ports,
        speed: float,
        replay: Replay | None = None,
        wall_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Serve `ports`; with `replay` clients may listen, and what they send goes nowhere."""
        self._mission = mission
        self._log = log
        self._replay = replay
        self._ending = False
        self._ended_ns: int | None = None
        self.received_bytes = 0
        self.pacer = Pacer(speed, wall_s)
        links = mission.simulation.links
        self.server = LiveServer(
            ports=ports,
            uplink=self._received,
            queued_bytes=lambda radio: links[radio].uplink_queued_bytes,
            control=self._control,
        )
        for radio, link in sorted(links.items()):
            link.on_downlink(lambda _, data, radio=radio: self.server.broadcast(radio, data))  # type: ignore[misc]  # the default binds the loop variable

    def end(self) -> None:
        """End the session before the next cycle; safe to call from a signal handler."""
        self._ending = True

    def close(self) -> None:
        """Note the end in the log and hang up."""
        now_ns = self._mission.clock.now_ns()
        self._log.ended(now_ns if self._ended_ns is None else self._ended_ns)
        self.server.close()

    def pace(self, now_ns: int) -> None:
        """Serve the sockets until the next cycle is due."""
        self.pacer.new_cycle(now_ns)
        if self._replay is not None and not self._replay.between_cycles(now_ns, self.send, self.inject):
            self._ending = True
        while True:
            wait_s = self.pacer.wait_s(now_ns)
            self.server.wait(min(wait_s, LOOK_S))
            if wait_s <= 0.0 or self._ending:
                break
        if self._ending:
            self._ended_ns = now_ns  # a repetition has to end between the same two cycles
            self._mission.end()

    def send(self, radio: str, data: bytes) -> None:
        """Bytes for a radio, now: logged, then on their way."""
        self.received_bytes += len(data)
        self._log.received(self._mission.clock.now_ns(), radio, data)
        self._mission.uplink(radio, data)

    def inject(self, injection: Injection) -> None:
        """Start or end a fault, now: logged, then in force.

        Raises:
            ConfigError: to be ended, and not in force.
        """
        apply(self._mission.injector, injection)
        self._log.injected(self._mission.clock.now_ns(), injection)

    def _received(self, radio: str, data: bytes) -> None:
        if self._replay is None:
            self.send(radio, data)

    def status(self) -> Status:
        """Where the session stands."""
        mission = self._mission
        return Status(
            t_s=round(mission.elapsed_s, 3),
            mode=mission.mode_name,
            paused=self.pacer.paused,
            speed=self.pacer.speed,
            cycles=mission.cycles + (mission.flight.executive.cycles if mission.flight is not None else 0),
            received_bytes=self.received_bytes,
            dropped_clients=self.server.dropped,
            ended=self._ending,
        )

    def _control(self, line: str) -> str:
        word, _, argument = line.partition(" ")
        try:
            self._order(word, argument.strip())
        except ConfigError as error:
            return f"error: {error}"
        except ValueError:
            return f"error: {line!r} is none of: {HELP}"
        return msgspec.json.encode(self.status()).decode()

    def _order(self, word: str, argument: str) -> None:
        pacer, now_ns = self.pacer, self._mission.clock.now_ns()
        if word == "inject":
            self._inject(argument)
        elif word == "step":
            pacer.step(_whole(argument or "1"), now_ns)
        elif word == "speed":
            pacer.set_speed(_number(argument), now_ns)
        elif word == "until":
            pacer.run_until(seconds(_number(argument)), now_ns)
        elif argument:
            raise ValueError(argument)
        elif word == "pause":
            pacer.pause()
        elif word == "resume":
            pacer.resume(now_ns)
        elif word == "end":
            self._ending = True
        elif word != "status":
            raise ValueError(word)

    def _inject(self, text: str) -> None:
        if self._replay is not None:
            raise ConfigError("inject", "this session is a repetition: it takes no faults but those of its log")
        self.inject(parse_injection(text, self._mission.scenario.depth))


def _number(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and 0.0 <= value <= OPEN_END_S):
        raise ValueError(text)
    return value


def _whole(text: str) -> int:
    value = int(text)
    if not 1 <= value <= OPEN_END_S * 10:
        raise ValueError(text)
    return value
