"""What is to be flown, and the folder that belongs to it: a campaign goes on only where it began."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from hal.api.config import ConfigError
from sil.campaign.fly import Task
from sil.campaign.identity import Identity, difference, identity_of
from sil.properties.catalogue import ALL, PROPERTIES
from sil.scenario import ExpectSection, Scenario
from sil.scenario_text import to_toml

PLAN_FILE: Final = "campaign.json"
SCENARIO_FILE: Final = "scenario.toml"
NONE: Final = "none"
LONGEST_LOOKED_AT_S: Final = 21_600.0
"""Looking on costs 1.4 kB a cycle: longer runs are judged by their expectations, unless properties are asked for."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Equal plans give equal rows."""

    name: str
    scenario: str
    """TOML as every worker reads it."""
    n: int
    seed: int
    """Of the first run; each following run has the next one."""
    properties: tuple[str, ...]
    identity: Identity

    @property
    def seeds(self) -> range:
        """All of them."""
        return range(self.seed, self.seed + self.n)

    def task(self, seed: int) -> Task:
        """What a worker needs."""
        return Task(scenario=self.scenario, seed=seed, properties=self.properties, identity=self.identity)


def make_plan(scenario: Scenario, n: int, seed: int, wanted: str | None) -> Plan:
    """`wanted`: a property's name, `all` or `none`; None: all, but for long runs."""
    if wanted is None:
        wanted = ALL if scenario.duration_s <= LONGEST_LOOKED_AT_S else NONE
    names = {ALL: tuple(PROPERTIES), NONE: ()}.get(wanted, (wanted,))
    return Plan(
        name=scenario.name,
        scenario=to_toml(scenario, seed),
        n=n,
        seed=seed,
        properties=names,
        identity=identity_of(scenario),
    )


def replayable(scenario: Scenario, plan: Plan) -> str:
    """TOML that `rahi sil` flies to the same packets and judges by the same properties."""
    asked = () if not plan.properties else (ALL,) if len(plan.properties) > 1 else plan.properties
    there = {item.property for item in scenario.expect}
    more = tuple(ExpectSection(property=name) for name in asked if name not in there)
    return to_toml(msgspec.structs.replace(scenario, expect=(*scenario.expect, *more)), plan.seed)


@contextmanager
def held(out: Path, plan: Plan, replay: str) -> Iterator[None]:
    """The folder of this campaign and no other, for this process alone.

    Raises:
        ConfigError: it holds something else, or another process is at work in it.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not (out / PLAN_FILE).exists():
            _begin(out, plan, replay)
        file = (out / PLAN_FILE).open("rb")
    except OSError as error:
        raise ConfigError(str(out), f"--out: expected a folder that can be written to ({error.strerror})") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigError(str(out), "another process flies this campaign now") from None
        _refuse_others(out, plan, file.read())
        yield


def _begin(out: Path, plan: Plan, replay: str) -> None:
    if any(item.name not in (SCENARIO_FILE, f"{PLAN_FILE}.new") for item in out.iterdir()):
        raise ConfigError(str(out), "the output folder is not empty and holds no campaign; choose another with --out")
    (out / SCENARIO_FILE).write_text(replay, encoding="utf-8")
    new = out / f"{PLAN_FILE}.new"
    new.write_bytes(msgspec.json.format(msgspec.json.encode(plan)) + b"\n")
    os.replace(new, out / PLAN_FILE)


def _refuse_others(out: Path, plan: Plan, raw: bytes) -> None:
    try:
        kept = msgspec.json.decode(raw, type=Plan)
    except msgspec.MsgspecError as error:
        raise ConfigError(str(out / PLAN_FILE), f"is no campaign: {error}") from None
    other = _difference(kept, plan)
    if other is not None:
        raise ConfigError(str(out), f"holds another campaign ({other}); choose another folder with --out or remove it")


def _difference(kept: Plan, plan: Plan) -> str | None:
    if kept.n != plan.n:
        return f"--n {kept.n}, not {plan.n}"
    if kept.seed != plan.seed:
        return f"--seed {kept.seed}, not {plan.seed}"
    if kept.scenario != plan.scenario:
        return "another text of the scenario"
    if kept.properties != plan.properties:
        return "judged by other properties, see --property"
    other = difference(plan.identity, kept.identity)
    return None if other is None else f"flown with {other}"
