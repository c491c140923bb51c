"""Packets as a rover would send them, built through the dictionary, with counters of their own."""

from __future__ import annotations

from typing import Any

import msgspec

from telemetry_defs import reports
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import TM_APIDS, FailureCode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.framing import FrameDecoder, encode_frame
from telemetry_defs.packets import Tc, TimeQuality, build_tm, parse_tc
from tests.telemetry_defs.records import blank

START_GPS_NS = 1_569_283_218_000_000_000
S = 1_000_000_000
RESERVED = 3000
"""What is left of a block of reserved counts at a boot."""


class Rover:
    """The sending end: makes packets of any kind at any time."""

    def __init__(self) -> None:
        self._codecs = Codecs()
        self._counts: dict[int, int] = {}

    def boot(self, t_s: float, recorded_until_s: float | None = None, boot_count: int = 2) -> bytes:
        """Counts jump over what was reserved; returns the boot report, which says from where they go on."""
        self.skip(RESERVED)
        recorded_s = None if recorded_until_s is None else START_GPS_NS / S + recorded_until_s
        first_counts = tuple(count & 0x3FFF for count in self._counts.values())
        return self.event(
            t_s, "system.boot", boot_count=boot_count, first_counts=first_counts, recorded_until_gps_s=recorded_s
        )

    def skip(self, counts: int) -> None:
        """Go on from so many counts further."""
        self._counts = {apid: self._counts.get(apid, 0) + counts for apid in TM_APIDS}

    def tm(self, t_s: float, apid: int, service: int, subtype: int, data: bytes = b"") -> bytes:
        count = self._counts.get(apid, 0)
        self._counts[apid] = count + 1
        time_ns = START_GPS_NS + round(t_s * S)
        return build_tm(apid, service, subtype, count, count, time_ns, TimeQuality.RTC, data)

    def hk(self, t_s: float, name: str, **values: Any) -> bytes:
        item = DICTIONARY.hk(name)
        record = msgspec.structs.replace(blank(item.cls), **values)
        data = reports.pack_structure(item.structure_id, self._codecs.pack(record))
        return self.tm(t_s, DICTIONARY.apid(name), 3, 25, data)

    def event(self, t_s: float, name: str, **values: Any) -> bytes:
        item = DICTIONARY.event(name)
        record = msgspec.structs.replace(blank(item.cls), **values)
        data = reports.pack_event(item.event_id, self._codecs.pack(record))
        return self.tm(t_s, DICTIONARY.apid(name), 5, int(item.severity), data)

    def verify(self, t_s: float, tc: Tc, subtype: int, code: FailureCode | None = None, detail: int = 0) -> bytes:
        request_id = reports.request_number(tc.request_id)
        record: msgspec.Struct = reports.VerificationSuccess(request_id=request_id)
        if code is not None:
            record = reports.VerificationFailure(request_id=request_id, code=code, detail=detail)
        elif subtype == 5:
            record = reports.ProgressSuccess(request_id=request_id, step=detail)
        return self.tm(t_s, tc.apid, 1, subtype, self._codecs.pack(record))

    def part(self, t_s: float, product_id: int, number: int, data: bytes, subtype: int) -> bytes:
        record = reports.ProductPart(transaction=product_id, part=number, data=data)
        return self.tm(t_s, DICTIONARY.apid("instruments.hk"), 13, subtype, self._codecs.pack(record))


class Uplink:
    """The ``send`` of a station: keeps the telecommands that were sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Tc]] = []
        self.raw: list[bytes] = []
        self._decoder = FrameDecoder()

    def __call__(self, radio: str, data: bytes) -> None:
        self.raw.append(data)
        self.sent.extend((radio, parse_tc(packet)) for packet in self._decoder.feed(data))


def frames(*packets: bytes) -> bytes:
    """Packets as they come out of a radio."""
    return b"".join(encode_frame(packet) for packet in packets)
