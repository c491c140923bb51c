"""Step `radio`: telecommands echoed, how long that takes, and how the rover hears us."""

from __future__ import annotations

from typing import Final

from sil.checkout.bench import Bench

PINGS: Final = 5


def check_radio(bench: Bench) -> None:
    """Pings both ways, and what the rover's radio counted meanwhile."""
    before = bench.line.report("comms.hk")
    trips = [trip for _ in range(PINGS) if (trip := bench.line.ping()) is not None]
    mean = f", mean round trip {1000.0 * sum(trips) / len(trips):.0f} ms" if trips else ""
    bench.passed("echo", len(trips) == PINGS, f"{len(trips)} of {PINGS} pings answered{mean}")
    after = bench.line.report("comms.hk")
    if before is None or after is None:
        bench.passed("reception", False, "no comms.hk")
        return
    bad = (after["frames_bad"] or 0) - (before["frames_bad"] or 0)
    heard = (after["frames_received"] or 0) - (before["frames_received"] or 0)
    rssi = after["local_rssi_dbm"]
    strength = "RSSI not told" if rssi is None else f"RSSI {rssi:g} dBm"
    bench.passed("reception", bad == 0 and heard >= len(trips), f"{heard} frames good, {bad} bad, {strength}")
