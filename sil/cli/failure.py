"""Exit code 3: when it is neither the operator's input nor the rover's verdict, but Rahi itself."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from ground.errors import GroundError
from hal.api.config import ConfigError

RAHI_FAILED: Final = 3


def guarded(action: Callable[[], int], folder: Path) -> int:
    """Run `action`; what it did not expect is told in one line, its traceback left in the result folder."""
    try:
        return action()
    except (ConfigError, GroundError, click.ClickException, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 - the last line of defence: whatever it is, it is ours
        return _failed(error, folder)


def _failed(error: Exception, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "traceback.txt"
    file.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    text = " ".join(str(error).split())[:200]
    click.echo(f"rahi: Rahi itself failed: {type(error).__name__}: {text}; traceback in {file}", err=True)
    return RAHI_FAILED
