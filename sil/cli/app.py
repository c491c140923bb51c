"""The group of subcommands and the exit codes: 0 done, 1 failed, 2 bad input, 3 Rahi itself failed."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Final, NoReturn

import click

from flight.version import VERSION
from ground.errors import GroundError
from hal.api.config import ConfigError

BAD_INPUT: Final = 2
INTERRUPTED: Final = 130

_COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sil": "sil.cli.sil_command",
        "live": "sil.cli.live",
        "send": "sil.cli.send",
        "watch": "sil.cli.watch",
        "drive": "sil.cli.drive",
        "scenarios": "sil.cli.scenarios",
        "defs": "sil.cli.defs",
        "report": "sil.cli.report",
    }
)
"""Subcommand: module, whose attribute `command` it is."""


class _Lazy(click.Group):
    """Imports a subcommand only when it is named: `rahi send` need not load the simulation."""

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


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
    except (ConfigError, GroundError) as error:
        return _refuse(str(error))
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; nothing may be flushed into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """Entry point."""
    sys.exit(run())


def _one_line(error: click.ClickException) -> str:
    text = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    return f"{text} (see {context.command_path} --help)" if context is not None else text


def _refuse(problem: str) -> int:
    click.echo(f"rahi: {problem}", err=True)
    return BAD_INPUT
