"""What goes wrong with chunks of bytes between two antennas, one `Air` for each direction of a link."""

from __future__ import annotations

from typing import Final

from sim_hal.noise import Noise

ONCE: Final = (0,)
DELIMITER: Final = b"\x00"
"""Ends a frame of any framing by consistent overhead byte stuffing; idle lines send it too."""


class Air:
    """Everything is passed on once and on time, until a fault sets something here."""

    __slots__ = (
        "_uniform", "dead", "delay_ns", "late_ns", "late_share", "lost_share", "most_bit_s", "twice_ns", "twice_share",
    )  # fmt: skip

    def __init__(self, noise: Noise) -> None:
        self._uniform = noise.uniform
        self.dead = 0
        """How many faults keep the carrier from getting through."""
        self.delay_ns = 0
        """Added to every chunk."""
        self.lost_share = 0.0
        """Of frames."""
        self.late_share = 0.0
        self.late_ns = 0
        """A share of the chunks comes so much later, behind younger ones."""
        self.twice_share = 0.0
        self.twice_ns = 0
        """A share of the chunks comes again, so much later."""
        self.most_bit_s: float | None = None
        """What is sent faster arrives as nothing; None: any rate arrives."""

    def carries(self, rate_bit_s: float) -> bool:
        """Whether a transmission at this rate is understood."""
        return not self.dead and (self.most_bit_s is None or rate_bit_s <= self.most_bit_s)

    def arrivals(self) -> tuple[int, ...]:
        """How much later than usual a chunk arrives, ns; one number for each time that it does."""
        late_ns = self.delay_ns
        if self.late_share and self._uniform() < self.late_share:
            late_ns += self.late_ns
        if self.twice_share and self._uniform() < self.twice_share:
            return late_ns, late_ns + self.twice_ns
        return (late_ns,) if late_ns else ONCE

    def thinned(self, data: bytes) -> bytes:
        """`data` without the frames that are lost; their delimiters stay, so that the next one is whole."""
        if not self.lost_share:
            return data
        uniform, share = self._uniform, self.lost_share
        return DELIMITER.join(b"" if piece and uniform() < share else piece for piece in data.split(DELIMITER))
