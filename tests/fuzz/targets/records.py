"""Small records that programs leave for the next: the process's life, a live log, a count; each read or refused."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from ground.errors import GroundError
from ground.run_data import read_map, read_result, read_truth
from ground.sequence_file import SequenceFile
from hal.api.config import ConfigError
from hal.pi.life import FILE, Life, read_life
from sil.folder import recorded_sha256
from sil.live.log import read_log
from sil.live.replay import Replay
from tests.fuzz.draw import Draw
from tests.fuzz.scratch import scratch

RADIOS: Final = ("local", "relay")


def seeds() -> Iterator[bytes]:
    """A good one of each."""
    yield b'\x00{"boot_id":"x","exit_status":3}'
    yield b'\x01{"t_ns":5,"radio":"local","hex":"00ff"}\n{"t_ns":9,"end":true}\n'
    yield b'\x01{"t_ns":5,"fault":{"device":"imu","kind":"timeout"}}\n'
    yield b"\x02" + b"16383\n"
    yield b'\x03{"passed":true,"start_utc":"2029-09-24T00:00:00Z"}'
    yield b'\x04{"x0_m":1.0,"heights_m":[[1,2],[3,4]],"waypoints":[{"x_m":1,"y_m":2}]}'
    yield b"\x05time_s,x\n1,2\n3,4e5\n"
    yield b"\x05"


def check(data: bytes) -> None:
    """One record."""
    draw = Draw(data)
    read = (_life, _log, _count, _result, _map, _truth)[draw.below(6)]
    _with_file(draw.rest(), read)


def _with_file(data: bytes, read: Callable[[Path], None]) -> None:
    folder = Path(scratch()) / f"records-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    path = folder / (FILE if read is _life else "sequence_1" if read is _count else "result.json")
    path.write_bytes(data)
    with contextlib.suppress(GroundError, ConfigError):
        read(path)
    path.unlink()


def _life(path: Path) -> None:
    life = read_life(path.parent)
    assert life is None or isinstance(life, Life)


def _log(path: Path) -> None:
    """What a repetition takes out of it can be sent."""
    entries = read_log(path)

    def uplink(radio: str, data: bytes) -> None:
        assert radio in RADIOS, radio
        assert data is not None

    Replay(entries).between_cycles(1 << 70, uplink, lambda injection: None)


def _count(path: Path) -> None:
    file = SequenceFile(path.parent)
    count = file.take()
    assert 0 <= count < 1 << 14
    assert file.take() == (count + 1) % (1 << 14)


def _result(path: Path) -> None:
    assert isinstance(read_result(path), dict)
    recorded_sha256(path.parent)


def _map(path: Path) -> None:
    grid = read_map(path)
    assert len({len(row) for row in grid.heights_m}) <= 1


def _truth(path: Path) -> None:
    columns = read_truth(path)
    assert len({len(column) for column in columns.values()}) == 1
