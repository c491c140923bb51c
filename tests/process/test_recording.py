"""A recording in this process: its desk on a socket, its time told by the test."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ground.archive import Archive
from ground.errors import GroundError
from ground.run_data import EVENTS_FILE, RESULT_FILE, TELEMETRY_FILE
from sil.cli.app import run
from sil.folder import DOWNLINK_FILE, UPLINK_FILE
from sil.live.desk import LinkDesk
from sil.live.links import Link
from sil.live.pipes import SocketPipe
from sil.live.recorded import Recorded
from sil.live.recording import Recording
from telemetry_defs.cuc import gps_ns_to_utc_iso
from telemetry_defs.packets import TimeQuality, build_tm, parse_tm
from tests.ground.traffic import START_GPS_NS, Rover, S, frames
from tests.process.wired_rover import WiredRover

pytestmark = pytest.mark.process


class Desk(LinkDesk):
    """Its time is that of the rover."""

    t_ns = 0

    def now_ns(self) -> int:
        return self.t_ns


class Bench:
    """A recording and the other end of its link."""

    def __init__(self, folder: Path, *, ask_again: bool = False) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            near = socket.create_connection(server.getsockname())
            self.far, _ = server.accept()
        self.far.setblocking(False)
        self.folder = folder / "tape"
        self.folder.mkdir()
        self.archive = Archive(self.folder / TELEMETRY_FILE)
        self.desk = Desk({"local": Link(SocketPipe(near, "a socket", "gone"))}, archive=self.archive, counters=folder)
        self.recording = Recording(
            self.folder, "a socket", "", desk=self.desk, archive=self.archive, ask_again=ask_again
        )

    def hear(self, t_s: float, data: bytes) -> None:
        self.desk.t_ns = round(t_s * S)
        while data:
            data = data[self.far.send(data) :]
            self.desk.poll(1.0)
        self.recording.tick()

    def end(self) -> Recorded:
        with self.archive, self.desk, self.recording:
            result = self.recording.end("time")
        self.far.close()
        return result


class LostRover(Rover):
    """Its clock counts from 1980 until somebody sets it."""

    is_set = False

    def tm(self, t_s: float, apid: int, service: int, subtype: int, data: bytes = b"") -> bytes:
        packet = super().tm(t_s, apid, service, subtype, data)
        if self.is_set:
            return packet
        tm = parse_tm(packet)
        count, time_ns = tm.sequence_count, tm.time_ns - START_GPS_NS
        return build_tm(apid, service, subtype, count, count, time_ns, TimeQuality.UNSET, data)


def test_the_start_is_told_by_the_first_packet_whose_clock_was_set(tmp_path: Path) -> None:
    """Until then times are those of reception; a date of 1980 is never shown."""
    bench, rover = Bench(tmp_path), LostRover()
    bench.hear(10.0, frames(rover.event(2.0, "system.boot")))
    assert json.loads((bench.folder / RESULT_FILE).read_bytes())["start_utc"] == ""
    rover.is_set = True
    bench.hear(15.0, frames(rover.event(100.0, "system.mode_changed")))
    bench.hear(16.0, frames(rover.event(103.0, "system.mode_changed")))
    result = bench.end()
    assert result.start_utc == gps_ns_to_utc_iso(START_GPS_NS + 85 * S)
    with Archive.read(bench.folder / TELEMETRY_FILE) as archive:
        assert archive.start_gps_ns == START_GPS_NS + 85 * S
        assert [packet.time_s for packet in archive.packets()] == pytest.approx([10.0, 15.0, 18.0])
    lines = [json.loads(line) for line in (bench.folder / EVENTS_FILE).read_bytes().splitlines()]
    assert [(line["t_s"], line["received_s"]) for line in lines] == [(10.0, 10.0), (15.0, 15.0), (18.0, 16.0)]


def test_damage_and_repetitions_are_counted_and_what_is_whole_is_kept(tmp_path: Path) -> None:
    """As received: what came twice is there twice; the archive has it once."""
    bench, rover = Bench(tmp_path), Rover()
    one, two = rover.hk(1.0, "power.hk"), rover.hk(2.0, "power.hk")
    broken = two[:-1] + bytes((two[-1] ^ 1,))
    bench.hear(1.0, frames(one, one, broken) + b"\x05no\x00" + frames(two))
    result = bench.end()
    assert (bench.folder / DOWNLINK_FILE).read_bytes() == one + one + two
    assert (result.downlink_packets, result.duplicate_packets, result.damaged_frames) == (3, 1, 2)
    with Archive.read(bench.folder / TELEMETRY_FILE) as archive:
        assert list(archive.raw_packets()) == [one, two]


@pytest.mark.parametrize("ask_again", [True, False])
def test_what_was_lost_is_asked_for_again_if_that_was_wanted(ask_again: bool, tmp_path: Path) -> None:
    """Ten seconds of a real rover's telemetry are lost on the way; out of its store they come once more."""
    bench = Bench(tmp_path, ask_again=ask_again)

    class Deaf:
        url = ""

        def wait(self, _timeout_s: float) -> bytes:
            try:
                return bench.far.recv(1 << 16)
            except BlockingIOError:
                return b""

        def send(self, data: bytes) -> int:
            now_s = wired.mission.elapsed_s
            bench.hear(now_s, b"" if 20.0 <= now_s < 30.0 else data)
            return len(data)

        def unplug(self) -> None: ...

    wired = WiredRover(Deaf())
    wired.run(lambda: wired.mission.elapsed_s > 130.0)
    result = bench.end()
    sent = (bench.folder / UPLINK_FILE).read_bytes().splitlines()
    assert bool(sent) is ask_again
    assert (result.retrievals > 0, result.recovered_packets > 0) == (ask_again, ask_again)
    assert (result.lost_packets == 0) is ask_again
    assert [json.loads(line)["radio"] for line in sent] == ["local"] * len(sent)


HALF_A_BATCH = """
import os, sys
from pathlib import Path
from ground.archive import Archive
archive = Archive(Path(sys.argv[1]))
database = archive._database
database.execute("PRAGMA cache_size = 1")  # so that it must write before it commits
for number in range(500):
    database.execute(
        "INSERT INTO packets VALUES (NULL, 'local', 0, 0, ?, 0, 0, NULL, NULL, 0, 0, ?)", (number, bytes(1000))
    )
os._exit(9)
"""


def test_a_batch_that_a_kill_cut_in_two_is_undone_by_the_report(tmp_path: Path) -> None:
    """A reader alone may not; the packets before it are there."""
    bench, rover = Bench(tmp_path), Rover()
    bench.hear(1.0, frames(rover.hk(1.0, "power.hk")))
    bench.end()
    file = bench.folder / TELEMETRY_FILE
    line = [sys.executable, "-c", HALF_A_BATCH, str(file)]
    assert subprocess.run(line, check=False, env={**os.environ, "PYTHONPATH": os.getcwd()}).returncode == 9
    assert file.with_name(f"{TELEMETRY_FILE}-journal").exists()
    with pytest.raises(GroundError):
        Archive.read(file).close()
    assert run(["report", str(bench.folder)]) == 0
    with Archive.read(file) as archive:
        assert len(list(archive.raw_packets())) == 1
