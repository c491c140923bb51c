"""A check-out from SERVICE to the mode before, step by step, with whatever ends it early in its record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from flight.rover_file import RoverFile
from ground.errors import GroundError
from sil.checkout.bench import Bench
from sil.checkout.devices import check_devices
from sil.checkout.heaters import check_heaters
from sil.checkout.line import Desk, Line
from sil.checkout.motors import check_motors
from sil.checkout.operator import Operator
from sil.checkout.radio import check_radio
from sil.checkout.record import Outcome, Record, Row
from sil.checkout.service import NoService, Service
from sil.checkout.steering import check_steering
from sil.checkout.wheels import check_wheels

STEPS: Final[Mapping[str, Callable[[Bench], None]]] = MappingProxyType(
    {
        "radio": check_radio,
        "motors": check_motors,
        "devices": check_devices,
        "heaters": check_heaters,
        "wheels": check_wheels,
        "steering": check_steering,
    }
)
"""In the order in which they build on one another."""


def run_checkout(desk: Desk, operator: Operator, rover: RoverFile, record: Record) -> None:
    """Run the steps of `record` and fill it; a person's Ctrl-C and a lost link end up in it too."""
    line = Line(desk)
    service = Service(line)
    try:
        with service:
            service.begin()
            _steps(Bench(line, operator, rover, record), record.steps)
    except KeyboardInterrupt:
        record.interrupted = True
        operator.tell("interrupted: the rover was told to stop")
    except GroundError as error:  # the link has ended, or the rover does not go into SERVICE
        record.rows.append(
            Row("link", "SERVICE" if isinstance(error, NoService) else "link", Outcome.FAILED, str(error))
        )
        operator.tell(str(error))
    operator.tell(f"the rover is left in {service.left.name if service.left else 'a mode that it did not tell'}")


def _steps(bench: Bench, steps: Iterable[str]) -> None:
    for name in STEPS:
        if name in steps:
            bench.step = name
            bench.operator.tell(f"{name}: {(STEPS[name].__doc__ or '').splitlines()[0]}")
            STEPS[name](bench)
