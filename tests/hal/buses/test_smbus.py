"""The kernel's I2C port over a fake smbus2: messages as they reach the ioctl, errors by their number, reopening."""

from __future__ import annotations

import errno
import sys
from types import SimpleNamespace
from typing import Any

import pytest
import smbus2

from hal.api.clock import NS_PER_S
from hal.buses.api import BusError, BusLost, BusNak, BusTimeout
from hal.buses.smbus import SmbusI2c, open_smbus
from hal.buses.url import parse_url
from sim_hal.emulators.tmp117 import Tmp117Chip
from tests.fakes.context import FakeClock

READ_FLAG = 1


class FakeKernel:
    """What is behind /dev/i2c-1: an emulated chip at 0x48, or an error number."""

    def __init__(self) -> None:
        self.chip = Tmp117Chip(lambda: 20.0)
        self.error: int | None = None
        self.open_error: int | None = None
        self.opened = self.closed = 0
        self.ioctls: list[tuple[int, int, int]] = []
        self.calls: list[list[tuple[int, int, int]]] = []
        kernel = self

        class FakeSMBus:
            """As smbus2's, over the fake."""

            def __init__(self, path: str) -> None:
                if kernel.open_error is not None:
                    raise OSError(kernel.open_error, "cannot open", path)
                assert path == "/dev/i2c-1"
                kernel.opened += 1
                self.fd = 7

            def i2c_rdwr(self, *messages: Any) -> None:  # Any: smbus2's structures
                kernel.transfer(messages)

            def close(self) -> None:
                kernel.closed += 1

        self.module = SimpleNamespace(SMBus=FakeSMBus, i2c_msg=smbus2.i2c_msg)

    def ioctl(self, fd: int, request: int, argument: int) -> int:
        self.ioctls.append((fd, request, argument))
        return 0

    def transfer(self, messages: tuple[Any, ...]) -> None:  # Any: as above
        self.calls.append([(message.addr, message.flags, message.len) for message in messages])
        if self.error is not None:
            raise OSError(self.error, "told by the kernel")
        written, size = b"", 0
        for message in messages:
            if message.flags & READ_FLAG:
                size = message.len
            else:
                written = bytes(message)
        read = self.chip.transfer(written, size, NS_PER_S)
        assert read is not None
        for at, value in enumerate(read):
            messages[-1].buf[at] = bytes((value,))


@pytest.fixture
def kernel() -> FakeKernel:
    return FakeKernel()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def port(kernel: FakeKernel, clock: FakeClock) -> SmbusI2c:
    return SmbusI2c("main", "/dev/i2c-1", clock, kernel.module, kernel.ioctl)


def test_opening_sets_the_timeout(port: SmbusI2c, kernel: FakeKernel) -> None:
    """20 ms and no retries of the kernel's own."""
    assert port.name == "main"
    assert kernel.ioctls == [(7, 0x0702, 2), (7, 0x0701, 0)]


def test_write_and_read_are_one_transfer(port: SmbusI2c, kernel: FakeKernel) -> None:
    """A repeated start between them."""
    assert port.transfer(0x48, b"\x0f", 2) == b"\x01\x17"
    assert kernel.calls == [[(0x48, 0, 1), (0x48, READ_FLAG, 2)]]


def test_write_alone_read_alone_and_a_mere_address(port: SmbusI2c, kernel: FakeKernel) -> None:
    """One message each."""
    assert port.transfer(0x48, b"\x02\x20\x00", 0) == b""
    assert port.transfer(0x48, b"", 2) == b"\x20\x00"
    assert port.transfer(0x48, b"", 0) == b""
    assert kernel.calls == [[(0x48, 0, 3)], [(0x48, READ_FLAG, 2)], [(0x48, 0, 0)]]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENXIO, BusNak),
        (errno.EREMOTEIO, BusNak),
        (errno.ETIMEDOUT, BusTimeout),
        (errno.EAGAIN, BusTimeout),
        (errno.EBUSY, BusTimeout),
        (errno.EIO, BusLost),
        (errno.ENODEV, BusLost),
        (errno.EBADF, BusLost),
    ],
)
def test_errors_by_number(port: SmbusI2c, kernel: FakeKernel, number: int, kind: type[BusError]) -> None:
    """Each with the bus; only a lost port is closed."""
    kernel.error = number
    with pytest.raises(kind, match="main: ") as caught:
        port.transfer(0x48, b"\x00", 2)
    assert type(caught.value) is kind
    assert kernel.closed == (kind is BusLost)


def test_a_lost_port_is_opened_again_once_a_second(port: SmbusI2c, kernel: FakeKernel, clock: FakeClock) -> None:
    """An adapter that was unplugged and is back."""
    clock.advance_s(5.0)
    kernel.error, kernel.open_error = errno.ENODEV, errno.ENOENT
    for _ in range(10):
        with pytest.raises(BusLost):
            port.transfer(0x48, b"\x00", 2)
    assert len(kernel.calls) == 1
    kernel.error = kernel.open_error = None
    with pytest.raises(BusLost, match=r"next try in 1\.0 s"):
        port.transfer(0x48, b"\x00", 2)
    clock.advance_s(1.0)
    assert port.transfer(0x48, b"\x0f", 2) == b"\x01\x17"
    assert kernel.opened == 2


def test_a_port_that_is_not_there_is_told_at_opening(kernel: FakeKernel, clock: FakeClock) -> None:
    """With its path."""
    kernel.open_error = errno.ENOENT
    with pytest.raises(BusLost, match="main: /dev/i2c-1: cannot open"):
        SmbusI2c("main", "/dev/i2c-1", clock, kernel.module, kernel.ioctl)


def test_closing_is_legal_at_any_time(port: SmbusI2c, kernel: FakeKernel) -> None:
    """Twice as well."""
    port.close()
    port.close()
    assert kernel.closed == 1


@pytest.mark.parametrize("text", ["i2c://host/dev/i2c-1", "i2c:///", "i2c:dev/i2c-1", "i2c:///dev/i2c-1?baud=9600"])
def test_urls_that_name_no_device_file(text: str, clock: FakeClock) -> None:
    """Said with the URL."""
    with pytest.raises(ValueError, match="i2c:"):
        open_smbus("main", parse_url(text), clock)


def test_without_smbus2_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> None:
    """A desktop without it still starts; the bus is absent."""
    monkeypatch.setitem(sys.modules, "smbus2", None)
    with pytest.raises(BusLost, match=r"needs smbus2: pip install 'rahi\[pi\]'"):
        open_smbus("main", parse_url("i2c:///dev/i2c-1"), clock)


def test_a_device_file_that_does_not_exist_is_lost(clock: FakeClock) -> None:
    """The real smbus2 and the real kernel say so."""
    with pytest.raises(BusLost, match="/dev/i2c-nobody"):
        open_smbus("main", parse_url("i2c:///dev/i2c-nobody"), clock)
