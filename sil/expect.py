"""Judges a finished mission against its expectations; each verdict says what was measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from hal.api.clock import NS_PER_S
from sil.expect_record import judge_archived, judge_outage
from sil.expect_text import range_text, seen_text, value_names
from sil.mission import Mission
from sil.properties.catalogue import judge_all, named
from sil.properties.record import Run
from sil.result import Verdict
from sil.scenario import ExpectSection, Span
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.formats import DecodedTm

Samples = list[tuple[float, float | None]]
"""Time in seconds and value, None for no valid value."""


def judge(mission: Mission, run: Run | None = None) -> tuple[Verdict, ...]:
    """One verdict for each `[[expect]]`, in order; `run` is what a witness saw, for the properties."""
    return tuple(
        _judge(mission, expect) if expect.property is None or run is None else _property(run, expect.property)
        for expect in mission.scenario.expect
    )


def _property(run: Run, name: str) -> Verdict:
    judgements = judge_all(run, named(name))
    broken = [f"{key} at {item.t_s:.1f} s: {item.text}" for key, item in judgements.items() if not item.holds]
    key, nearest = min(judgements.items(), key=lambda item: item[1].margin)
    of = "" if key == name else f" of {key}"
    tested = nearest.margin <= 1.0
    text = f"least margin {nearest.margin:.2f}{of} at {nearest.t_s:.1f} s" if tested else "not put to the test"
    return Verdict(text=f"property {name} holds", passed=not broken, measured="; ".join(broken) or text)


def _judge(mission: Mission, expect: ExpectSection) -> Verdict:
    if expect.event is not None:
        return _event(mission, expect)
    if expect.value is not None:
        return _value(mission, expect)
    if expect.command is not None:
        return _command(mission, expect)
    if expect.product is not None:
        return _product(mission, expect)
    if expect.archived_until_s is not None:
        return judge_archived(mission, expect.archived_until_s)
    if expect.outage_s is not None:
        return judge_outage(mission, expect.outage_s)
    return _at_end(mission, expect)


def _event(mission: Mission, expect: ExpectSection) -> Verdict:
    start_s, stop_s = expect.between_s or (0.0, mission.scenario.duration_s)
    times = [t_s for t_s, name in event_times(mission) if name == expect.event and start_s <= t_s <= stop_s]
    wanted = "not seen" if expect.absent else "seen"
    measured = f"seen at {', '.join(f'{t:.1f}' for t in times[:5])} s" if times else "not seen"
    return Verdict(
        text=f"event {expect.event} {wanted} in [{start_s:g}, {stop_s:g}] s",
        passed=bool(times) is not expect.absent,
        measured=measured,
    )


def event_times(mission: Mission) -> Iterator[tuple[float, str]]:
    """Every event report as sent, at the on-board time it was raised (seconds after the start)."""
    for sent_ns, tm in mission.recorder.events():
        yield _made_s(mission, sent_ns, tm), tm.name


def _made_s(mission: Mission, sent_ns: int, tm: DecodedTm) -> float:
    """When a packet was made, seconds after the start; what waits for a link or in the store is sent later."""
    t_s, sent_s = (tm.time_ns - mission.start_gps_ns) / NS_PER_S, sent_ns / NS_PER_S
    # An untrusted clock says nothing about when; then the time it was sent has to do.
    return t_s if tm.time_quality and -1.0 <= t_s <= sent_s + 5.0 else sent_s


def _value(mission: Mission, expect: ExpectSection) -> Verdict:
    low = -math.inf if expect.min is None else expect.min
    high = math.inf if expect.max is None else expect.max
    samples = _samples(mission, expect.value or "")
    if expect.at_end:
        return _verdict(expect, "at the end", samples[-1:], all, low, high)
    if expect.eventually_s is not None:
        return _verdict(
            expect, f"eventually in {_text(expect.eventually_s)}", _within(samples, expect.eventually_s), any, low, high
        )
    span = expect.always_s or (0.0, mission.scenario.duration_s)
    return _verdict(expect, f"always in {_text(span)}", _within(samples, span), all, low, high)


def _verdict(expect: ExpectSection, when: str, samples: Samples, how: Any, low: float, high: float) -> Verdict:
    good = [value is not None and low <= value <= high for _, value in samples]
    values = [value for _, value in samples if value is not None]
    missing = len(samples) - len(values)
    names = value_names(expect.value or "")
    measured = f"{seen_text(values, names)} in {len(samples)} samples" if values else "no valid sample"
    return Verdict(
        text=f"{expect.value} {range_text(low, high, names)} {when}",
        passed=bool(samples) and how(good),
        measured=measured + (f", {missing} without a valid value" if missing else ""),
    )


def _samples(mission: Mission, name: str) -> Samples:
    area, _, rest = name.partition(".")
    if area == "world":
        truth = mission.simulation.truth
        return list(zip(truth.column("time_s"), truth.column(rest), strict=True))
    structure, _, field = rest.partition(".")
    hk = DICTIONARY.hk(f"{area}.{structure}")
    sent = mission.recorder.housekeeping(hk.structure_id)
    samples = [(_made_s(mission, sent_ns, tm), _field(tm.fields, field)) for sent_ns, tm in sent]
    return sorted(samples, key=itemgetter(0))


def _field(fields: dict[str, Any], name: str) -> float | None:
    base, _, index = name.partition("[")
    value = fields[base]
    if index:
        value = value[int(index.rstrip("]"))]
    return None if value is None else float(value)


def _within(samples: Samples, span: Span) -> Samples:
    return [sample for sample in samples if span[0] <= sample[0] <= span[1]]


def _text(span: Span) -> str:
    return f"[{span[0]:g}, {span[1]:g}] s"


def _command(mission: Mission, expect: ExpectSection) -> Verdict:
    records = mission.plan.found(expect.command or "")
    states = [f"{record.state.value}{', ' + record.code_name if record.code_name else ''}" for record in records]
    if expect.refused is None:
        text, passed = f"command {expect.command} completes", all(record.completed for record in records)
    else:
        text = f"command {expect.command} fails with {expect.refused}"
        passed = all(record.failed and record.code_name == expect.refused for record in records)
    return Verdict(text=text, passed=bool(records) and passed, measured="; ".join(states) or "never sent")


def _product(mission: Mission, expect: ExpectSection) -> Verdict:
    whole = [product for product in mission.products if product.complete and product.kind() == expect.product]
    return Verdict(
        text=f"at least {expect.count} whole product(s) of kind {expect.product} on the ground",
        passed=len(whole) >= expect.count,
        measured=f"{len(whole)} whole",
    )


def _at_end(mission: Mission, expect: ExpectSection) -> Verdict:
    if expect.final_mode is not None:
        mode = mission.mode_name
        return Verdict(text=f"final mode {expect.final_mode}", passed=mode == expect.final_mode, measured=mode)
    if expect.distance_m is not None:
        distance_m = mission.simulation.truth.value("distance_m")
        return _range("distance driven", "m", expect.distance_m, distance_m)
    return _range("number of boots", "", expect.boots or (0, 0), float(mission.flights))


def _range(what: str, unit: str, span: Sequence[float], measured: float) -> Verdict:
    return Verdict(
        text=f"{what} {range_text(span[0], span[1])} {unit}".rstrip(),
        passed=span[0] <= measured <= span[1],
        measured=f"{measured:.5g} {unit}".rstrip(),
    )
