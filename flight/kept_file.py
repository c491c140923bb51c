"""Small records that survive: two copies, each versioned and checksummed, the older one overwritten.

A copy is CRC-32 and MessagePack of (version, generation, record).  Whatever a power cut does to the copy being
written, the other one holds the record before it; of two good copies the one with the higher generation counts.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import msgspec

from hal.api.errors import DeviceError, DriverDefect, NotReady
from hal.api.storage import Storage

COPIES: Final = ("a", "b")
_CRC_BYTES: Final = 4

T = TypeVar("T", bound=msgspec.Struct)


class KeptFileError(Exception):
    """A copy cannot be read."""


def _always(_: Any) -> bool:
    return True


class KeptFile(Generic[T]):
    """One record of type `kind` under `name`; a copy of another version counts as unreadable."""

    def __init__(
        self, storage: Storage, name: str, version: int, kind: type[T], plausible: Callable[[T], bool] = _always
    ) -> None:
        """`plausible` looks at the values: a good checksum does not make a good value."""
        self._storage = storage
        self._names = tuple(copy_name(name, copy) for copy in COPIES)
        self._version = version
        self._kind = kind
        self._plausible = plausible
        self._generation = 0
        self._newer = 1
        self.name = name
        self.lost = False
        """After `read`: there was something, but no copy could be read."""
        self.copy_bad = False
        """After `read`: one copy could not be read, the other one could."""

    def read(self) -> T | None:
        """The newest good copy; None if there is none (see `lost`).  Never raises."""
        found: list[tuple[int, int, T]] = []
        bad = 0
        for place, name in enumerate(self._names):
            try:
                generation, value = self._decode(self._storage.read(name))
            except NotReady:
                continue
            except DriverDefect:
                raise  # a new version that cannot read must not write over what an old one can
            except (DeviceError, KeptFileError):
                bad += 1
                continue
            found.append((generation, place, value))
        self.lost = bool(bad) and not found
        self.copy_bad = bool(bad) and bool(found)
        if not found:
            return None
        self._generation, self._newer, value = max(found, key=lambda item: item[0])
        return value

    def write(self, value: T) -> int:
        """Write over the older copy; returns the ticket of the operation.  Raises `DeviceError`."""
        place = 1 - self._newer
        data = encode_copy(self._version, self._generation + 1, value)
        ticket = self._storage.replace(self._names[place], data)
        self._generation += 1
        self._newer = place
        return ticket

    def _decode(self, data: bytes) -> tuple[int, T]:
        body = data[_CRC_BYTES:]
        if len(data) <= _CRC_BYTES or binascii.crc32(body) != int.from_bytes(data[:_CRC_BYTES], "big"):
            raise KeptFileError("checksum")
        try:
            version, generation, raw = msgspec.msgpack.decode(body, type=tuple[int, int, msgspec.Raw])
            value = msgspec.msgpack.decode(raw, type=self._kind) if version == self._version else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise KeptFileError(str(error)) from None
        if value is None:
            raise KeptFileError(f"version {version}, not {self._version}")
        if generation < 0 or not self._plausible(value):
            raise KeptFileError("a value that no rover has")
        return generation, value


def copy_name(name: str, copy: str) -> str:
    """File name of one copy."""
    return f"{name}.{copy}"


def encode_copy(version: int, generation: int, value: msgspec.Struct) -> bytes:
    """One copy as it stands on storage."""
    body = msgspec.msgpack.encode((version, generation, value))
    return binascii.crc32(body).to_bytes(_CRC_BYTES, "big") + body
