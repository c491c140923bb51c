"""The group of subcommands and the exit codes: 0 done, 1 failed, 2 bad input, 3 Rahi itself failed, 130 interrupted."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, NoReturn

import click

from flight.version import VERSION
from ground.errors import GroundError
from hal.api.config import ConfigError, one_line
from sil.hints import near
from sil.problems import ScenarioProblems

BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
"""As any program that writes into a pipe whose reader (`| head`) has gone: 128 + SIGPIPE."""

_COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sil": "sil.cli.sil_command",
        "live": "sil.cli.live",
        "emulate": "sil.cli.emulate",
        "send": "sil.cli.send",
        "watch": "sil.cli.watch",
        "drive": "sil.cli.drive",
        "inject": "sil.cli.inject",
        "checkout": "sil.cli.checkout",
        "record": "sil.cli.record",
        "sequence": "sil.cli.sequence",
        "scenarios": "sil.cli.scenarios",
        "faults": "sil.cli.faults",
        "defs": "sil.cli.defs",
        "hunt": "sil.cli.hunt",
        "campaign": "sil.cli.campaign",
        "report": "sil.cli.report",
        "trace": "sil.cli.trace",
        "wiring": "sil.cli.wiring",
        "deploy": "sil.cli.deploy",
        "image": "sil.cli.image",
    }
)
"""Subcommand: module, whose attribute `command` it is."""


class _ReaderGone(Exception):
    """A closed pipe on standard output, which click itself would turn into exit code 1."""


@contextmanager
def _telling_readers() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _ReaderGone from error


class _Lazy(click.Group):
    """Imports a subcommand only when it is named: `rahi send` need not load the simulation."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Help is written here."""
        with _telling_readers():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """And everything else here."""
        with _telling_readers():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand, None if there is none of that name."""
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A subcommand that there is none of is refused with the nearest one."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"no command {args[0]!r}{near(args[0], _COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)


def _hyphens(token: str) -> str:
    """An option may be written with either: `--no_pictures`, `--x-m`."""
    return token.replace("_", "-")


@click.group(
    cls=_Lazy,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "token_normalize_func": _hyphens,
    },
)
@click.version_option(".".join(map(str, VERSION)), prog_name="rahi")
def app() -> None:
    """Rahi: a lunar rover, its Moon and its mission control on your desktop."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; bad input is told in one line on standard error."""
    try:
        code = app.main(args=None if arguments is None else list(arguments), prog_name="rahi", standalone_mode=False)
    except click.Abort:
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return BAD_INPUT
    except click.ClickException as error:
        return _refuse(_one_line(error))
    except ScenarioProblems as error:
        return _refuse(*error.lines())
    except (ConfigError, GroundError) as error:
        return _refuse(str(error))
    except _ReaderGone:
        return PIPE_CLOSED
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """Entry point."""
    try:
        code = run()
    except BrokenPipeError:  # standard error is closed too
        code = PIPE_CLOSED
    if code == PIPE_CLOSED:
        # Nothing may be flushed into the closed pipe at exit.
        for stream in (sys.stdout, sys.stderr):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)


def _one_line(error: click.ClickException) -> str:
    text = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    return f"{text} (see {context.command_path} --help)" if context is not None else text


def _refuse(*problems: str) -> int:
    for problem in problems:
        click.echo(f"rahi: {one_line(problem)}", err=True)
    return BAD_INPUT
