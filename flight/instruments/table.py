"""All instruments.  The table is the dictionary's `InstrumentId`: each of its rows names a module of this package."""

from __future__ import annotations

from importlib import import_module

from flight.instruments.unit import Spec
from telemetry_defs.areas.instruments import InstrumentId


def load_specs() -> tuple[Spec, ...]:
    """The `SPEC` of every row.

    Raises:
        TypeError: a module does not describe the instrument it is named after.
    """
    specs = []
    for instrument in InstrumentId:
        spec = import_module(f"flight.instruments.{instrument.name.lower()}").SPEC
        if not isinstance(spec, Spec) or spec.instrument is not instrument:
            raise TypeError(f"flight.instruments.{instrument.name.lower()} does not describe {instrument.name}")
        specs.append(spec)
    return tuple(specs)
