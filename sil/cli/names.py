"""Small things that several subcommands say or ask for in the same way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from sil.live.server import DEFAULT_HOST, DEFAULT_PORT, RADIOS

F = TypeVar("F", bound=Callable[..., Any])


def duration_text(seconds: float) -> str:
    """A duration at a glance: `45 s`, `12 min`, `3.5 h`, `9 d`."""
    for unit, length_s in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if seconds >= 2.0 * length_s or seconds == length_s:
            return f"{round(seconds / length_s, 1):g} {unit}"
    return f"{seconds:g} s"


def complete_scenario(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Shipped scenarios, and files."""
    from sil.loader import shipped_scenarios  # the loader is not needed to answer `--help`

    names = [CompletionItem(name) for name in shipped_scenarios() if name.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]


def _host(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """No name at all would mean every address of this machine; one that cannot be asked for is told before it is."""
    try:
        if value.encode("idna"):
            return value
    except UnicodeError:
        pass
    raise click.BadParameter(f"{value[:60]!r} is no host name or address")


def host_option(function: F) -> F:
    """`--host`: of a live rover."""
    return click.option(
        "--host", default=DEFAULT_HOST, show_default=True, callback=_host, help="Address of the live rover."
    )(function)


def port_option(function: F) -> F:
    """`--port`: the first of three."""
    return click.option(
        "--port",
        type=click.IntRange(0, 65_533),
        default=DEFAULT_PORT,
        show_default=True,
        help="Control port of the live rover; the local radio is the next one, the relay the one after.",
    )(function)


def radio_option(function: F) -> F:
    """`--radio`: which one commands take."""
    choice = click.Choice(RADIOS)
    return click.option("--radio", type=choice, default="local", show_default=True, help="Radio to send by.")(function)
