"""`rahi send`: one telecommand to a live rover, with options, help and completion from the dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from ground.commands import build_arguments, find_command, text_arguments
from ground.verification import CommandRecord, CommandState
from hal.api.clock import seconds
from sil.cli.names import Number, check_link, host_option, link_option, port_option, radio_option, was_given
from sil.live.desk import LinkDesk, desk_at
from telemetry_defs.definitions import Command, FailureCode, Mode, Parameter
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.ranges import limits_of, range_text
from telemetry_defs.wire import Field, enum_members, fields_of

POLL_S: Final = 0.2
COMPLETED: Final = 0
FAILED: Final = 1
LINK_WAIT_S: Final = 600.0
"""Over a link, where nothing tells that the rover is gone, a report is waited for no longer; a live rover hangs up."""
_OWN_TIMES: Final = ("timeout_s", "duration_s", "hold_s", "valid_for_s")
"""Arguments that say how long a telecommand's execution may take."""
_LINK: Final = ("link", "radio", "host", "port", "timeout", "arm", "wait")
_ABOVE: Final = "rahi.link"
"""Where the group leaves what was said before the telecommand's name: values, and the names of those that were."""
_PATIENCE: Final = f"Give up waiting after this. Default for --link: {LINK_WAIT_S:g} s and the command's own time."
_SHORT: Final = {"parameter_id": "parameter", "structure_id": "structure", "event_id": "event"}


_HAZARDOUS: Final[tuple[Command | Parameter, ...]] = (
    *(item for item in DICTIONARY.commands if item.hazardous),
    *(item for item in DICTIONARY.parameters if item.hazardous),
)


class _Commands(click.Group):
    """One subcommand for each telecommand of the dictionary."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of declaration."""
        return [command.name for command in DICTIONARY.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """None for an unknown one."""
        known = {command.name: command for command in DICTIONARY.commands}
        return _subcommand(known[cmd_name]) if cmd_name in known else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A name that the dictionary does not have is refused in its words, with the nearest one.

        Raises:
            GroundError: no such telecommand.
        """
        if args and not args[0].startswith("-"):
            args = [args[0].replace("-", "_"), *args[1:]]
            find_command(DICTIONARY, args[0])
        return super().resolve_command(ctx, args)


def _link_options(taken: frozenset[str] = frozenset()) -> list[click.Parameter]:
    """How to reach the rover and how long to wait; names that the telecommand itself has are left to it."""

    @link_option
    @host_option
    @port_option
    @radio_option
    @click.option("--arm", is_flag=True, help="Arm the command first, as a hazardous one needs.")
    @click.option("--wait/--no-wait", default=True, help="Wait for the end of the execution (the default).")
    @click.option("--timeout", type=Number(float, 0.0, 1.0e6), metavar="S", help=_PATIENCE)
    def options() -> None: ...

    declared: list[click.Parameter] = options.__click_params__  # type: ignore[attr-defined]  # where click keeps them
    return [option for option in reversed(declared) if option.name not in taken]


def _subcommand(command: Command) -> click.Command:
    fields = fields_of(command.cls)
    link = _link_options(frozenset(field.name for field in fields))
    hints = [command.meaning]
    if command.modes is not None:
        hints.append(f"Legal in {', '.join(sorted(mode.name for mode in command.modes))}.")
    if command.hazardous:
        hints.append("Hazardous: needs --arm.")

    def call(**given: Any) -> int:
        above, said = click.get_current_context().meta[_ABOVE]
        texts = {field.name: given[field.name] for field in fields if given[field.name] is not None}
        own = {key: given[key] for key in _said(given.keys() - texts)}
        link = {**above, **own}
        check_link(link["link"], link["radio"], {*said, *own})
        return _send(command.name, texts, link)

    options: list[click.Parameter] = [_option(command, field) for field in fields]
    return click.Command(
        command.name, params=options + link, callback=call, help="\n\n".join(hints), short_help=command.meaning
    )


def _said(names: Iterable[str]) -> list[str]:
    """Which of these ways to reach the rover were asked for."""
    return [key for key in names if key in _LINK and was_given(key)]


def _option(command: Command, field: Field) -> click.Option:
    """`--x_m` for a field; what has a name may be called by it, and then the short form reads better."""
    limits = {item.name: range_text(item) for item in limits_of(command.cls)}.get(field.name, "")
    members = [member.name for member in enum_members(field)]
    names = [f"--{field.name}", *([f"--{_SHORT[field.name]}"] if field.name in _SHORT else [])]
    required = field.name in {item.name for item in _required(command)}
    return click.Option(
        [*names, field.name],
        required=required,
        metavar="|".join(members) if 0 < len(members) <= 6 else (members and "NAME") or field.wire.unit or "VALUE",
        help=" ".join(part for part in (field.wire.meaning, f"[{limits}]" if limits and not members else "") if part),
        shell_complete=lambda _c, _p, text: [CompletionItem(item) for item in _values(field) if item.startswith(text)],
    )


def _required(command: Command) -> list[Any]:
    import msgspec

    return [item for item in msgspec.structs.fields(command.cls) if item.required]


def _values(field: Field) -> list[str]:
    """What can stand for this field, where that has names."""
    named: Mapping[str, Any] = {
        "parameter_id": DICTIONARY.parameters,
        "structure_id": DICTIONARY.housekeeping,
        "event_id": DICTIONARY.events,
        "target": _HAZARDOUS,
    }
    if field.base is bool:
        return ["true", "false"]
    return [item.name for item in named.get(field.name, ())] or [member.name for member in enum_members(field)]


@click.command(
    "send",
    short_help="Send one telecommand to a live rover.",
    cls=_Commands,
)
@click.pass_context
def command(context: click.Context, /, **link: Any) -> None:
    """Send one telecommand to a live rover and show what becomes of it.

    Exit code 0: completed; 1: refused, failed or not answered; 2: bad input or no rover. Where a telecommand has an
    argument --radio of its own, the radio to send by is named before the telecommand.
    """
    context.meta[_ABOVE] = link, _said(link)


command.params.extend(_link_options())


def _send(name: str, texts: Mapping[str, str], link: Mapping[str, Any]) -> int:
    arguments = text_arguments(DICTIONARY, name, texts)
    build_arguments(DICTIONARY, name, arguments)  # bad input is told before anybody connects
    with desk_at(link["link"], link["host"], link["port"]) as desk:
        if link["arm"]:
            target = str(texts.get("parameter_id", name)) if name == "system.set_parameter" else name
            armed = desk.station.send_command("system.arm", {"target": target}, desk.now_ns(), link["radio"])
            if not follow(desk, armed, patience_s(link, {})):
                return FAILED
        record = desk.station.send_command(name, arguments, desk.now_ns(), link["radio"])
        if not link["wait"]:
            click.echo(f"sent {name}")
            return COMPLETED
        return COMPLETED if follow(desk, record, patience_s(link, arguments)) else FAILED


def patience_s(link: Mapping[str, Any], arguments: Mapping[str, object]) -> float | None:
    """How long to wait for the end of a telecommand, None: until the rover hangs up."""
    if link["timeout"] is not None or link["link"] is None:
        timeout_s: float | None = link["timeout"]
        return timeout_s
    return LINK_WAIT_S + sum(float(str(arguments.get(name, 0.0))) for name in _OWN_TIMES)


def follow(desk: LinkDesk, record: CommandRecord, timeout_s: float | None) -> bool:
    """Show each verification report as it comes; True if the command completed."""
    click.echo(f"sent      {record.name}")
    end_ns = None if timeout_s is None else desk.now_ns() + seconds(timeout_s)
    shown = 0
    while not record.finished and not desk.closed and (end_ns is None or desk.now_ns() < end_ns):
        desk.poll(POLL_S)
        for _, report in record.reports[shown:]:
            click.echo(f"{report.partition('.')[2]:<9} {record.name}{_explained(record, report)}")
        shown = len(record.reports)
    if not record.finished:
        reason = f" ({desk.ending})" if desk.closed else f": no answer for {timeout_s:g} s"
        word = "hung up" if desk.closed else "gave up"
        click.echo(f"{word}   {record.name} is {record.state.value}{reason}", err=True)
    elif record.state is CommandState.NO_ANSWER:
        click.echo(f"no answer {record.name}", err=True)
    return record.completed is True


def _explained(record: CommandRecord, report: str) -> str:
    """Step of a progress report, reason of a failure."""
    if report.endswith(("refused", "failed")):
        return f": {record.code_name}{_detail(record)}"
    return f": step {record.step}" if report.endswith("progress") else ""


def _detail(record: CommandRecord) -> str:
    """What the number beside a failure code says, where it stands for something with a name."""
    code, detail = record.code, record.detail
    if not detail:
        return ""
    named: list[str] = []
    if code is FailureCode.MODE:
        named = [f"not legal in {mode.name}" for mode in Mode if mode == detail]
    elif code is FailureCode.GUARD_REFUSED:
        named = [f"on the way to {mode.name}" for mode in Mode if mode == detail]
    elif code is FailureCode.NOT_ARMED:
        named = [f"{item.name} needs --arm" for item in _HAZARDOUS if item.arm_code == detail]
    return f", {named[0] if named else f'detail {detail}'}"
