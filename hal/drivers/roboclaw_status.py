"""The status word of a RoboClaw, in words: the same bit means different things in old and new firmware.

Sources: RoboClaw user manual p.73 (32 bits) and its older edition p.74 (16 bits); bits 14, 15 and 24 to 31 after the
vendor's library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BOOT: Final = 1 << 29
"""32-bit layout only."""

WIDE_ERRORS: Final = (
    (0, "emergency stop"),
    (1, "temperature error"),
    (2, "temperature 2 error"),
    (3, "main battery high"),
    (4, "logic battery high"),
    (5, "logic battery low"),
    (6, "M1 driver fault"),
    (7, "M2 driver fault"),
    (8, "M1 speed error"),
    (9, "M2 speed error"),
    (10, "M1 position error"),
    (11, "M2 position error"),
    (12, "M1 current error"),
    (13, "M2 current error"),
    (14, "main battery low"),
    (15, "main battery high, not yet back"),
)
WIDE_WARNINGS: Final = (
    (16, "M1 over-current"),
    (17, "M2 over-current"),
    (18, "main battery high warning"),
    (19, "main battery low warning"),
    (20, "temperature warning"),
    (21, "temperature 2 warning"),
    (22, "S4 active"),
    (23, "S5 active"),
    (24, "M1 speed error limit"),
    (25, "M2 speed error limit"),
    (26, "M1 position error limit"),
    (27, "M2 position error limit"),
    (28, "CAN"),
    (29, "started"),
    (30, "M1 over-regeneration"),
    (31, "M2 over-regeneration"),
)
NARROW_ERRORS: Final = (
    (2, "emergency stop"),
    (3, "temperature error"),
    (4, "temperature 2 error"),
    (5, "main battery high"),
    (6, "logic battery high"),
    (7, "logic battery low"),
    (8, "M1 driver fault"),
    (9, "M2 driver fault"),
)
NARROW_WARNINGS: Final = (
    (0, "M1 over-current"),
    (1, "M2 over-current"),
    (10, "main battery high warning"),
    (11, "main battery low warning"),
    (12, "temperature warning"),
    (13, "temperature 2 warning"),
    (14, "M1 home"),
    (15, "M2 home"),
)
WIDE_OFF: Final = 0x40FF
"""Bits 0 to 7 and 14.  Speed, position and current errors are left out: units show both current errors at power-on
and drive all the same (start-up log of the open source rover, 0x20003000); what they do later, stall checks see."""
NARROW_OFF: Final = 0x03FC
HARMLESS_AT_START: Final = ("M1 current error", "M2 current error")


@dataclass(frozen=True, slots=True)
class Status:
    """One status word, decoded."""

    word: int
    wide: bool
    """True for the 32-bit layout."""
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    outputs_off: bool
    """An error that keeps both outputs off until it is cleared (RoboClaw user manual p.42)."""

    @property
    def started(self) -> bool:
        """The unit says that it has started since it was last told to move; always False in the 16-bit layout."""
        return self.wide and self.word & BOOT != 0

    @property
    def faults(self) -> tuple[str, ...]:
        """What an operator should hear of: errors without those that every start shows, and warnings."""
        started = self.started
        errors = tuple(text for text in self.errors if not (started and text in HARMLESS_AT_START))
        return errors + tuple(text for text in self.warnings if text != "started")


def decode_status(word: int, *, wide: bool) -> Status:
    """Name every bit of `word`; `wide` chooses the 32-bit layout."""
    errors, warnings = (WIDE_ERRORS, WIDE_WARNINGS) if wide else (NARROW_ERRORS, NARROW_WARNINGS)
    return Status(
        word=word,
        wide=wide,
        errors=tuple(text for bit, text in errors if word >> bit & 1),
        warnings=tuple(text for bit, text in warnings if word >> bit & 1),
        outputs_off=word & (WIDE_OFF if wide else NARROW_OFF) != 0,
    )
