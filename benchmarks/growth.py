"""Memory over a million cycles: flight and simulated hardware, nobody recording."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

import msgspec

from benchmarks.figures import Figure, Timer, number
from flight import state_image
from flight.app import build_flight
from flight.mobility.kept import KeptMotion
from flight.rover_file import load_rover
from flight.state_image import StateImage
from flight.store.config import StoreConfig
from sim_hal.board import DEFAULT_GPS_NS
from sim_hal.simulation import Simulation
from sim_hal.start import Start
from sim_hal.world.place import Place
from sim_hal.world.vehicle_file import load_vehicle
from sim_hal.world.world_file import load_world
from telemetry_defs.definitions import Mode

WARM_CYCLES = 200_000
"""Tables, caches, logs of bounded size have filled by then."""


STORE = StoreConfig(capacity_bytes=1_000_000)
"""The simulated disk lies in memory: with the packet store of the reference rover, 16 MB, it would still be filling."""
SUNWARD_YAW_RAD = 1.5708
"""A side face to the east, where the Sun of the flat world stands: 33 hours need charging."""


def resident_bytes() -> int:
    """Of this process."""
    with open("/proc/self/statm", encoding="ascii") as line:
        return int(line.read().split()[1]) * 4096


def growth_figures(cycles: int, timer: Timer) -> list[Figure]:
    """Blocks that Python holds and resident memory, after the warm-up and `cycles` later."""
    simulation = Simulation(
        site=Place(load_world("flat")),
        vehicle=load_vehicle("south_pole"),
        start=Start(gps_ns=DEFAULT_GPS_NS, yaw_rad=SUNWARD_YAW_RAD),
        seed=1,
        truth_s=None,
    )
    image = StateImage(
        boot_count=1, mode=Mode.IDLE, gps_ns=DEFAULT_GPS_NS, soc=0.8, motion=KeptMotion(yaw_rad=SUNWARD_YAW_RAD)
    )
    simulation.disk.preload(state_image.FIRST_COPY, state_image.encode(image))
    simulation.run_until_boot(1_000_000_000)
    flight = build_flight(simulation.boot(), msgspec.structs.replace(load_rover("south_pole"), store=STORE))
    warm = min(WARM_CYCLES, cycles)
    _run(flight.cycle, warm)
    gc.collect()
    blocks, resident = sys.getallocatedblocks(), resident_bytes()
    began_ns = timer()
    _run(flight.cycle, cycles)
    took_s = (timer() - began_ns) / 1e9
    gc.collect()
    grown = sys.getallocatedblocks() - blocks
    note = f"cycles {number(warm)} to {number(warm + cycles)}; {took_s / cycles * 1e6:.0f} us each without ground"
    return [
        Figure(f"growth over {number(cycles)} cycles", grown, "blocks", note=note),
        Figure("  in resident memory", (resident_bytes() - resident) / 1e6, "MB", note="a page is 0.004 MB"),
    ]


def _run(cycle: Callable[[], bool], times: int) -> None:
    for _ in range(times):
        if not cycle():
            raise RuntimeError("flight ended during the benchmark")
