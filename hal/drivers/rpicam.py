"""Camera on the Raspberry Pi's ribbon by the program `rpicam-still`, one process a picture.

The grey picture is the first plane of YUV420: width x height bytes, then the two quarter-size colour planes
(rpicam-apps, image/yuv.cpp).  A fixed gain and white balance with `--immediate` give the exposure that was asked for
(camera software, "Long exposures", in the Raspberry Pi documentation).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Final

from hal.api.clock import NS_PER_S, Clock, seconds
from hal.api.errors import BadReading, DeviceError, DeviceTimeout, NotReady
from hal.api.values import Image

WIDTH_PX: Final = 320
HEIGHT_PX: Final = 240
LUMA_BYTES: Final = WIDTH_PX * HEIGHT_PX
FILE_BYTES: Final = LUMA_BYTES * 3 // 2
LONGEST_EXPOSURE_S: Final = 10.0
PATIENCE_S: Final = 10.0
"""For the program to start, set the sensor up and write: about two seconds on a Pi 4."""
GRACE_NS: Final = 2 * NS_PER_S
"""How much later `poll` gives up if the program cannot even be killed."""
SAID_BYTES: Final = 200
JOIN_S: Final = 2.0


def _always() -> bool:
    return True


class RpicamCamera:
    """Implements `hal.api.devices.Camera`."""

    def __init__(
        self,
        clock: Clock,
        program: str = "rpicam-still",
        powered: Callable[[], bool] = _always,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """`powered`: whether the camera has its load switched on, where it hangs on one."""
        self._clock = clock
        self._program = program
        self._powered = powered
        self._patience_s = patience_s
        self._shot: _Shot | None = None
        self._given_up: _Shot | None = None

    def start(self, exposure_s: float) -> None:
        self._need_power()
        if self._given_up is not None and self._given_up.ended:
            self._given_up = None
        if self._shot is not None or self._given_up is not None:
            raise NotReady("camera", "busy")
        if not 0.0 < exposure_s <= LONGEST_EXPOSURE_S:
            raise BadReading("camera", f"exposure {exposure_s} s is not within 0 to {LONGEST_EXPOSURE_S:g} s")
        limit_s = exposure_s + self._patience_s
        give_up_ns = self._clock.now_ns() + seconds(limit_s) + GRACE_NS
        self._shot = _Shot(self._program, exposure_s, limit_s, give_up_ns)

    def poll(self) -> Image | None:
        self._need_power()
        shot = self._shot
        if shot is None:
            return None
        if not shot.ended:
            if self._clock.now_ns() >= shot.give_up_ns:
                self._drop()
                raise DeviceTimeout("camera", "the camera program cannot be ended")
            return None
        self._shot = None
        if shot.error is not None:
            raise shot.error
        return Image(time_ns=self._clock.now_ns(), width_px=WIDTH_PX, height_px=HEIGHT_PX, pixels=shot.pixels)

    def close(self) -> None:
        """End a picture that is being taken."""
        if self._shot is not None:
            self._shot.kill()
            self._shot.join(JOIN_S)

    def _need_power(self) -> None:
        if not self._powered():
            self._drop()
            raise NotReady("camera", "unpowered")

    def _drop(self) -> None:
        if self._shot is not None:
            self._shot.kill()
            self._given_up, self._shot = self._shot, None


class _Shot:
    """One picture: a thread that runs the program, since starting one and reaping it both wait for the disk."""

    def __init__(self, program: str, exposure_s: float, limit_s: float, give_up_ns: int) -> None:
        self._program = program
        self._exposure_s = exposure_s
        self._limit_s = limit_s
        self.give_up_ns = give_up_ns
        self.pixels = b""
        self.error: DeviceError | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False
        self._thread = Thread(target=self._take, name="camera", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """The program is gone and its file read."""
        return not self._thread.is_alive()

    def kill(self) -> None:
        """End the program; the thread reaps it."""
        self._killed = True
        if self._process is not None:
            self._process.kill()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread."""
        self._thread.join(timeout_s)

    def _take(self) -> None:
        try:
            with TemporaryDirectory(prefix="rahi-camera-") as folder:
                self.pixels = self._run(Path(folder))
        except DeviceError as error:
            self.error = error
        except OSError as error:  # no such program, no room for its file
            self.error = NotReady("camera", f"{error.filename or self._program}: {error.strerror or error}")

    def _run(self, folder: Path) -> bytes:
        picture, said = folder / "picture.yuv", folder / "said"
        with (
            said.open("wb") as words,
            subprocess.Popen(
                self._command(picture), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=words, cwd=folder
            ) as process,
        ):
            self._process = process
            if self._killed:  # between the start of the thread and here
                process.kill()
            try:
                status = process.wait(self._limit_s)
            except subprocess.TimeoutExpired:
                process.kill()
                raise DeviceTimeout("camera", f"no picture within {self._limit_s:g} s") from None
        if status != 0:
            last = said.read_bytes()[-SAID_BYTES:].decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise BadReading("camera", f"{self._program} ended with {status}: {last}")
        return self._luma(picture)

    def _luma(self, picture: Path) -> bytes:
        with picture.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
        if len(data) != FILE_BYTES:
            raise BadReading("camera", f"{len(data)} bytes instead of {FILE_BYTES}")
        return data[:LUMA_BYTES]

    def _command(self, picture: Path) -> list[str]:
        return [
            self._program,
            "--nopreview",
            "--immediate",
            f"--width={WIDTH_PX}",
            f"--height={HEIGHT_PX}",
            f"--shutter={max(1, round(self._exposure_s * 1e6))}",
            "--gain=1",
            "--awbgains=1,1",
            "--encoding=yuv420",
            f"--output={picture}",
        ]
