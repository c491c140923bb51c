"""The cycle: all of it (flight, simulated devices, world, ground station, archive) and flight's own step."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from statistics import mean, median, quantiles

from benchmarks.figures import Figure, Timer, spread
from sil.loader import load_scenario
from sil.mission import Mission
from sil.scenario import Scenario
from telemetry_defs.definitions import Mode

STATES = ("standing", "driving", "charging", "observing")
_BY_MODE = {Mode.CHARGE: 2, Mode.SCIENCE: 3}


class Stopwatch:
    """Times each turn of a mission's loop, sorted by what the rover is doing; its own work is left out."""

    def __init__(self, mission: Mission, timer: Timer) -> None:
        self._mission = mission
        self._timer = timer
        self.whole_ns = array("q")
        self.step_ns = array("q")
        self.states = bytearray()
        self._began_ns = 0

    def run(self) -> None:
        """Fly the whole mission."""
        self._began_ns = self._timer()
        self._mission.run(self._pace)

    def _pace(self, _now_ns: int) -> None:
        ended_ns = self._timer()
        mission = self._mission
        if mission.flight is not None:
            self._time_step(mission)
            self.whole_ns.append(ended_ns - self._began_ns)
            driving = mission.simulation.world.wheels_turning
            self.states.append(1 if driving else _BY_MODE.get(mission.flight.core.modes.mode, 0))
        self._began_ns = self._timer()

    def _time_step(self, mission: Mission) -> None:
        """Hang a clock on the executive's step, once for each boot."""
        flight = mission.flight
        if flight is None or "step" in vars(flight.executive):
            return
        step, times, timer = flight.executive.step, self.step_ns, self._timer

        def timed() -> None:
            began_ns = timer()
            step()
            times.append(timer() - began_ns)

        flight.executive.step = timed  # type: ignore[method-assign] # the only way in that costs the loop nothing


def cycle_figures(runs: int, timer: Timer, scenario_name: str = "first_drive") -> list[Figure]:
    """Medians over `runs` flights of the main mission with everything on."""
    scenario = load_scenario(scenario_name)
    flights = [_fly(scenario, timer) for _ in range(runs)]
    figures = [
        _figure("whole SIL cycle, median", flights, lambda w: median(w.whole_ns), hold=200.0, aim=100.0),
        _figure("whole SIL cycle, mean", flights, lambda w: mean(w.whole_ns)),
        _figure("whole SIL cycle, 99 % are shorter", flights, lambda w: quantiles(w.whole_ns, n=100)[98]),
    ]
    for number, state in enumerate(STATES):
        if flights[0].states.count(number) > 100:
            figures.append(_figure(f"  while {state}, median", flights, _after(median, number)))
            figures.append(_figure(f"  while {state}, mean", flights, _after(mean, number)))
    figures += [
        _figure("flight's step with its devices, median", flights, lambda w: median(w.step_ns), hold=120.0, aim=60.0),
        _figure("flight's step with its devices, mean", flights, lambda w: mean(w.step_ns)),
        _speed("speed by the median cycle", flights, lambda w: median(w.whole_ns), hold=500.0, aim=1000.0),
        _speed("speed by the mean cycle", flights, lambda w: mean(w.whole_ns)),
    ]
    return figures


def _fly(scenario: Scenario, timer: Timer) -> Stopwatch:
    watch = Stopwatch(Mission(scenario), timer)
    watch.run()
    return watch


def _after(reduce: Callable[[list[int]], float], state: int) -> Callable[[Stopwatch], float]:
    """`reduce` over the cycles of one state."""

    def pick(watch: Stopwatch) -> float:
        return reduce([time for time, at in zip(watch.whole_ns, watch.states, strict=True) if at == state])

    return pick


def _figure(
    what: str,
    flights: list[Stopwatch],
    pick: Callable[[Stopwatch], float],
    hold: float | None = None,
    aim: float | None = None,
) -> Figure:
    samples = [pick(flight) / 1000.0 for flight in flights]
    return Figure(what, median(samples), "us", hold, aim, note=spread(samples))


def _speed(
    what: str,
    flights: list[Stopwatch],
    pick: Callable[[Stopwatch], float],
    hold: float | None = None,
    aim: float | None = None,
) -> Figure:
    samples = [1e8 / pick(flight) for flight in flights]
    return Figure(what, median(samples), "x real time", hold, aim, more_is_better=True, note=spread(samples))
