"""The ground station: sends telecommands, takes the bytes of both radios, keeps what they say.

It has no clock: the caller passes the time of the run with every call, simulated or real.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from ground.archive import Archive
from ground.commands import build_arguments, pack_command
from ground.errors import GroundError
from ground.losses import Arrival
from ground.sequences import Sequences
from ground.verification import CommandRecord, CommandState
from telemetry_defs.codec import Codecs
from telemetry_defs.dictionary import DICTIONARY, Dictionary
from telemetry_defs.formats import DecodedTm, decode_tm
from telemetry_defs.framing import FrameDecoder, encode_frame
from telemetry_defs.packets import PacketError, PacketErrorCode, Tm, build_tc, parse_tm

RADIOS = ("local", "relay")
ANSWER_TIMEOUT_NS = 60_000_000_000
MAX_WARNINGS = 200
ALWAYS_ALLOWED = ("system.ping", "system.stop")

Send = Callable[[str, bytes], None]


FRESH_FRAME = b"\x00"
"""Ahead of each frame: what an overflow left of the one before, its end lost, must not swallow this one."""


class SequenceSource(Protocol):
    """Where the sequence counts of telecommands come from."""

    def take(self) -> int:
        """Return the next count, 0..16383, never the same one twice within the memory of the rover."""
        ...


class MemoryCounter:
    """Counts from zero, for runs that begin with a rover that has heard nothing yet."""

    def __init__(self, first: int = 0) -> None:
        """Begin at ``first``."""
        self._next = first

    def take(self) -> int:
        """Return the next count; wraps at 14 bits."""
        count = self._next
        self._next = (count + 1) & 0x3FFF
        return count


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """One packet that came for the first time; ``decoded`` is None if this dictionary does not know it.

    ``arrival`` tells a packet in its turn from one that came late.
    """

    radio: str
    received_ns: int
    raw: bytes
    decoded: DecodedTm | None
    arrival: Arrival


class Station:
    """One operator's end of both links.

    Attributes:
        commands: every command sent, with its live verification state.
        bad_packets: frames that held no whole telemetry packet.
        unknown_packets: packets that this dictionary cannot decode.
        other_dictionary: hash that the rover last reported, if it is not ours: then only ping and STOP are sent.
        sequences: what is missing, of which boot the newest packets are.
        warnings: the latest warnings, oldest first.
    """

    def __init__(
        self,
        *,
        send: Send,
        dictionary: Dictionary = DICTIONARY,
        archive: Archive | None = None,
        source_id: int = 1,
        counter: SequenceSource | None = None,
        answer_timeout_ns: int = ANSWER_TIMEOUT_NS,
    ) -> None:
        """Make a station that sends through ``send(radio, framed bytes)``."""
        self.dictionary = dictionary
        self.archive = archive
        self.source_id = source_id
        self.commands: list[CommandRecord] = []
        self.bad_packets = 0
        self.unknown_packets = 0
        self.other_dictionary: int | None = None
        self.warnings: deque[str] = deque(maxlen=MAX_WARNINGS)
        self.sequences = Sequences(archive)
        self._send = send
        self._codecs = Codecs()
        self._counter = counter or MemoryCounter()
        self._answer_timeout_ns = answer_timeout_ns
        self._decoders = {radio: FrameDecoder() for radio in RADIOS}
        self._by_request: dict[int, CommandRecord] = {}
        self._waiting: deque[CommandRecord] = deque()
        self._latest: dict[str, DecodedTm] = {}
        self._listeners: list[Callable[[Received], None]] = []

    # ---- up --------------------------------------------------------------------------------------------------------

    def send_command(self, name: str, args: Mapping[str, object], now_ns: int, radio: str = "local") -> CommandRecord:
        """Check, build and send one telecommand; the record is updated as reports come in.

        Raises:
            GroundError: unknown command, radio or argument, illegal value, or a rover with another dictionary.
        """
        record = build_arguments(self.dictionary, name, args)
        if radio not in RADIOS:
            raise GroundError(f"unknown radio {radio!r}; there are {', '.join(RADIOS)}")
        if self.other_dictionary is not None and name not in ALWAYS_ALLOWED:
            raise GroundError(
                f"{name}: not sent, the rover has dictionary {self.other_dictionary:#010x}, this station has "
                f"{self.dictionary.hash32:#010x}; only {' and '.join(ALWAYS_ALLOWED)} may be sent"
            )
        apid, service, subtype, data = pack_command(self.dictionary, name, record, self._codecs)
        raw = build_tc(apid, service, subtype, self._counter.take(), self.source_id, data)
        command = CommandRecord(number=len(self.commands), name=name, args=args, raw=raw, sent_ns=now_ns, radio=radio)
        self.commands.append(command)
        self._by_request[command.request_id] = command
        self._waiting.append(command)
        self._keep(command)
        self._send(radio, FRESH_FRAME + encode_frame(raw))
        return command

    def send_raw(self, data: bytes, radio: str = "local") -> None:
        """Send bytes as they are, unframed and unchecked.

        Raises:
            GroundError: unknown radio.
        """
        if radio not in RADIOS:
            raise GroundError(f"unknown radio {radio!r}; there are {', '.join(RADIOS)}")
        self._send(radio, data)

    # ---- down ------------------------------------------------------------------------------------------------------

    def receive(self, radio: str, data: bytes, t_ns: int) -> list[Received]:
        """Take bytes of one radio; return the packets that they complete, duplicates left out."""
        new = [self._packet(radio, packet, t_ns) for packet in self._decoders[radio].feed(data)]
        received = [packet for packet in new if packet is not None]
        for packet in received:
            for listener in self._listeners:
                listener(packet)
        if self._waiting:
            self.tick(t_ns)
        return received

    def tick(self, now_ns: int) -> None:
        """Give up commands that found no answer in time; to be called now and then when nothing is received."""
        waiting = self._waiting
        while waiting and (
            waiting[0].state is not CommandState.SENT or now_ns - waiting[0].sent_ns >= self._answer_timeout_ns
        ):
            command = waiting.popleft()
            if command.state is CommandState.SENT:
                command.give_up()
                self._keep(command)

    def on_packet(self, listener: Callable[[Received], None]) -> None:
        """Call ``listener`` with every packet received from now on."""
        self._listeners.append(listener)

    def latest(self, name: str) -> DecodedTm | None:
        """Return the packet of this name that came last."""
        return self._latest.get(name)

    @property
    def lost_packets(self) -> int:
        """Packets that the sequence counts show to be missing still."""
        return self.sequences.lost

    @property
    def duplicate_packets(self) -> int:
        """Packets that came more than once."""
        return self.sequences.duplicates

    @property
    def bad_frames(self) -> int:
        """Frames with damaged COBS, too long, or without a whole packet in them."""
        return self.bad_packets + sum(item.bad_frames + item.overlong for item in self._decoders.values())

    def warn(self, text: str) -> None:
        """Keep a warning, once while it is the latest of its kind."""
        if text not in self.warnings:
            self.warnings.append(text)

    def _packet(self, radio: str, raw: bytes, t_ns: int) -> Received | None:
        try:
            tm: DecodedTm | Tm = decode_tm(raw, self.dictionary)
        except PacketError as error:
            header = self._header(raw, error)
            if header is None:
                return None
            tm = header
        arrival = self.sequences.take(tm, t_ns)
        if arrival is Arrival.DUPLICATE:
            return None
        if self.archive is not None:
            self.archive.add_packet(radio, t_ns, raw, tm)
        decoded = tm if isinstance(tm, DecodedTm) else None
        if decoded is not None:
            self._note(decoded, arrival, t_ns)
        return Received(radio=radio, received_ns=t_ns, raw=raw, decoded=decoded, arrival=arrival)

    def _note(self, tm: DecodedTm, arrival: Arrival, t_ns: int) -> None:
        latest = self._latest.get(tm.name)
        if arrival.in_turn or latest is None or tm.time_ns >= latest.time_ns:
            self._latest[tm.name] = tm
            self._check_dictionary(tm)
        if tm.service == 1:
            self._verify(tm, t_ns)

    def _header(self, raw: bytes, error: PacketError) -> Tm | None:
        """Tell a damaged packet (None) from a whole one whose content this dictionary does not know."""
        try:
            tm = parse_tm(raw)
        except PacketError:
            self.bad_packets += 1
            return None
        self.unknown_packets += 1
        self.warn(f"TM[{tm.service},{tm.subtype}] of APID {tm.apid:#05x}: {error}")
        if error.code not in (PacketErrorCode.CONTENT, PacketErrorCode.LENGTH):
            self.warn(f"APID {tm.apid:#05x}: {error}")
        return tm

    def _verify(self, tm: DecodedTm, t_ns: int) -> None:
        command = self._by_request.get(tm.fields["request_id"])
        if command is not None:
            command.apply(tm, t_ns)
            self._keep(command)

    def _check_dictionary(self, tm: DecodedTm) -> None:
        if "dictionary_hash" not in tm.fields:
            return
        reported = tm.fields["dictionary_hash"]
        if reported is not None:
            self.other_dictionary = None if reported == self.dictionary.hash32 else reported
            if self.other_dictionary is not None:
                self.warn(f"the rover has dictionary {reported:#010x}, this station {self.dictionary.hash32:#010x}")

    def _keep(self, command: CommandRecord) -> None:
        if self.archive is not None:
            self.archive.add_command(command)
