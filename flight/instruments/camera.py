"""Camera: one grey image at a time, stored compressed."""

from __future__ import annotations

from flight.instruments.unit import Devices, Spec, Unit
from flight.products.format import Payload
from hal.api.devices import Camera
from telemetry_defs.areas.instruments import Encoding, InstrumentId


class CameraUnit:
    """A camera as `Unit`."""

    def __init__(self, device: Camera) -> None:
        self._device = device

    def ready(self) -> bool:
        """A camera has no status: one that answers is ready.  An image left from before is taken and dropped."""
        self._device.poll()
        return True

    def start(self, amount_s: float) -> None:
        """Expose for `amount_s`."""
        self._device.start(amount_s)

    def poll(self) -> Payload | None:
        """The image, row by row, 8 bit."""
        image = self._device.poll()
        if image is None:
            return None
        return Payload(data=image.pixels, encoding=Encoding.ZLIB, width_px=image.width_px, height_px=image.height_px)

    def abort(self) -> None:
        """A camera cannot be stopped; its load is switched off, which drops the image."""


def _find(devices: Devices) -> Unit | None:
    return None if devices.camera is None else CameraUnit(devices.camera)


SPEC = Spec(
    instrument=InstrumentId.CAMERA,
    find=_find,
    least_warmup_s=2.0,
    ready_timeout_s=10.0,
    margin_s=20.0,
    min_c=-30.0,
    max_c=55.0,
    most_bytes=90_000,  # 320 x 240 pixels that do not compress at all
)
