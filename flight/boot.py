"""What a boot finds: the state image, and what the reset cause makes of it."""

from __future__ import annotations

from typing import Final

import msgspec

from flight.kept_file import KeptFile
from flight.state_image import StateImage
from hal.api.values import ResetCause

LOOP_BOOTS: Final = 5
"""This many unplanned short boots in a row are a boot loop."""
CRASH_LIMIT: Final = 3
"""After this many reboots for a struck-out vital row the next crash is the last."""
SETTLED_S: Final = 300.0
"""A boot that lasts this long breaks the chain."""
AFTER_TIME_OFF: Final = (ResetCause.WAKE_ARRAY, ResetCause.WAKE_TIMER, ResetCause.WAKE_UPLINK, ResetCause.DEAD_BUS)
"""The computer was off for long.  Nobody counted the charge that flowed: the old state of charge would be a guess."""
_PLANNED: Final = (ResetCause.COMMANDED, *AFTER_TIME_OFF)


class BootRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The image as it stands for this boot."""

    image: StateImage
    cause: ResetCause
    first: bool
    """There was no image: a rover that was never switched on."""
    lost: bool
    """There was one, but it could not be read."""
    copy_bad: bool
    """One of its two copies could not be read; the other one stands in."""

    @property
    def minimal(self) -> bool:
        """Only the rows that keep the rover alive and commandable."""
        return self.image.boot_loop or self.cause is ResetCause.CRASH

    @property
    def last_chance(self) -> bool:
        """One more crash and the process must stay down."""
        return self.image.crashes >= CRASH_LIMIT


def read_boot_record(file: KeptFile[StateImage], cause: ResetCause) -> BootRecord:
    """Read the image and count this boot.  Never raises: an unreadable image is replaced by defaults."""
    found = file.read()
    image = found or StateImage()
    short_boots = image.short_boots + (cause not in _PLANNED)
    return BootRecord(
        image=msgspec.structs.replace(
            image,
            boot_count=image.boot_count + 1,
            soc=None if cause in AFTER_TIME_OFF else image.soc,
            short_boots=short_boots,
            crashes=image.crashes + (cause is ResetCause.CRASH),
            boot_loop=image.boot_loop or short_boots >= LOOP_BOOTS,
        ),
        cause=cause,
        first=found is None and not file.lost,
        lost=file.lost,
        copy_bad=file.copy_bad,
    )
