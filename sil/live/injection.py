"""A fault that an operator starts or ends in a live session: one JSON object, on the control line and in the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from hal.api.config import ConfigError, decode_raw
from sil.faults.checks import section_problems
from sil.faults.injector import Injector
from sil.faults.registry import REGISTRY
from sil.scenario import FaultSection


class Injection(FaultSection, frozen=True, kw_only=True, omit_defaults=True):
    """A scenario's fault whose time is now."""

    at_s: float = 0.0
    """Says nothing: the fault begins when it arrives."""
    end: bool = False
    """End the fault instead, and its repetitions."""


def injection_of(raw: object, depth: str | None) -> Injection:
    """Decode and check an injection; `depth` is that of the mission, None where it is not known.

    Raises:
        ConfigError: one line with everything that is wrong.
    """
    injection = decode_raw(raw, Injection, "inject")
    problems = list(_problems(injection, depth))
    if problems:
        raise ConfigError("inject", "; ".join(problems))
    return injection


def parse_injection(text: str, depth: str) -> Injection:
    """As `injection_of`, from the text of a control line.

    Raises:
        ConfigError: as there, or no JSON.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError("inject", f"expected one JSON object: {error}") from None
    return injection_of(raw, depth)


def plain(injection: Injection) -> dict[str, Any]:
    """The object as JSON has it."""
    raw: dict[str, Any] = msgspec.to_builtins(injection)
    return raw


def apply(injector: Injector, injection: Injection) -> None:
    """Start or end the fault now.

    Raises:
        ConfigError: to be ended, and not in force.
    """
    if not injection.end:
        injector.inject(injection)
    elif not injector.withdraw(injection.device, injection.kind):
        raise ConfigError("inject", f"{injection.device}/{injection.kind} is not in force")


def _problems(injection: Injection, depth: str | None) -> Iterator[str]:
    fault = REGISTRY.get((injection.device, injection.kind))
    own = "device" if fault is None or fault.depth is None else fault.depth
    yield from section_problems(injection, depth or own)
    if injection.end and plain(injection).keys() - {"device", "kind", "end"}:
        yield "end goes with device and kind alone"
