"""Fault schedules from the closed registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st
from msgspec import inspect as types

from hal.api.config import Section
from sil.faults.kinds import Fault, Layer
from sil.faults.present import present
from sil.faults.registry import REGISTRY
from sil.scenario import Depth, FaultSection, LinkGapSection, Radio
from sil.strategies.numbers import between, tenths

Pair = tuple[str, str]
DURATIONS_S: Final = (None, 35.0, None, 12.0, 5.0, 2.0, 0.5)
"""None: to the end."""
USUAL_ROVER: Final = "south_pole"
RADIOS: Final[tuple[Radio, ...]] = ("local", "relay")
FIRST_S: Final = 2.0
LARGEST: Final = 1e4


def pairs(
    depth: Depth = "device", wanted: Callable[[Pair], bool] | None = None, rover: str = USUAL_ROVER
) -> list[Pair]:
    """Every pair of the registry that exists at a depth and on a rover, in its order."""
    return [pair for pair in present(depth, rover) if wanted is None or wanted(pair)]


@st.composite
def faults(
    draw: st.DrawFn,
    last_s: float,
    depth: Depth = "device",
    among: Sequence[Pair] = (),
    owners: tuple[str, ...] = (),
    first_s: float = FIRST_S,
    rover: str = USUAL_ROVER,
) -> FaultSection:
    """One fault that begins from `first_s` to `last_s`; `among`: of these pairs; `owners`: of these devices."""
    device, kind = draw(_any_pair(depth, rover, owners) if not among else st.sampled_from(list(among)))
    fault = REGISTRY[device, kind]
    return FaultSection(
        at_s=draw(tenths(first_s, last_s)),
        device=device,
        kind=kind,
        args=draw(_parameters(fault.params)),
        **_course(draw, fault),
    )


def _course(draw: st.DrawFn, fault: Fault) -> dict[str, Any]:
    """How long, how sudden, how often."""
    if not fault.lasting:
        return {}
    for_s = draw(st.sampled_from(DURATIONS_S))
    course: dict[str, Any] = {} if for_s is None else {"for_s": for_s}
    if fault.ramps and draw(st.integers(0, 3)) == 3:
        course["ramp_s"] = draw(tenths(0.5, 10.0))
    if for_s is not None and for_s <= 5.0 and draw(st.integers(0, 5)) == 5:
        course |= {"every_s": for_s + draw(tenths(1.0, 8.0)), "times": draw(st.integers(2, 4))}
    return course


@cache
def _any_pair(depth: Depth, rover: str, owners: tuple[str, ...]) -> st.SearchStrategy[Pair]:
    """A layer, then a kind, then a device: neither twelve sensors nor the many ways to lie crowd out the rest."""
    layers: dict[Layer, dict[str, list[Pair]]] = {}
    for device, kind in pairs(depth, lambda pair: not owners or pair[0].partition(".")[0] in owners, rover):
        families = layers.setdefault(REGISTRY[device, kind].layer, {})
        families.setdefault(f"{device.partition('.')[0]}/{kind}", []).append((device, kind))
    kinds = [st.sampled_from(list(families.values())) for families in layers.values()]
    return st.one_of(kinds).flatmap(st.sampled_from)


@cache
def _parameters(params: type[Section]) -> st.SearchStrategy[dict[str, Any]]:
    """Each parameter left at its default or drawn from its range."""
    info = types.type_info(params)
    assert isinstance(info, types.StructType)
    optional = {field.encode_name: _parameter(field.type) for field in info.fields}
    drawable = {name: strategy for name, strategy in optional.items() if strategy is not None}
    return st.fixed_dictionaries({}, optional=drawable)


def _parameter(kind: types.Type) -> st.SearchStrategy[Any] | None:
    """From the declared range; None for what has none."""
    if isinstance(kind, types.IntType):
        return None if kind.ge is None or kind.le is None else st.integers(int(kind.ge), int(kind.le))
    if isinstance(kind, types.FloatType):
        low, high = _end(kind.ge, kind.gt, 1e-3), _end(kind.le, kind.lt, -1e-3)
        return None if low is None or high is None else between(low, min(high, LARGEST), low)
    if isinstance(kind, types.BoolType):
        return st.booleans()
    if isinstance(kind, types.LiteralType):
        return st.sampled_from(list(kind.values))
    return None


def _end(closed: float | None, opened: float | None, inside: float) -> float | None:
    if closed is not None:
        return float(closed)
    return None if opened is None else opened + inside


@st.composite
def link_gaps(draw: st.DrawFn, last_s: float) -> tuple[LinkGapSection, ...]:
    """No carrier for a while, on one radio or on both."""
    from_s = draw(tenths(FIRST_S, last_s))
    to_s = from_s + draw(tenths(0.5, 25.0))
    silent = draw(st.sampled_from([RADIOS[:1], RADIOS[1:], RADIOS]))
    return tuple(LinkGapSection(radio=radio, from_s=from_s, to_s=to_s) for radio in silent)
