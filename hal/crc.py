"""CRC-16 of RoboClaw packets: XMODEM (polynomial 0x1021, initial 0; RoboClaw user manual p.59).

Made with crcmod. Where its C extension is absent crcmod is some thirty times slower without saying so;
``binascii.crc_hqx`` computes the same function at C speed and takes its place there.
"""

from __future__ import annotations

import binascii
from typing import Protocol

import crcmod
from crcmod.crcmod import _usingExtension

_POLYNOMIAL = 0x11021


class Xmodem(Protocol):
    """``xmodem(data, initial=0)``: the CRC of data; pass the last result as initial to go on."""

    def __call__(self, data: bytes, crc: int = 0, /) -> int:
        """Return the CRC, 0..0xFFFF."""
        ...


def crcmod_xmodem() -> Xmodem:
    """Return the crcmod function, whatever its speed."""
    function: Xmodem = crcmod.mkCrcFun(_POLYNOMIAL, initCrc=0, rev=False, xorOut=0)
    return function


def stdlib_xmodem() -> Xmodem:
    """Return the function built on the standard library."""

    def xmodem_hqx(data: bytes, crc: int = 0, /) -> int:
        return binascii.crc_hqx(data, crc)

    return xmodem_hqx


xmodem: Xmodem = crcmod_xmodem() if _usingExtension else stdlib_xmodem()
