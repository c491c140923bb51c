"""Scenarios that only benchmarks fly."""

from __future__ import annotations

import msgspec

from sil.loader import load_scenario
from sil.scenario import Scenario


def still(duration_s: float) -> Scenario:
    """`hello` for longer and with nothing asked of it: a rover standing on flat ground."""
    return msgspec.structs.replace(load_scenario("hello"), duration_s=duration_s, command=(), expect=())
