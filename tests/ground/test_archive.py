"""The archive and the other files of a result folder: what is written is read, and bad files are refused in a line."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ground.archive import BATCH_ROWS, Archive
from ground.errors import GroundError
from ground.run_data import (
    MapGrid,
    Waypoint,
    load_run_data,
    read_map,
    read_truth,
    write_map,
    write_truth,
)
from ground.sequence_file import SequenceFile
from ground.station import Station
from telemetry_defs.definitions import Severity
from tests.ground.traffic import START_GPS_NS, Rover, S, Uplink, frames


def filled(path: Path | None, count: int = 3) -> Archive:
    archive = Archive(path, start_gps_ns=START_GPS_NS)
    station, rover = Station(send=Uplink(), archive=archive), Rover()
    for number in range(count):
        packet = rover.hk(number, "power.hk", soc=number / 1e4, faces_w=(1.0, None, float(number)))
        station.receive("relay", frames(packet), (number + 2) * S)
    station.receive("local", frames(rover.event(count, "mobility.embedded", slip=0.75)), (count + 2) * S)
    station.send_command("system.ping", {}, 9 * S)
    return archive


def test_written_then_read(tmp_path: Path) -> None:
    """After close a reader finds every packet, event and command, with both times."""
    path = tmp_path / "telemetry.sqlite"
    filled(path, BATCH_ROWS + 3).close()
    with Archive.read(path) as archive:
        assert archive.names() == {"mobility.embedded": 1, "power.hk": BATCH_ROWS + 3}
        (event,) = archive.events()
        assert (event.tm.name, event.tm.severity, event.tm.fields["slip"]) == ("mobility.embedded", Severity.HIGH, 0.75)
        assert (event.time_s, event.received_s, event.radio) == (BATCH_ROWS + 3, BATCH_ROWS + 5, "local")
        assert [command["name"] for command in archive.commands()] == ["system.ping"]
    assert sorted(tmp_path.iterdir()) == [path]


def test_reader_beside_the_writer(tmp_path: Path) -> None:
    """A second process may read whole batches while the first goes on writing."""
    path = tmp_path / "telemetry.sqlite"
    with filled(path, BATCH_ROWS + 7) as writer, Archive.read(path) as reader:
        assert reader.names() == {"power.hk": BATCH_ROWS}
        writer.flush()
        assert reader.names() == {"mobility.embedded": 1, "power.hk": BATCH_ROWS + 7}


def test_columns() -> None:
    """Fields and elements of fields come as columns, None where there was no value."""
    archive = filled(None)
    times, columns = archive.columns("power.hk", ("soc", "faces_w.1", "faces_w.2"))
    assert times == [0.0, 1.0, 2.0]
    assert columns == {
        "soc": [0.0, pytest.approx(1e-4), pytest.approx(2e-4)],
        "faces_w.1": [None] * 3,
        "faces_w.2": [0, 1, 2],
    }
    for field in ("sock", "faces_w.7", "soc.1"):
        with pytest.raises(GroundError, match=r"power\.hk has no field"):
            archive.series("power.hk", field)


def test_not_an_archive(tmp_path: Path) -> None:
    """Missing, foreign and half-written files are refused in one line that names the file."""
    foreign, text = tmp_path / "foreign.sqlite", tmp_path / "text.sqlite"
    sqlite3.connect(foreign).execute("CREATE TABLE packets (id)").connection.close()
    text.write_text("no database at all, but long enough to be looked at as one" * 10)
    for path in (tmp_path / "none.sqlite", foreign, text):
        with pytest.raises(GroundError, match=path.name) as caught:
            Archive.read(path)
        assert "\n" not in str(caught.value)


def test_truth_and_map(tmp_path: Path) -> None:
    """Truth comes back to nine digits, the map to the millimetre."""
    write_truth(tmp_path / "truth.csv", ("time_s", "x_m"), [(0.0, 1.0), (1.0, 1.23456789012)])
    assert read_truth(tmp_path / "truth.csv") == {"time_s": [0.0, 1.0], "x_m": [1.0, 1.23456789]}
    grid = MapGrid(x0_m=-1, y0_m=2, step_m=0.5, heights_m=[[0.0, 0.1234567]], waypoints=[Waypoint(x_m=1, y_m=2)])
    write_map(tmp_path / "map.json", grid)
    assert read_map(tmp_path / "map.json").heights_m == [[0.0, 0.123]]
    write_truth(tmp_path / "empty.csv", ("time_s", "x_m"), [])
    assert read_truth(tmp_path / "empty.csv") == {"time_s": [], "x_m": []}


@pytest.mark.parametrize("text", ["", "x_m,time_s\n1,2\n", "time_s,x_m\n1,two\n"])
def test_bad_truth(tmp_path: Path, text: str) -> None:
    """A truth file without times or with words for numbers is refused."""
    (tmp_path / "truth.csv").write_text(text)
    with pytest.raises(GroundError, match=r"truth\.csv"):
        read_truth(tmp_path / "truth.csv")


def test_result_folder(tmp_path: Path) -> None:
    """Telemetry alone is enough; a folder without it is refused."""
    with pytest.raises(GroundError, match=r"telemetry\.sqlite: there is no such file"):
        load_run_data(tmp_path)
    filled(tmp_path / "telemetry.sqlite").close()
    run = load_run_data(tmp_path)
    assert (run.truth, run.grid, run.start_utc) == ({}, None, "")
    (tmp_path / "result.json").write_text('{"start_utc": "2029-09-24T00:00:00Z", "passed": true}')
    assert load_run_data(tmp_path).start_utc == "2029-09-24T00:00:00Z"
    (tmp_path / "result.json").write_text("{")
    with pytest.raises(GroundError, match=r"result\.json"):
        load_run_data(tmp_path)


def test_sequence_file_never_repeats(tmp_path: Path) -> None:
    """Many senders at once, each with its own view of the file, get every count once."""
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: SequenceFile(tmp_path / "ground").take(), range(40)))
    assert sorted(taken) == list(range(40))
    assert SequenceFile(tmp_path / "ground", source_id=2).take() == 0


def test_sequence_file_wraps_and_refuses_rubbish(tmp_path: Path) -> None:
    """16383 is followed by 0; a file that holds no count is named."""
    (tmp_path / "sequence_1").write_text("16383\n")
    counter = SequenceFile(tmp_path)
    assert [counter.take(), counter.take()] == [16_383, 0]
    (tmp_path / "sequence_1").write_text("99999\n")
    with pytest.raises(GroundError, match="sequence_1: '99999' is no sequence count"):
        counter.take()
