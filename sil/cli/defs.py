"""`rahi defs`: the mission dictionary, whole in one of its export formats or one entry for reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from sil.hints import near
from sim_hal.world_values import NAMES
from telemetry_defs.describe import describe
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.lookup import Dictionary
from telemetry_defs.ranges import number_text

_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"housekeeping": "housekeeping", "commands": "command", "events": "event", "parameters": "parameter"}
)

WORLD: Final = "world"
_UNITS: Final = (
    ("_m_s", "m/s"), ("_rad_s", "rad/s"), ("_c_as", "A s at less than 0 C"), ("_rad", "rad"), ("_m", "m"), ("_v", "V"),
    ("_a", "A"), ("_w", "W"), ("_c", "C"), ("_s", "s"),
)  # fmt: skip


def unit_of(name: str) -> str:
    """The unit that a name of the truth ends in; shares of one and flags have none."""
    return next((unit for ending, unit in _UNITS if name.endswith(ending)), "")


def _complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=entry["meaning"]) for name, _, entry in _entries() if name.startswith(incomplete)]


@click.command("defs", short_help="The mission dictionary, whole or one entry.")
@click.argument("name", required=False, shell_complete=_complete)
@click.option("--markdown", is_flag=True, help="The whole dictionary as Markdown.")
@click.option("--json", is_flag=True, help="The whole dictionary as JSON.")
@click.option("--xtce", is_flag=True, help="The whole dictionary as XTCE, for mission control systems.")
def command(name: str | None, **forms: bool) -> None:
    """Show every packet, command, event and parameter, those of one area, or one of them (NAME) with its fields.

    The area `world` lists the values of the simulated truth, which a scenario can expect beside telemetry.
    """
    chosen = [form for form, wanted in forms.items() if wanted]
    if len(chosen) > 1:
        raise click.UsageError(f"only one of {', '.join(f'--{form}' for form in chosen)} can be written at a time")
    for form in chosen:
        if name is not None:
            raise click.UsageError("--markdown, --json and --xtce write the whole dictionary; leave NAME out")
        click.echo(_export(form, DICTIONARY), nl=False)
        return
    for line in _shown(name):
        click.echo(line)


def _export(form: str, dictionary: Dictionary) -> str:
    if form == "markdown":
        from telemetry_defs.exports.markdown import to_markdown

        return to_markdown(dictionary)
    if form == "json":
        from telemetry_defs.exports.json import to_json

        return to_json(dictionary)
    from telemetry_defs.exports.xtce import to_xtce

    return to_xtce(dictionary)


def _shown(name: str | None) -> Iterator[str]:
    if name is not None and name.partition(".")[0] == WORLD:
        yield from _world(name)
        return
    if name is None:
        yield f"dictionary {DICTIONARY.hash32:#010x}"
    found = [entry for entry in _entries() if name in (None, entry[0], entry[0].partition(".")[0])]
    exact = [entry for entry in found if entry[0] == name]
    if not found:
        raise click.UsageError(_unknown(name or ""))
    for item, kind, entry in exact or found:
        if exact:
            yield from _details(item, kind, entry)
        else:
            yield f"{kind:<13} {item:<32} {entry['meaning']}"


def _entries() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(name, kind, description) of everything with a name, in the order of declaration."""
    for area in describe(DICTIONARY.areas, ())["areas"]:
        for key, kind in _KINDS.items():
            for entry in area[key]:
                yield entry["name"], kind, entry


def _unknown(name: str) -> str:
    areas = (*(area.name for area in DICTIONARY.areas), WORLD)
    known = areas if "." not in name else [entry[0] for entry in _entries()]
    return f"nothing is called {name!r}{near(name, known) or '; `rahi defs` lists all'}"


def _world(name: str) -> Iterator[str]:
    """The truth: one line a value."""
    known = {f"{WORLD}.{value}": unit_of(value) for value in NAMES}
    if name not in (WORLD, *known):
        raise click.UsageError(f"nothing is called {name!r}{near(name, known) or '; `rahi defs world` lists all'}")
    for value, unit in known.items():
        if name in (WORLD, value):
            yield f"{'truth':<13} {value:<38} {unit}".rstrip()


def _details(name: str, kind: str, entry: dict[str, Any]) -> Iterator[str]:
    yield f"{kind} {name}: {entry['meaning']}"
    for key in ("structure_id", "period_s", "function_id", "service", "subtype", "event_id", "severity", "parameter_id",
                "default", "low", "high", "unit", "hazardous", "progress"):  # fmt: skip
        if entry.get(key) not in (None, "", False):
            yield f"  {key:<13} {_number(key, entry[key])}"
    if entry.get("modes"):
        yield f"  {'modes':<13} {', '.join(entry['modes'])}"
    for field in entry.get("fields", ()):
        yield f"  {_field(field)}"


def _number(key: str, value: Any) -> str:
    return f"{value:#06x}" if key in ("function_id", "event_id", "parameter_id") else str(value)


def _field(field: dict[str, Any]) -> str:
    ends = ["" if field[end] is None else number_text(field[end]) for end in ("low", "high")]
    limits = "..".join(ends) if any(ends) else ""
    values = " ".join(field.get("values", ()))
    kind = field["kind"] + ("?" if field["optional"] else "") + (f" x {field['count']}" if "count" in field else "")
    return f"{field['name']:<22} {kind:<9} {limits:>14} {field['unit']:<6} {field['meaning']} {values}".rstrip()
