"""Errors that cross the hardware boundary.

A driver or simulated device raises a `DeviceError` and nothing else; the subsystem that owns the device handles
it.  Whatever else a driver raises, flight takes for a failure of the device too (`DriverDefect`).  `ComputerStopped`
is not a device error: it says that the flight computer itself has lost power, was reset or hung, and must unwind
through flight untouched, which is why it is a `BaseException`.
"""

from __future__ import annotations


class DeviceError(Exception):
    """A device did not do what was asked.  `device` names it as the rover file does."""

    def __init__(self, device: str, detail: str = "") -> None:
        super().__init__(f"{device}: {detail}" if detail else device)
        self.device = device
        self.detail = detail


class DeviceTimeout(DeviceError):
    """The device gave no answer before its deadline."""


class BadReading(DeviceError):
    """The device answered with a corrupt, impossible or implausible value."""


class NotReady(DeviceError):
    """The device is absent, unpowered, warming up or busy."""


class GettingReady(NotReady):
    """The device is there and is being set up: whoever can wait asks again in a moment."""


class DriverDefect(DeviceError):
    """The driver raised something else: a mistake in its code.  Flight makes it of whatever it was; no driver does."""


class ComputerStopped(BaseException):
    """The flight computer stopped here and now (power cut, reset, hang).  Only the world outside catches it."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause
