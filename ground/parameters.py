"""The dump of all on-board parameters, put together again from its parts and checked."""

from __future__ import annotations

from typing import Final

from ground.errors import GroundError
from telemetry_defs.dictionary import Dictionary
from telemetry_defs.formats import DecodedTm
from telemetry_defs.parameter_set import set_crc, unpack_set

PART: Final = "parameter.part"


class ParameterDump:
    """Takes the parts of one dump in any order; a part of another dump (another CRC or total) begins it anew."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._dump: tuple[int, int] | None = None
        self._parts: dict[int, bytes] = {}

    def add(self, report: DecodedTm) -> bool:
        """Take a report, if it is a part of a dump; returns True once all parts are here."""
        if report.name != PART:
            return False
        dump = (report.fields["total"], report.fields["crc32"])
        if dump != self._dump:
            self._dump, self._parts = dump, {}
        self._parts[report.fields["index"]] = report.fields["data"]
        return not self.missing

    @property
    def crc32(self) -> int | None:
        """What flight says the CRC is, None before the first part."""
        return None if self._dump is None else self._dump[1]

    @property
    def missing(self) -> list[int]:
        """Numbers of the parts that have not come, from 0."""
        total = 1 if self._dump is None else self._dump[0]
        return [index for index in range(total) if index not in self._parts]

    def values(self) -> dict[int, float]:
        """Return all values by parameter id.

        Raises:
            GroundError: parts are missing, or the CRC is wrong.
        """
        if self.missing:
            raise GroundError(f"parameter dump: part {self.missing[0]} is missing")
        packed = b"".join(self._parts[index] for index in sorted(self._parts))
        if set_crc(packed) != self.crc32:
            raise GroundError("parameter dump: CRC is wrong")
        try:
            return unpack_set(packed)
        except ValueError as error:
            raise GroundError(f"parameter dump: {error}") from None

    def named(self, dictionary: Dictionary) -> dict[str, float]:
        """Return all values by name; one that the dictionary does not know by its number.

        Raises:
            GroundError: as :meth:`values`.
        """
        named = {}
        for number, value in self.values().items():
            parameter = dictionary.parameter_by_id(number)
            named[parameter.name if parameter else f"parameter_{number:#06x}"] = value
        return named
