"""The targets.  Each is a module with `check(data)`, which raises on a find, and `seeds()`; see docs/fuzzing.md."""

from typing import Final

NAMES: Final = (
    "framing",
    "packets",
    "cuc",
    "scenario",
    "rover_file",
    "world_file",
    "sequence_file",
    "state_image",
    "boot",
    "segments",
    "bus_trace",
    "first_boot",
    "slots",
    "roboclaw",
    "bno055",
    "i2c_sensors",
    "sik_radio",
    "emulators",
    "chip_server",
    "records",
    "archive",
    "station",
    "reception",
    "live_words",
)
