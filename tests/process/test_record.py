"""`rahi record`: a folder that holds what came, however the recording ends."""

import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ground.archive import Archive
from ground.run_data import EVENTS_FILE, OVERVIEW_FILE, REPORT_FILE, RESULT_FILE, TELEMETRY_FILE
from sil.cli.app import run
from sil.folder import DOWNLINK_FILE, UPLINK_FILE
from telemetry_defs.definitions import Severity
from telemetry_defs.formats import decode_tm
from telemetry_defs.packets import parse_tm
from tests.ground.traffic import S
from tests.process.wired_rover import End, PtyEnd, Shown, TcpEnd, WiredRover, rahi, wait_for

pytestmark = pytest.mark.process

KILL_S = 2.0
"""What came so long before a kill must be there: a second, and another for a busy machine."""


@pytest.fixture(params=[PtyEnd, TcpEnd])
def end(request: pytest.FixtureRequest) -> Iterator[End]:
    made: End = request.param()
    yield made
    made.unplug()


@pytest.fixture
def rover() -> Iterator[WiredRover]:
    made = WiredRover(PtyEnd())
    yield made
    made.end.unplug()


class Tape:
    """A recording in a process of its own; the link is open when this is made."""

    def __init__(self, folder: Path, url: str, *more: str) -> None:
        self.folder = folder / "tape"
        self.process = rahi(folder, "record", "--link", url, "--out", str(self.folder), *more)
        self.shown = Shown(self.process)
        self.shown.wait_for("Ctrl-C ends")

    def downlink(self) -> bytes:
        file = self.folder / DOWNLINK_FILE
        return file.read_bytes() if file.exists() else b""

    def archived(self) -> list[bytes]:
        with Archive.read(self.folder / TELEMETRY_FILE) as archive:
            return list(archive.raw_packets())

    def result(self) -> dict[str, object]:
        result: dict[str, object] = json.loads((self.folder / RESULT_FILE).read_bytes())
        return result

    def events(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.folder / EVENTS_FILE).read_bytes().splitlines()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_recording_holds_exactly_what_was_sent(end: End, number: signal.Signals, tmp_path: Path) -> None:
    """Packets, events and result; nothing of the truth, which a rover does not tell."""
    rover, tape = WiredRover(end), Tape(tmp_path, end.url, "--no-pictures")
    rover.run(lambda: rover.mission.elapsed_s >= 25.0)
    sent = rover.packets
    wait_for(lambda: tape.downlink() == b"".join(sent))
    tape.process.send_signal(number)
    assert tape.shown.end() == (0, "")
    assert len(sent) > 20
    assert tape.archived() == sent
    events = [decoded for decoded in map(decode_tm, sent) if decoded.kind == "event"]
    assert [event["name"] for event in tape.events()] == [event.name for event in events]
    first, *lines, last = tape.shown.lines()
    assert (first, last[:22]) == (f"recording {end.url} into {tape.folder}; Ctrl-C ends", "ended by signal after ")
    assert len(lines) == sum(event.severity is not None and event.severity > Severity.INFO for event in events)
    assert (tape.folder / UPLINK_FILE).read_bytes() == b""
    assert {path.name for path in tape.folder.iterdir()} == {
        *(DOWNLINK_FILE, EVENTS_FILE, RESULT_FILE, TELEMETRY_FILE, UPLINK_FILE)
    }
    result = tape.result()
    assert (result["ended_by"], result["passed"], result["final_mode"]) == ("signal", None, "IDLE")
    assert (result["downlink_packets"], result["lost_packets"], result["damaged_frames"]) == (len(sent), 0, 0)


def test_times_are_those_of_the_rover(rover: WiredRover, tmp_path: Path) -> None:
    """Its own clock, however fast it runs against ours: 20 s of telemetry in a second or so."""
    tape = Tape(tmp_path, rover.end.url, "--no-pictures")
    rover.run(lambda: rover.mission.elapsed_s >= 25.0)
    wait_for(lambda: tape.downlink() == b"".join(rover.packets))
    tape.process.send_signal(signal.SIGINT)
    tape.shown.end()
    first, last = parse_tm(rover.packets[0]), parse_tm(rover.packets[-1])
    with Archive.read(tape.folder / TELEMETRY_FILE) as archive:
        times_s = [packet.time_s for packet in archive.packets()]
        before_s = (first.time_ns - archive.start_gps_ns) / S
    assert times_s[-1] - times_s[0] == pytest.approx((last.time_ns - first.time_ns) / S)
    assert times_s[0] == pytest.approx(before_s)
    assert 0.0 <= before_s <= float(str(tape.result()["recorded_s"]))
    assert re.fullmatch(r"2029-09-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(tape.result()["start_utc"]))


def test_an_unplugged_cable_ends_the_recording_and_the_folder_is_whole(
    end: End, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that says so, exit code 1 since --for was not over; `rahi report` draws what there is."""
    rover, tape = WiredRover(end), Tape(tmp_path, end.url, "--for", "600", "--no-pictures")
    rover.run(lambda: rover.mission.elapsed_s >= 12.0)
    wait_for(lambda: tape.downlink() == b"".join(rover.packets))
    end.unplug()
    code, errors = tape.shown.end()
    assert code == 1
    assert re.fullmatch(re.escape(end.url) + ": the (port is gone|other end hung up).*\n", errors), errors
    assert tape.result()["ended_by"] == "hang-up"
    assert tape.archived() == rover.packets
    assert run(["report", str(tape.folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [str(tape.folder / OVERVIEW_FILE), str(tape.folder / REPORT_FILE)]
    page = (tape.folder / REPORT_FILE).read_text(encoding="utf-8")
    assert f"<h1>recording of {end.url}</h1>" in page
    assert '"meta":"telemetry"' in page
    assert '"meta":"truth"' not in page
    assert (tape.folder / OVERVIEW_FILE).read_bytes().startswith(b"\x89PNG")


def test_a_killed_recording_has_lost_a_second_at_most(rover: WiredRover, tmp_path: Path) -> None:
    """And what is there is whole: packets, archive, result; the report is drawn without another word."""
    tape = Tape(tmp_path, rover.end.url)
    marks: list[tuple[float, int]] = []

    def killed() -> bool:
        marks.append((time.monotonic(), len(rover.packets)))
        if rover.mission.elapsed_s < 90.0:
            return False
        tape.process.kill()
        return True

    rover.run(killed)
    killed_s = time.monotonic()
    tape.shown.end()
    sure = max(count for at_s, count in marks if at_s <= killed_s - KILL_S)
    kept = _split(tape.downlink())
    assert sure > 5
    assert len(kept) >= sure
    assert kept == rover.packets[: len(kept)]
    assert run(["report", str(tape.folder)]) == 0
    assert len(tape.archived()) >= sure
    assert tape.archived() == rover.packets[: len(tape.archived())]
    assert tape.result()["ended_by"] is None
    assert (tape.folder / OVERVIEW_FILE).exists()


def _split(stream: bytes) -> list[bytes]:
    """Space packets one behind the other, the length of each in its header (CCSDS 133.0-B)."""
    packets = []
    while stream:
        size = int.from_bytes(stream[4:6], "big") + 7
        packets.append(stream[:size])
        stream = stream[size:]
    return packets


def test_a_report_of_a_link_is_a_recording_that_is_drawn(rover: WiredRover, tmp_path: Path) -> None:
    """For as long as was asked."""
    folder = tmp_path / "drawn"
    reporting = rahi(tmp_path, "report", "--link", rover.end.url, "--for", "1.5", "--out", str(folder))
    rover.run(lambda: reporting.poll() is not None)
    _, errors = reporting.communicate(timeout=20)
    assert (reporting.returncode, errors) == (0, "")
    result = json.loads((folder / RESULT_FILE).read_bytes())
    assert (result["ended_by"], result["recorded_s"]) == ("time", pytest.approx(1.5, abs=0.5))
    assert result["downlink_packets"] > 10
    assert (folder / OVERVIEW_FILE).exists()


def test_a_silent_link_leaves_a_folder_too(tmp_path: Path) -> None:
    """Nothing came, and the pictures say so."""
    end = PtyEnd()
    tape = Tape(tmp_path, end.url, "--for", "0.3")
    assert tape.shown.end() == (0, "")
    end.unplug()
    result = tape.result()
    assert (result["downlink_packets"], result["start_utc"], result["final_mode"]) == (0, "", "")
    assert (tape.folder / OVERVIEW_FILE).exists()


def test_a_link_that_cannot_be_opened_leaves_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And a folder that is not empty is left as it is."""
    wanted = tmp_path / "wanted"
    assert run(["record", "--link", f"serial://{tmp_path}/none", "--out", str(wanted)]) == 2
    assert "no such device" in capsys.readouterr().err
    assert not wanted.exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    end = PtyEnd()
    assert run(["record", "--link", end.url, "--out", str(tmp_path / "full")]) == 2
    end.unplug()
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["file"]
