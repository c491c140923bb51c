"""Runs one scenario from file to verdict: a pure function of scenario and seed."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Protocol

from flight.version import VERSION
from ground.archive import Archive
from ground.run_data import TELEMETRY_FILE
from sil.expect import event_times, judge
from sil.folder import prepare_folder, write_folder, write_scenario
from sil.mission import Mission, Pace, start_gps_ns
from sil.properties.record import Run
from sil.properties.witness import Witness
from sil.result import Result
from sil.scenario import Scenario
from telemetry_defs.dictionary import DICTIONARY


class Progress(Protocol):
    """Told once a simulated second how the mission goes."""

    def update(self, mission: Mission) -> None:
        """Show it."""
        ...


def run(
    scenario: Scenario,
    *,
    out: Path | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
    pictures: bool = True,
) -> Result:
    """Fly a scenario and judge it; with `out` leave the result folder there.

    Raises:
        ConfigError: `out` exists and is not empty, or a file of the scenario is wrong.
    """
    if out is not None:
        prepare_folder(out)
    with Archive(None if out is None else out / TELEMETRY_FILE, start_gps_ns=start_gps_ns(scenario)) as archive:
        mission = Mission(scenario, seed, archive)
        if out is not None:
            write_scenario(out, mission)
        if progress is not None:
            mission.on_second = progress.update
        witness = Witness(mission) if any(item.property for item in mission.scenario.expect) else None
        wall_s = fly(mission, None if witness is None else witness.look)
        result = conclude(mission, wall_s, out, None if witness is None else witness.finish())
        if out is not None:
            write_folder(out, mission, result, pictures=pictures)
    return result


def fly(mission: Mission, pace: Pace | None = None) -> float:
    """Run the mission; returns the wall seconds it took."""
    started_s = time.perf_counter()
    mission.run(pace)
    return time.perf_counter() - started_s


def conclude(mission: Mission, wall_s: float, out: Path | None, seen: Run | None = None) -> Result:
    """Judge a mission that has ended; `seen` by a witness, where properties are expected."""
    verdicts = judge(mission, seen)
    sim_s = mission.elapsed_s
    recorder, station = mission.recorder, mission.station
    return Result(
        scenario=mission.scenario.name,
        rover=mission.scenario.rover,
        world=mission.scenario.world,
        seed=mission.seed,
        start_utc=f"{mission.scenario.start.time_utc:%Y-%m-%dT%H:%M:%SZ}",
        passed=all(verdict.passed for verdict in verdicts),
        expectations=verdicts,
        sim_s=sim_s,
        wall_s=round(wall_s, 3),
        speed_factor=round(sim_s / max(wall_s, 1e-9), 1),
        cycles=mission.cycles,
        overruns=mission.overruns,
        boots=mission.flights,
        math_id=mission.simulation.math_id,
        downlink_sha256=recorder.sha256,
        downlink_packets=len(recorder.sent),
        lost_packets=station.lost_packets,
        recovered_packets=mission.recovery.recovered,
        retrievals=mission.recovery.retrievals,
        final_mode=mission.mode_name,
        distance_m=round(mission.simulation.truth.value("distance_m"), 4),
        commands=dict(sorted(Counter(record.state.value for record in station.commands).items())),
        events=dict(sorted(Counter(name for _, name in event_times(mission)).items())),
        software_version=".".join(map(str, VERSION)),
        dictionary_hash=DICTIONARY.hash32,
        out=None if out is None else str(out),
    )
