"""The camera program: a small script stands for rpicam-still."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hal.api.errors import BadReading, DeviceError, DeviceTimeout, NotReady
from hal.api.values import Image
from hal.drivers.rpicam import HEIGHT_PX, WIDTH_PX, RpicamCamera
from tests.fakes.context import FakeClock
from tests.hal.pi.waiting import wait_for

pytestmark = pytest.mark.process

WELL = """#!/bin/sh
echo "$@" > {log}
for word in "$@"; do case $word in --output=*) file=${{word#--output=}};; esac; done
head -c 76800 /dev/zero | tr '\\000' 'Y' > $file
head -c 38400 /dev/zero | tr '\\000' 'C' >> $file
"""
SHORT = """#!/bin/sh
for word in "$@"; do case $word in --output=*) file=${{word#--output=}};; esac; done
echo half > $file
"""
BROKEN = """#!/bin/sh
echo "[0:00:01] INFO something" >&2
echo "ERROR: *** no cameras available ***" >&2
exit 255
"""
HANGING = """#!/bin/sh
echo $$ > {log}
exec sleep 600
"""


class Stand:
    """A camera whose program is one of the scripts above."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.log = tmp_path / "log"
        self.clock = FakeClock()
        self.powered = True
        self.camera = self.with_program(WELL)

    def with_program(self, script: str, patience_s: float = 10.0) -> RpicamCamera:
        path = self.folder / "rpicam-still"
        path.write_text(script.format(log=self.log))
        path.chmod(0o755)
        self.camera = RpicamCamera(self.clock, str(path), lambda: self.powered, patience_s)
        return self.camera

    def result(self) -> Image | DeviceError:
        """What polling comes to."""
        found: list[Image | DeviceError] = []

        def look() -> bool:
            try:
                image = self.camera.poll()
            except DeviceError as error:
                found.append(error)
            else:
                found.extend([image] if image is not None else [])
            return bool(found)

        wait_for(look)
        return found[0]

    def pid(self) -> int:
        wait_for(lambda: self.log.exists() and self.log.read_text().endswith("\n"))
        return int(self.log.read_text())


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    stand = Stand(tmp_path)
    yield stand
    stand.camera.close()
    assert not list(tmp_path.glob("rahi-camera-*")), "a picture was left behind"


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_picture_is_the_luma_of_what_the_program_writes(stand: Stand) -> None:
    """Grey, whole, once; and the program was told the exposure."""
    stand.camera.start(0.25)
    image = stand.result()
    assert isinstance(image, Image)
    assert (image.width_px, image.height_px) == (WIDTH_PX, HEIGHT_PX)
    assert image.pixels == b"Y" * (WIDTH_PX * HEIGHT_PX)
    assert stand.camera.poll() is None
    words = stand.log.read_text().split()
    assert "--shutter=250000" in words
    assert "--encoding=yuv420" in words
    assert "--nopreview" in words


def test_one_at_a_time(stand: Stand) -> None:
    stand.with_program(HANGING).start(0.1)
    with pytest.raises(NotReady, match="busy"):
        stand.camera.start(0.1)


@pytest.mark.parametrize("exposure_s", [0.0, -1.0, 11.0, float("nan")])
def test_a_senseless_exposure_is_refused(stand: Stand, exposure_s: float) -> None:
    with pytest.raises(BadReading, match="exposure"):
        stand.camera.start(exposure_s)
    assert stand.camera.poll() is None


@pytest.mark.parametrize(("script", "said"), [(SHORT, "5 bytes"), (BROKEN, "ended with 255: ERROR: ")])
def test_a_program_that_fails_is_a_bad_reading_with_its_last_words(stand: Stand, script: str, said: str) -> None:
    """And the next picture may be tried."""
    stand.with_program(script).start(0.1)
    error = stand.result()
    assert isinstance(error, BadReading)
    assert said in str(error)
    stand.camera.start(0.1)
    assert isinstance(stand.result(), BadReading)


def test_a_program_that_is_not_installed_is_not_ready(stand: Stand) -> None:
    stand.camera = RpicamCamera(stand.clock, str(stand.folder / "nothing"))
    stand.camera.start(0.1)
    error = stand.result()
    assert isinstance(error, NotReady)
    assert "nothing: No such file" in str(error)


def test_a_program_that_hangs_is_killed_and_reaped_at_its_deadline(stand: Stand) -> None:
    stand.with_program(HANGING, patience_s=0.2).start(0.1)
    pid = stand.pid()
    error = stand.result()
    assert isinstance(error, DeviceTimeout)
    wait_for(lambda: not _is_running(pid))


def test_a_camera_that_loses_power_drops_its_picture(stand: Stand) -> None:
    """The program is ended; the picture after it is a new one."""
    stand.with_program(HANGING).start(0.1)
    pid = stand.pid()
    stand.powered = False
    with pytest.raises(NotReady, match="unpowered"):
        stand.camera.poll()
    stand.powered = True
    assert stand.camera.poll() is None
    wait_for(lambda: not _is_running(pid))
    wait_for(lambda: not list(stand.folder.glob("rahi-camera-*")))
    wait_for(lambda: _starts(stand.camera))  # its thread outlives the folder by a moment


def _starts(camera: RpicamCamera) -> bool:
    try:
        camera.start(0.1)
    except NotReady:
        return False
    return True


def test_flight_never_waits_for_a_program_that_cannot_be_ended(stand: Stand) -> None:
    """By the clock of flight: a timeout, and busy until the program is gone."""
    stand.with_program(HANGING).start(0.1)
    pid = stand.pid()
    stand.clock.advance_s(13.0)
    with pytest.raises(DeviceTimeout):
        stand.camera.poll()
    wait_for(lambda: not _is_running(pid))


def test_closing_ends_a_picture_at_once(stand: Stand) -> None:
    stand.with_program(HANGING).start(0.1)
    pid = stand.pid()
    stand.camera.close()
    assert not _is_running(pid)
