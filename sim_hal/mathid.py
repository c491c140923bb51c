"""A fingerprint of this machine's floating-point and compression libraries: equal ones promise byte-identical runs."""

from __future__ import annotations

import hashlib
import math
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Final

_ONE: Final[tuple[Callable[[float], float], ...]] = (
    math.sin, math.cos, math.tan, math.atan, math.exp, math.expm1, math.tanh, math.sinh, math.cosh, math.cbrt
)  # fmt: skip
_POSITIVE: Final[tuple[Callable[[float], float], ...]] = (math.log, math.log1p, math.log10, math.log2, math.sqrt)
_UNIT: Final[tuple[Callable[[float], float], ...]] = (math.asin, math.acos)
_PROBES: Final = 400
# Images come down compressed, and zlib, zlib-ng and Intel's find different matches in noisy repetitions like these.
_PIXELS: Final = bytes(
    (row * row // 7 + column * 5 + (row * column >> 3) % 3) & 0xFF for row in range(64) for column in range(64)
)


def _results() -> Iterator[float]:
    """Every function at many points spread by an irrational step, where last bits differ between libraries."""
    for step in range(1, _PROBES):
        unit = (step * 0.6180339887498949) % 1.0
        x = (unit - 0.5) * 24.0
        for function in _ONE:
            yield function(x)
        for function in _POSITIVE:
            yield function(unit * 1000.0 + 1e-9)
        for function in _UNIT:
            yield function(2.0 * unit - 1.0)
        yield math.atan2(x, unit)
        yield math.hypot(x, unit)
        yield math.fmod(x, 0.37)
        yield math.pow(unit + 0.1, x)
        yield (unit + 0.1) ** 4


def math_id() -> str:
    """Sixteen hexadecimal digits over all probes; takes about five milliseconds."""
    digest = hashlib.sha256(zlib.compress(_PIXELS, 6))
    for value in _results():
        digest.update(struct.pack("<d", value))
    return digest.hexdigest()[:16]
