"""The slot tool of a target, asked over its connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sil.deploy.bundle import Bundle
from sil.deploy.errors import DeployError
from sil.deploy.layout import Layout
from sil.deploy.target.manifest import Manifest
from sil.deploy.transport import Target, checked

CHUNK_BYTES: Final = 65_536

Meter = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Shows the progress of so many bytes; what it gives is told how many more have gone."""


@dataclass(frozen=True)
class Missing:
    """A content to be sent, from `offset` on."""

    sha256: str
    size: int
    offset: int


class SlotClient:
    """Every method raises `DeployError` with the tool's own words."""

    def __init__(self, target: Target, layout: Layout) -> None:
        self._target = target
        self._command = [layout.python, "-I", layout.tool]

    def status(self) -> Mapping[str, Any]:
        """What the tool knows."""
        found: Mapping[str, Any] = self._parsed(self._ask("status"))
        return found

    def status_if_installed(self) -> Mapping[str, Any] | None:
        """The same, None if there is no tool that answers."""
        ran = self._target.run([*self._command, "status"])
        return self._parsed(ran.out) if ran.status == 0 else None

    def free(self) -> str:
        """The slot to write."""
        return self._ask("free").strip()

    def have(self, slot: str, manifest: Manifest) -> list[Missing]:
        """What is to be sent for it."""
        return [Missing(**item) for item in self._parsed(self._ask("have", slot, data=manifest.to_json()))]

    def send(self, slot: str, bundle: Bundle, missing: Sequence[Missing], meter: Meter) -> None:
        """Upload what is missing."""
        total = sum(item.size - item.offset for item in missing)
        with meter(total) as advance:
            ran = self._target.run([*self._command, "receive", slot], _stream(missing, bundle.contents(), advance))
        checked(ran, "upload")

    def stage(self, slot: str, manifest: Manifest) -> None:
        """Verify there, and put it on trial."""
        self._ask("stage", slot, data=manifest.to_json())

    def seal(self) -> bool:
        """Whether a factory copy was made."""
        return self._ask("seal").strip() == "sealed"

    def back(self) -> str:
        """The slot that is active now."""
        return self._ask("back").strip()

    def _ask(self, *arguments: str, data: bytes = b"") -> str:
        ran = self._target.run([*self._command, *arguments], [data] if data else [])
        if ran.status != 0:
            raise DeployError(f"{self._target.name}: {ran.problem}")
        return ran.out

    def _parsed(self, out: str) -> Any:
        try:
            return json.loads(out)
        except (ValueError, RecursionError):
            raise DeployError(f"{self._target.name}: unexpected answer {out[:80]!r} of the slot tool") from None


def _stream(
    missing: Sequence[Missing], contents: Mapping[str, Path], advance: Callable[[int], None]
) -> Iterator[bytes]:
    """As the tool's `receive` reads it."""
    for item in missing:
        yield f"{item.sha256} {item.size} {item.offset}\n".encode()
        with contents[item.sha256].open("rb") as file:
            file.seek(item.offset)
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
                advance(len(chunk))
