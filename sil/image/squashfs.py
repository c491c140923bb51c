"""A tree as a squashfs: compressed, read-only, the same bits for the same tree."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO

from sil.image.errors import ImageError
from sil.image.tools import find


def make_squashfs(write_tar: Callable[[IO[bytes]], None], out: Path, time_s: int) -> None:
    """Stream the tar that `write_tar` produces into `sqfstar`.

    Raises:
        ImageError: sqfstar failed, or the tar could not be made.
    """
    out.unlink(missing_ok=True)
    with subprocess.Popen(
        command(out, time_s), env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None  # a pipe was asked for
        try:
            write_tar(process.stdin)
            process.stdin.close()
        except BrokenPipeError:  # it ended early: what it said is told below
            pass
        except BaseException:
            process.kill()
            raise
        said = process.stderr.read().decode(errors="replace") if process.stderr else ""
    if process.returncode != 0:
        raise ImageError(f"sqfstar ended with {process.returncode}: {' '.join(said.split())[-500:]}")


def command(out: Path, time_s: int) -> list[str]:
    """The command line of sqfstar."""
    program = find("sqfstar") or "sqfstar"
    fixed = ["-mkfs-time", str(time_s), "-root-time", str(time_s), "-root-mode", "755", "-reproducible"]
    return [program, "-quiet", "-no-progress", "-comp", "zstd", "-exit-on-error", *fixed, str(out)]


def _environment() -> dict[str, str]:
    """Without the variable that sqfstar refuses beside explicit times."""
    return {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
