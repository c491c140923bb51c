"""Small things that several subcommands say or ask for in the same way."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from ground.errors import GroundError
from sil.live.link_url import SERIAL_FORM, TCP_FORM, LinkUrl, parse_link
from sil.live.ports import DEFAULT_HOST, DEFAULT_PORT, RADIOS

F = TypeVar("F", bound=Callable[..., Any])


if TYPE_CHECKING:
    _Type = click.ParamType[float | int]
else:
    _Type = click.ParamType  # generic only since click 8.4


class Number(_Type):
    """A number within bounds; its refusal names option, text and range."""

    def __init__(self, kind: type[float] | type[int], low: float, high: float, *, above: bool = False) -> None:
        """`above`: `low` itself is refused."""
        self.name = "integer" if kind is int else "float"
        self._kind = kind
        self._low = low
        self._high = high
        self._above = above

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | int:
        """The number."""
        try:
            number = self._kind(value)
        except (ValueError, OverflowError):
            number = math.nan
        if self._low <= number <= self._high and not (self._above and number == self._low):
            return number
        kind = "whole number" if self._kind is int else "number"
        span = f"{'above' if self._above else 'from'} {self._text(self._low)} to {self._text(self._high)}"
        option = "the value" if param is None else param.opts[0]
        raise click.UsageError(f"{option} = {str(value)[:60]}: expected a {kind} {span}", ctx)

    def _text(self, number: float) -> str:
        return str(number) if self._kind is int else f"{number:g}"


SEED: Final = Number(int, 0, 2**63 - 1)


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
        type=Number(int, 0, 65_533),
        metavar="PORT",
        default=DEFAULT_PORT,
        show_default=True,
        help="Control port of the live rover; the local radio is the next one, the relay the one after.",
    )(function)


def radio_option(function: F) -> F:
    """`--radio`: which one commands take."""
    choice = click.Choice(RADIOS)
    return click.option("--radio", type=choice, default="local", show_default=True, help="Radio to send by.")(function)


def _link(_context: click.Context, _parameter: click.Parameter, value: str | None) -> LinkUrl | None:
    try:
        return None if value is None else parse_link(value)
    except GroundError as error:
        raise click.BadParameter(str(error)) from None


def link_option(function: F) -> F:
    """`--link`: a rover that is not `rahi live`."""
    text = f"Reach the rover by {SERIAL_FORM} or {TCP_FORM}, not by --host and --port."
    return click.option("--link", metavar="URL", callback=_link, help=text)(function)


def was_given(key: str) -> bool:
    """Whether an option of this subcommand was asked for, rather than left at its default."""
    source = click.get_current_context().get_parameter_source(key)
    return source not in (None, click.core.ParameterSource.DEFAULT)


def check_link(link: LinkUrl | None, radio: str = "local", given: Collection[str] | None = None) -> None:
    """See that a link goes with the other options; `given` are those asked for, unless this subcommand knows them.

    Raises:
        UsageError: another way to the same rover, or a radio that a link does not have.
    """
    if link is None:
        return
    for name in ("host", "port"):
        if was_given(name) if given is None else name in given:
            raise click.UsageError(f"--link and --{name}: a rover is reached by the one or the other")
    if radio != "local":
        raise click.UsageError(f"--radio {radio}: a link is one radio, local")
