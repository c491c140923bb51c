"""Has an array face failed, or has the Sun only left it?

The Sun moves half a degree an hour and takes an hour to set, so the power of a rover that stands still changes slowly.
A lit face that falls silent at once has failed, unless the bus merely draws less: then the voltage of the face stays
and the other faces fall with it.  A moving rover turns its faces away itself, so nothing is judged while it moves.
"""

from __future__ import annotations

from typing import Final

from flight.persistence import Persistent
from hal.api.clock import NS_PER_S
from hal.api.values import FaceReading

FOLLOW_S: Final = 600.0
"""Time constant with which the reference follows a falling power."""
SILENT: Final = 0.1
"""Of its reference: less is silence."""
STILL_LIT: Final = 0.5
"""Of its reference: a witness that gives more proves that the bus draws."""
DEAD_V: Final = 5.0
"""A lit face holds its voltage even when nothing is drawn."""
BACK: Final = 0.3
"""Of the power it had: a lost face that gives this much again is back."""


class Face:
    """One face: what it gave, and the judgement."""

    __slots__ = ("_silent", "before_w", "lost", "now_w", "reference_w", "voltage_v")

    def __init__(self) -> None:
        self.reference_w = 0.0
        self.now_w: float | None = None
        self.voltage_v = 0.0
        self.before_w = 0.0
        self.lost = False
        self._silent = Persistent(10 * NS_PER_S)

    def read(self, reading: FaceReading | None) -> None:
        """Take the newest reading."""
        self.now_w = None if reading is None else max(reading.power_w, 0.0)
        self.voltage_v = 0.0 if reading is None else reading.voltage_v

    @property
    def proves_draw(self) -> bool:
        """Gives about what it gave before."""
        return self.now_w is not None and self.now_w > STILL_LIT * self.reference_w > 0.0

    def judge(self, now_ns: int, lit_w: float, drawn: bool) -> bool:
        """Returns whether the judgement changed.  `drawn`: another face proves that the bus draws."""
        if self.now_w is None:
            self._silent.update(now_ns, False)
            return False
        if self.lost:
            self.lost = self.now_w < max(BACK * self.before_w, 1.0)
            return not self.lost
        silent = (
            self.reference_w >= lit_w and self.now_w < SILENT * self.reference_w and (self.voltage_v < DEAD_V or drawn)
        )
        if self._silent.update(now_ns, silent):
            self.lost = True
            self.before_w = self.reference_w
            return True
        return False

    def follow(self, share: float) -> None:
        """Let the reference follow: up at once, down by `share` of the difference."""
        if self.now_w is not None:
            self.reference_w = max(self.now_w, self.reference_w + share * (self.now_w - self.reference_w))


class FaceWatch:
    """All faces of the array."""

    def __init__(self, count: int, lit_w: float) -> None:
        self.faces = tuple(Face() for _ in range(count))
        self._lit_w = lit_w
        self._last_ns: int | None = None

    def update(self, now_ns: int, readings: tuple[FaceReading | None, ...], still: bool) -> list[int]:
        """Feed new readings; `still`: the rover surely stands.  Returns the faces whose judgement changed."""
        dt_s = 0.0 if self._last_ns is None else (now_ns - self._last_ns) / NS_PER_S
        self._last_ns = now_ns
        share = min(dt_s / FOLLOW_S, 1.0) if still else 1.0
        for face, reading in zip(self.faces, readings, strict=True):
            face.read(reading)
        proofs = sum(face.proves_draw for face in self.faces)
        changed = []
        for number, face in enumerate(self.faces):
            drawn = proofs > face.proves_draw
            if face.judge(now_ns, self._lit_w if still else float("inf"), drawn):
                changed.append(number)
        for face in self.faces:
            face.follow(share)
        return changed

    def reset(self) -> None:
        """Judge anew."""
        for face in self.faces:
            face.lost = False
            face.reference_w = 0.0

    def total_w(self) -> float | None:
        """Sum of the faces that answer, None when none does."""
        known = [face.now_w for face in self.faces if face.now_w is not None]
        return sum(known) if known else None
