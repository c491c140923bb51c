"""The bus side of Texas Instruments sensor chips: 16-bit big-endian registers behind a pointer that stays."""

from __future__ import annotations


class PointerChip:
    """Implements `sim_hal.buses.i2c.I2cChip`; a chip says what `get` and `put` of a register do.

    A write needs both bytes of its register, else it does nothing.  Reading on repeats the register.
    """

    def __init__(self) -> None:
        self.powered = True
        self._pointer = 0

    def transfer(self, written: bytes, read_size: int, now_ns: int) -> bytes | None:
        if not self.awake(now_ns):
            return None
        if written:
            self._pointer = written[0]
        if len(written) >= 3:
            self.put(self._pointer, written[1] << 8 | written[2], now_ns)
        if not read_size:
            return b""
        value = self.get(self._pointer, now_ns).to_bytes(2, "big")
        return (value * (read_size // 2 + 1))[:read_size]

    def awake(self, now_ns: int) -> bool:
        """Whether it acknowledges its address."""
        raise NotImplementedError

    def get(self, register: int, now_ns: int) -> int:
        """Read a register, 0 where there is none."""
        raise NotImplementedError

    def put(self, register: int, value: int, now_ns: int) -> None:
        """Write a register, nothing where there is none or it cannot be written."""
        raise NotImplementedError
