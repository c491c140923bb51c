"""One housekeeping packet from values to framed bytes, and back."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from timeit import repeat

from benchmarks.figures import Figure, Timer, spread
from telemetry_defs.areas.system.housekeeping import SYSTEM_HK, ResetCause, SystemHk
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Mode
from telemetry_defs.formats import decode_tm
from telemetry_defs.framing import encode_frame
from telemetry_defs.packets import TimeQuality, build_tm
from telemetry_defs.reports import HOUSEKEEPING_SERVICE, HOUSEKEEPING_SUBTYPE, pack_structure

TIMES = 20_000
APID = 1
VALUES = SystemHk(
    mode=Mode.DRIVE,
    software_version=256,
    dictionary_hash=1234865447,
    boot_count=7,
    reset_cause=ResetCause.POWER_ON,
    minimal=False,
    uptime_s=86_400.5,
    cycles=864_005,
    slots_missed=3,
    cycle_worst_s=0.0123,
    cycle_mean_s=0.0041,
    row_failures=1,
    accepted=112,
    rejected=4,
    bad_packets=2,
    queued=1,
    telemetry_dropped=0,
    events_throttled=5,
    values_saturated=0,
    armed=0,
    parameter_crc=2_914_367_105,
    parameters_staged=0,
    gps_time_s=1_568_937_618.25,
    time_quality=TimeQuality.GROUND,
)


def packet_figures(runs: int, timer: Timer) -> list[Figure]:
    """Pack, header and CRC of the system's housekeeping, which has 24 fields; then framing and decoding."""
    codecs = Codecs()
    fields = len(SystemHk.__struct_fields__)

    def build() -> bytes:
        data = pack_structure(SYSTEM_HK.structure_id, codecs.pack(VALUES))
        return build_tm(APID, HOUSEKEEPING_SERVICE, HOUSEKEEPING_SUBTYPE, 17, 17, 1_568_937_618_250_000_000, 2, data)

    packet = build()
    return [
        _timed(f"TM packet of {fields} fields built with CRC", build, runs, timer, hold=10.0, aim=4.0),
        _timed("the same, framed (COBS)", lambda: encode_frame(build()), runs, timer),
        _timed("the same decoded on the ground", lambda: decode_tm(packet), runs, timer),
    ]


def _timed(
    what: str,
    action: Callable[[], object],
    runs: int,
    timer: Timer,
    hold: float | None = None,
    aim: float | None = None,
) -> Figure:
    spans = repeat(action, timer=lambda: timer() / 1e9, number=TIMES, repeat=max(3, runs))
    samples = [seconds / TIMES * 1e6 for seconds in spans]
    return Figure(what, median(samples), "us", hold, aim, note=spread(samples))
