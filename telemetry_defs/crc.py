"""CRC-16 of space packets: CCITT-FALSE (polynomial 0x1021, initial 0xFFFF; ECSS-E-ST-70-41C annex B).

Made with crcmod. Where its C extension is absent crcmod is some thirty times slower without saying so;
``binascii.crc_hqx`` computes the same function at C speed and takes its place there.
"""

from __future__ import annotations

import binascii
from typing import Protocol

import crcmod
from crcmod.crcmod import _usingExtension

_POLYNOMIAL = 0x11021
_INITIAL = 0xFFFF


class Crc16(Protocol):
    """``crc16(data, initial=0xFFFF)``: the CRC of data; pass the last result as initial to go on."""

    def __call__(self, data: bytes, crc: int = _INITIAL, /) -> int:
        """Return the CRC, 0..0xFFFF."""
        ...


def crcmod_crc16() -> Crc16:
    """Return the crcmod function, whatever its speed."""
    function: Crc16 = crcmod.mkCrcFun(_POLYNOMIAL, initCrc=_INITIAL, rev=False, xorOut=0)
    return function


def stdlib_crc16() -> Crc16:
    """Return the function built on the standard library."""

    def crc16_hqx(data: bytes, crc: int = _INITIAL, /) -> int:
        return binascii.crc_hqx(data, crc)

    return crc16_hqx


crc16: Crc16 = crcmod_crc16() if _usingExtension else stdlib_crc16()
