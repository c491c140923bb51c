"""`rahi defs`: the mission dictionary, whole in one of its export formats or one entry for reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from telemetry_defs.describe import describe
from telemetry_defs.dictionary import DICTIONARY, DictionaryError
from telemetry_defs.lookup import Dictionary
from telemetry_defs.ranges import number_text

_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"housekeeping": "housekeeping", "commands": "command", "events": "event", "parameters": "parameter"}
)


def _complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=entry["meaning"]) for name, _, entry in _entries() if name.startswith(incomplete)]


@click.command("defs", short_help="The mission dictionary, whole or one entry.")
@click.argument("name", required=False, shell_complete=_complete)
@click.option("--markdown", "form", flag_value="markdown", help="The whole dictionary as Markdown.")
@click.option("--json", "form", flag_value="json", help="The whole dictionary as JSON.")
@click.option("--xtce", "form", flag_value="xtce", help="The whole dictionary as XTCE, for mission control systems.")
def command(name: str | None, form: str | None) -> None:
    """Show every packet, command, event and parameter, those of one area, or one of them (NAME) with its fields."""
    if form is not None:
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
    for find in (DICTIONARY.command, DICTIONARY.parameter, DICTIONARY.event, DICTIONARY.hk):
        try:
            find(name)
        except DictionaryError as error:
            if "did you mean" in str(error):
                return f"nothing is called {name!r}{str(error)[str(error).index(';') :]}"
    return f"nothing is called {name!r}; `rahi defs` lists all"


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
