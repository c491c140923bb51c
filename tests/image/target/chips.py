"""Every chip of the test rover, emulated in one world on the image: `rahi emulate rover` without a desktop."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from pathlib import Path

from flight.rover_file import load_rover
from hal.drivers.system_rtc import gps_ns_of
from hal.pi.notify import Notifier
from sil.emulate.realtime import RealTime
from sil.emulate.rover import make_ports, make_rover

WORLD = "earth_yard"


def main() -> int:
    """Serve the chips of a rover file in a folder until ended."""
    rover, folder = load_rover(sys.argv[1]), Path(sys.argv[2])
    simulation = make_rover(rover, "open_source_rover", WORLD, 1, gps_ns_of(time.time_ns()))
    bench = RealTime(simulation.clock, make_ports(simulation, folder))
    signal.signal(signal.SIGTERM, lambda *_: bench.end())
    gc.collect()
    gc.freeze()
    gc.disable()  # a whole collection takes longer on this processor than the 8 ms in which a motor controller answers
    Notifier.from_environment(os.environ).send("READY=1")
    bench.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
