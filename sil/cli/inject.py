"""`rahi inject`: a fault in the live rover, from now on."""

from __future__ import annotations

import json
from typing import Any

import click
from click.shell_completion import CompletionItem

from sil.cli.names import Number, host_option, port_option

SECONDS = Number(float, 0.0, 1.0e8)


def _complete_device(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from sil.faults.registry import REGISTRY  # loads the simulation, which `--help` does not need

    devices = dict.fromkeys(device for device, _ in REGISTRY)
    return [CompletionItem(name) for name in devices if name.startswith(incomplete)]


def _complete_kind(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from sil.faults.registry import REGISTRY

    kinds = [kind for device, kind in REGISTRY if device == context.params.get("device")]
    return [CompletionItem(name) for name in kinds if name.startswith(incomplete)]


@click.command("inject", short_help="Start or end a fault in a live rover.")
@click.argument("device", shell_complete=_complete_device)
@click.argument("kind", shell_complete=_complete_kind)
@click.argument("arguments", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--for", "for_s", type=SECONDS, metavar="S", help="End it after so many simulated seconds.")
@click.option("--ramp", "ramp_s", type=SECONDS, metavar="S", help="Let it grow to the whole over this time.")
@click.option("--every", "every_s", type=Number(float, 0.1, 1.0e8), metavar="S", help="Begin it again each so often.")
@click.option("--times", type=Number(int, 1, 1_000_000), metavar="N", help="How often in all, with --every.")
@click.option("--end", is_flag=True, help="End the fault, and its repetitions.")
@host_option
@port_option
def command(device: str, kind: str, arguments: tuple[str, ...], host: str, port: int, **timing: Any) -> None:
    """Start (or --end) the fault KIND of DEVICE in a live rover; `rahi faults` lists them.

    It begins between two cycles, in place of what the pair has going. The session logs it with its simulated time, and
    `rahi live --replay` repeats it.

    Exit code 0: started or ended; 2: bad input, refused, or no rover.
    """
    from sil.live.control import ask
    from sil.live.injection import injection_of, plain

    raw = {key: value for key, value in timing.items() if value not in (None, False)}
    args = dict(_argument(text) for text in arguments)
    raw |= {"device": device, "kind": kind} | ({"args": args} if args else {})
    injection = injection_of(raw, None)  # bad input is told before anybody connects
    status = json.loads(ask(host, port, f"inject {json.dumps(plain(injection))}"))
    click.echo(f"{'ended' if injection.end else 'started'} {device}/{kind} at {status['t_s']:g} s")


def _argument(text: str) -> tuple[str, Any]:
    """`key=value`; a value is a number, true, false or a list where it reads like one, else text.

    Raises:
        UsageError: no `=` in it.
    """
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise click.UsageError(f"{text[:60]!r}: expected key=value")
    for read in (json.loads, float):
        try:
            return key, read(value)
        except (ValueError, RecursionError):
            continue
    return key, value
