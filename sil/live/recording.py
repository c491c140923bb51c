"""What one station receives, written into a result folder as it comes, twice a second all of it.

The folder is that of a run without its truth, which nobody knows of a real rover.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Final

from ground.archive import Archive
from ground.products import Products
from ground.recovery import Recovery
from ground.run_data import EVENTS_FILE, PRODUCTS_FOLDER, RESULT_FILE
from ground.station import RADIOS, Received
from hal.api.clock import NS_PER_S
from sil.folder import DOWNLINK_FILE, UPLINK_FILE, event_line, uplink_line
from sil.live.desk import LinkDesk
from sil.live.recorded import Recorded, last_mode, rover_version
from telemetry_defs.cuc import gps_ns_to_utc_iso
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.formats import DecodedTm
from telemetry_defs.framing import FrameDecoder
from telemetry_defs.packets import PacketError, TimeQuality, parse_tm

FLUSH_NS: Final = NS_PER_S // 2
_MS_NS: Final = 1_000_000


class _Growing:
    """A file that takes what was appended whole, when it is told to."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._waiting: list[bytes] = []

    def append(self, data: bytes) -> None:
        self._waiting.append(data)

    def flush(self) -> None:
        self._file.write(b"".join(self._waiting))
        self._waiting.clear()
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class Recording:
    """Listens at a desk and keeps what it hears; a context manager that closes the files.

    Attributes:
        packets: whole packets that came, repetitions among them, as `downlink.bin` has them.
    """

    def __init__(
        self, folder: Path, link: str, began_utc: str, *, desk: LinkDesk, archive: Archive, ask_again: bool
    ) -> None:
        """Begin to record; `archive` is that of the desk's station, `link` and `began_utc` go into `result.json`."""
        self.packets = 0
        self._folder, self._link, self._began_utc = folder, link, began_utc
        self._archive = archive
        self._desk, self._station = desk, desk.station
        self._recovery = Recovery(self._station)
        self._ask_again = ask_again
        self._downlink = _Growing(folder / DOWNLINK_FILE)
        self._events = _Growing(folder / EVENTS_FILE)
        self._uplink = _Growing(folder / UPLINK_FILE)
        self._decoders = {radio: FrameDecoder() for radio in RADIOS}
        self._digest = hashlib.sha256()
        self._event_counts: Counter[str] = Counter()
        self._flushed_ns = desk.now_ns()
        desk.add_tap(self)
        self._station.on_packet(self._received)
        self._flush(self._flushed_ns)

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        for file in self._files:
            file.close()

    @property
    def _files(self) -> tuple[_Growing, ...]:
        return self._downlink, self._events, self._uplink

    def heard(self, radio: str, _t_ns: int, data: bytes) -> None:
        """Keep the whole packets among these bytes, known to the dictionary or not."""
        for packet in self._decoders[radio].feed(data):
            try:
                parse_tm(packet)
            except PacketError:
                continue  # damaged: the station counts it
            self.packets += 1
            self._digest.update(packet)
            self._downlink.append(packet)

    def said(self, radio: str, t_ns: int, data: bytes) -> None:
        """Keep what is sent."""
        self._uplink.append(uplink_line(t_ns, radio, data))

    def tick(self) -> None:
        """Ask again and write what waits, when it is time; to be called several times a second."""
        now_ns = self._desk.now_ns()
        if now_ns - self._flushed_ns < FLUSH_NS:
            return
        if self._ask_again and not self._desk.closed:
            self._recovery.tick(now_ns)
        self._flush(now_ns)

    def end(self, ended_by: str) -> Recorded:
        """Write all that is left, and the products that are whole; return what the recording came to."""
        result = self._flush(self._desk.now_ns(), ended_by)
        Products.of(self._archive).save(self._folder / PRODUCTS_FOLDER)
        return result

    def _received(self, received: Received) -> None:
        tm = received.decoded
        if tm is None:
            return
        if not self._archive.start_gps_ns and tm.time_quality is not TimeQuality.UNSET:
            self._archive.begin_at((tm.time_ns - received.received_ns) // _MS_NS * _MS_NS)
        if tm.kind == "event":
            self._event_counts[tm.name] += 1
            received_s = received.received_ns / NS_PER_S
            self._events.append(event_line(tm, t_s=self._time_s(tm, received_s), received_s=received_s))

    def _time_s(self, tm: DecodedTm, received_s: float) -> float:
        """As the archive tells it: on-board time where somebody has set it, else that of reception."""
        trusted = tm.time_quality is not TimeQuality.UNSET
        return (tm.time_ns - self._archive.start_gps_ns) / NS_PER_S if trusted else received_s

    def _flush(self, now_ns: int, ended_by: str | None = None) -> Recorded:
        """Packets before the result that counts them; the result is replaced, never half written."""
        self._flushed_ns = now_ns
        self._archive.flush()
        for file in self._files:
            file.flush()
        result = self._result(now_ns, ended_by)
        fresh = self._folder / f"{RESULT_FILE}.new"
        fresh.write_bytes(result.to_json())
        fresh.replace(self._folder / RESULT_FILE)
        return result

    def _result(self, now_ns: int, ended_by: str | None) -> Recorded:
        station, start_gps_ns = self._station, self._archive.start_gps_ns
        return Recorded(
            name=f"recording of {self._link}",
            link=self._link,
            began_utc=self._began_utc,
            start_utc=gps_ns_to_utc_iso(start_gps_ns) if start_gps_ns else "",
            recorded_s=round(now_ns / NS_PER_S, 3),
            ended_by=ended_by,
            downlink_sha256=self._digest.hexdigest(),
            downlink_packets=self.packets,
            duplicate_packets=station.duplicate_packets,
            lost_packets=station.lost_packets,
            damaged_frames=station.bad_frames,
            unknown_packets=station.unknown_packets,
            recovered_packets=self._recovery.recovered,
            retrievals=self._recovery.retrievals,
            final_mode=last_mode(station),
            commands=dict(sorted(Counter(record.state.value for record in station.commands).items())),
            events=dict(sorted(self._event_counts.items())),
            warnings=tuple(station.warnings),
            rover_version=rover_version(station),
            dictionary_hash=DICTIONARY.hash32,
            rover_dictionary_hash=station.other_dictionary,
            out=str(self._folder),
        )
