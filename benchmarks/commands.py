"""Telecommands: how many are verified a wall second, and what a burst leaves behind."""

from __future__ import annotations

from statistics import median

from benchmarks.figures import Figure, Timer, number, spread
from benchmarks.scenarios import still
from ground.station import Station
from ground.verification import CommandState
from sil.mission import Mission
from sim_hal.clock import Rank
from telemetry_defs.framing import encode_frame
from telemetry_defs.packets import build_tc, parse_tc

PER_CYCLE = 16
"""As many as flight takes from its radios in one cycle."""
FREE_RUN_S = 60.0
BURST_SOURCE = 9
BURST_AT_S = 5.0
PINGS_AFTER = 3
"""The first may fall to a frame that the full FIFO cut off, for it has no end of its own."""
LINE_BYTES_S = 125_000.0


def verified_figures(runs: int, timer: Timer) -> list[Figure]:
    """Pings through station, radio, flight and back, as fast as flight takes them."""
    samples = [_verified_per_s(timer) for _ in range(runs)]
    return [
        Figure("verified commands a wall second", median(samples), "1/s", 2000, 7000, True, spread(samples)),
    ]


def _verified_per_s(timer: Timer) -> float:
    mission = Mission(still(FREE_RUN_S))
    began_ns = timer()
    last_ns = mission.end_ns - 5_000_000_000

    def ask(now_ns: int) -> None:
        if 3_000_000_000 <= now_ns < last_ns:
            for _ in range(PER_CYCLE):
                mission.station.send_command("system.ping", {}, now_ns)

    mission.run(ask)
    took_s = (timer() - began_ns) / 1e9
    done = sum(command.state is CommandState.COMPLETED for command in mission.station.commands)
    lost = len(mission.station.commands) - done
    if lost > len(mission.station.commands) // 100:
        raise RuntimeError(f"{lost} of {len(mission.station.commands)} pings were not verified")
    return done / took_s


def burst_figures(size: int, timer: Timer) -> list[Figure]:
    """`size` valid pings thrown at the local radio at line rate; the rover must answer a ping afterwards."""
    stream = ping_stream(size)
    mission = Mission(still(BURST_AT_S + len(stream) / LINE_BYTES_S + 120.0))
    link = mission.simulation.links["local"]
    mission.clock.at(int(BURST_AT_S * 1e9), Rank.SCENARIO, lambda: link.uplink(stream))
    for ask in range(PINGS_AFTER):
        mission.clock.at(mission.end_ns - (30 - 10 * ask) * 1_000_000_000, Rank.SCENARIO, lambda: _ping(mission))
    began_ns = timer()
    mission.run()
    took_s = (timer() - began_ns) / 1e9
    answered = sum(command.state is CommandState.COMPLETED for command in mission.station.commands)
    alive = mission.flights == 1 and answered > 0
    note = f"{answered} of {PINGS_AFTER} pings answered afterwards, {took_s:.1f} s; " + _tally(mission, size)
    return [Figure("burst of telecommands survived", size if alive else 0, "", 100_000, 1_000_000, True, note)]


def _ping(mission: Mission) -> None:
    mission.station.send_command("system.ping", {}, mission.clock.now_ns())


def ping_stream(size: int) -> bytes:
    """Framed pings of one source, counted up."""
    ping = parse_tc(Station(send=lambda _radio, _data: None).send_command("system.ping", {}, 0).raw)
    return b"".join(
        encode_frame(build_tc(ping.apid, ping.service, ping.subtype, count, BURST_SOURCE, ping.data))
        for count in range(size)
    )


def _tally(mission: Mission, size: int) -> str:
    if mission.flight is None:
        return "its computer is off"
    received = mission.flight.core.path.received
    overflow = mission.simulation.links["local"].rx_overflow_bytes
    lost = size + PINGS_AFTER - received.accepted - received.rejected
    return (
        f"{number(received.accepted)} accepted, {number(received.rejected)} refused, "
        f"{number(received.bad_packets)} bad frames, {number(lost)} lost to the full FIFO ({number(overflow)} bytes)"
    )
