"""What the receive and transmit rows count about the links; comms puts it into its housekeeping."""

from __future__ import annotations


class LinkCounters:
    """Totals since boot.  The rows that see the traffic add to them; nobody resets them."""

    __slots__ = ("bytes_received", "frames_bad", "frames_received", "packets_sent", "send_failures")

    def __init__(self) -> None:
        self.bytes_received = 0
        self.frames_received = 0
        self.frames_bad = 0
        self.packets_sent = 0
        self.send_failures = 0
