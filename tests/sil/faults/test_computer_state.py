"""What the computer keeps: its time, its disk and its memory."""

from __future__ import annotations

import math
from typing import Any, get_args

import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_S, seconds
from hal.api.config import ConfigError
from hal.api.errors import BadReading, NotReady
from sil.faults.computer_memory import FieldName
from sil.faults.memory import CELLS, Cell, flipped, parameter, store
from sil.faults.registry import parameters
from sil.scenario import FaultSection
from sim_hal.disk import SYNC_NS
from telemetry_defs.areas import mobility
from telemetry_defs.definitions import Mode
from telemetry_defs.packets import TimeQuality
from tests.sil.faults.device_bench import Flown, Shelf, fly, twin
from tests.sil.faults.plant_bench import AT_S, END_S, OVER_S, broken, sent, told

DAY_S = 86_400.0


def off_by_s(flown: Flown) -> float:
    """On-board time against the truth."""
    assert flown.mission.flight is not None
    time = flown.mission.flight.core.time
    return (time.gps_ns() - flown.mission.simulation.world.gps_ns) / NS_PER_S


# Time.


@pytest.mark.parametrize("offset_s", [3600.0, -DAY_S])
def test_on_board_time_jumps_and_the_rover_goes_on(offset_s: float) -> None:
    """Flight's own time and the chip's; commands are still answered, no row has failed."""
    flown = broken("clock/jump", "calls", {"offset_s": offset_s})
    assert off_by_s(flown) == pytest.approx(offset_s, abs=1.0)
    shown_ns = flown.mission.simulation.rtc.gps_ns()
    assert shown_ns is not None
    assert (shown_ns - flown.mission.simulation.world.gps_ns) / NS_PER_S == pytest.approx(offset_s, abs=1.0)
    assert flown.mission.mode_name == Mode.IDLE.name
    assert not failures(flown)


def test_a_clock_that_lost_its_time_is_not_trusted() -> None:
    """The next boot goes on from the last image, a little behind."""
    flown = broken("clock/lost", "idle")
    assert flown.mission.flight is not None
    assert flown.mission.flight.core.time.quality is TimeQuality.UNSET
    assert -45.0 < off_by_s(flown) <= 0.0
    assert flown.mission.flights == 2


def test_the_chip_drifts_while_the_fault_lasts() -> None:
    """By half at half the level; what has run wrong stays."""
    shelf = Shelf()
    rtc = shelf.mission.simulation.rtc
    off = []
    for _ in shelf.levels("clock/drift", (0.5, 1.0, 0.0), drift_ppm=10_000.0):
        before_ns, shown_ns = shelf.clock.now_ns(), rtc.gps_ns()
        shelf.wait(10.0)
        after_ns = rtc.gps_ns()
        assert shown_ns is not None
        assert after_ns is not None
        off.append((after_ns - shown_ns - (shelf.clock.now_ns() - before_ns)) / NS_PER_S)
    assert off == pytest.approx([0.05, 0.1, 0.0], abs=1e-3)


# Disk.


def test_a_flipped_bit_in_both_images_is_found_at_the_boot() -> None:
    """The rover starts without what it kept, in SAFE, and tells it."""
    flown = broken("computer/image_bit_flip", "idle")
    assert "system.state_lost" in {name for t_s, name in sent(flown) if t_s > AT_S}
    assert flown.mission.mode_name == Mode.SAFE.name
    assert "system.state_lost" not in {name for _, name in sent(twin("idle", OVER_S))}


@pytest.mark.parametrize("copy", ["a", "b"])
@pytest.mark.parametrize("bit", [3, 100, 1500])
def test_one_good_copy_is_enough(copy: str, bit: int) -> None:
    """Whichever it is, and whichever bit."""
    flown = broken("computer/image_bit_flip", "idle", {"copy": copy, "bit": bit})
    assert flown.mission.flights == 2
    assert flown.mission.mode_name == Mode.IDLE.name


def test_a_flip_without_a_reset_is_healed_by_the_next_save() -> None:
    """Both copies are written again before anybody reads them."""
    flip = FaultSection(at_s=AT_S, device="computer", kind="image_bit_flip", args={"reset": False})
    reset = FaultSection(at_s=80.0 + AT_S, device="computer", kind="reset")
    flown = fly("calls", flip, reset, duration_s=120.0)
    assert flown.mission.flights == 2
    assert "system.state_lost" not in {name for _, name in sent(flown)}


def test_a_full_disk_takes_nothing_more() -> None:
    """Flight tells it, lives on, and keeps things again afterwards."""
    flown = broken("computer/storage_full", "calls")
    assert told("computer/storage_full", flown, "calls")
    assert "store.recovered" in flown.raised(END_S, OVER_S)
    assert flown.mission.mode_name == Mode.IDLE.name
    assert not failures(flown)


def test_a_full_disk_refuses_bytes_but_not_a_removal() -> None:
    """As a real one does."""
    shelf = Shelf()
    storage = shelf.hal.storage
    storage.append("log", b"one")
    shelf.start("computer/storage_full")
    with pytest.raises(NotReady, match="full"):
        storage.append("log", b"two")
    storage.remove("log")
    shelf.end("computer/storage_full")
    storage.append("log", b"three")
    assert storage.read("log") == b"three"


def test_a_disk_that_cannot_be_read_still_knows_its_files() -> None:
    """And has lost none of them."""
    shelf = Shelf()
    storage = shelf.hal.storage
    storage.replace("log", b"one")
    shelf.start("computer/storage_read_error")
    assert "log" in storage.list()
    with pytest.raises(BadReading, match="log cannot be read"):
        storage.read("log")
    shelf.end("computer/storage_read_error")
    assert storage.read("log") == b"one"


def test_a_boot_from_a_disk_that_cannot_be_read() -> None:
    """Starts with defaults, in SAFE, and says so."""
    fault = FaultSection(at_s=AT_S, device="computer", kind="storage_read_error", for_s=20.0)
    flown = fly("idle", fault, FaultSection(at_s=AT_S + 1.0, device="computer", kind="reset"))
    assert flown.mission.mode_name == Mode.SAFE.name
    assert "system.state_lost" in {name for t_s, name in sent(flown) if t_s > AT_S}


def test_a_slow_disk_is_late_by_degrees() -> None:
    """Nothing is durable before its time."""
    shelf = Shelf()
    storage, disk = shelf.hal.storage, shelf.mission.simulation.disk
    assert [disk.sync_ns - SYNC_NS for _ in shelf.levels("computer/storage_slow_sync", (0.5, 1.0, 0.0))] == [
        seconds(2.5),
        seconds(5.0),
        0,
    ]
    shelf.start("computer/storage_slow_sync", sync_s=3.0)
    ticket = storage.append("log", b"one")
    storage.request_sync()
    shelf.wait(2.9)
    assert storage.synced_through() < ticket
    shelf.wait(0.2)
    assert storage.synced_through() == ticket


# Memory.


def failures(flown: Flown) -> list[str]:
    assert flown.mission.flight is not None
    return [name for name, row in flown.mission.flight.executive.rows.items() if row.failures]


@given(st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)), st.integers(0, 63))
def test_a_second_flip_of_a_bit_heals_the_first(value: Any, bit: int) -> None:
    """And one flip changes the value, unless two zeros differ in sign only."""
    wrong = flipped(value, bit)
    assert type(wrong) is type(value)
    assert wrong != value or (value == 0.0 and bit == 63)
    if not (isinstance(wrong, float) and math.isnan(wrong)):
        assert flipped(wrong, bit) == value


def test_only_what_memory_holds_as_a_number_can_be_flipped() -> None:
    """Anything else is a mistake in the table of cells."""
    with pytest.raises(TypeError, match="no memory of a str"):
        flipped("7", 0)


def test_the_registry_names_the_cells_that_there_are() -> None:
    """One list for the type, one for the act."""
    assert get_args(FieldName) == tuple(CELLS)


def test_nothing_happens_to_a_cell_whose_owner_is_down_or_empty() -> None:
    """The row may be struck out, the charge unknown."""
    assert not store(Cell(None, "soc"), lambda value: value + 1)
    assert not store(Cell([None], 0, item=True), lambda value: value + 1)


def test_every_parameter_can_be_reached() -> None:
    """By its place, counted round."""
    flight = twin("idle", OVER_S).mission.flight
    assert flight is not None
    count = len(flight.core.parameters.packed()) // 10
    keys = {parameter(flight, number).key for number in range(1000)}
    assert mobility.TILT_STOP.parameter_id in keys
    assert len(keys) >= count
    assert parameter(flight, 0).key == parameter(flight, len(keys)).key


@pytest.mark.parametrize("copy", ["used", "first", "second"])
def test_a_flipped_parameter_is_mended_within_a_cycle(copy: str) -> None:
    """By the two copies that are whole, and told.  The next boot knows nothing of it."""
    name, good = "mobility.tilt_stop", mobility.TILT_STOP.default
    args = {"name": name, "bit": 62, "copy": copy}
    flown = broken("memory/parameter_flip", "idle", args)
    assert flown.mission.flight is not None
    assert flown.mission.flight.core.parameters.get(mobility.TILT_STOP) == good
    assert "system.parameter_mended" in flown.raised(AT_S, AT_S + 0.2)
    assert not failures(flown)

    flip = FaultSection(at_s=AT_S, device="memory", kind="parameter_flip", args=args)
    flown = fly("idle", flip, FaultSection(at_s=AT_S + 5.0, device="computer", kind="reset"))
    assert flown.mission.flight is not None
    assert flown.mission.flight.core.parameters.get(mobility.TILT_STOP) == good


def test_a_parameter_that_there_is_not_is_refused() -> None:
    """In a sentence that names the key."""
    with pytest.raises(ConfigError, match="name: no parameter 'mobility"):
        parameters("memory", "parameter_flip", {"name": "mobility.tlit_stop"})


@pytest.mark.parametrize("field", get_args(FieldName))
def test_flight_lives_with_a_flip_of_its_state(field: str) -> None:
    """A high bit of each field: no row fails, no boot comes, and ground is answered."""
    flown = broken("memory/state_flip", "calls", {"field": field, "bit": 61})
    assert flown.mission.flights == 1
    assert not failures(flown)
    assert flown.mission.mode_name in (Mode.IDLE.name, Mode.SAFE.name)


def test_a_flip_of_the_charge_is_seen_by_the_voltage() -> None:
    """Flight counts from the wrong value, and then sees that the cells say otherwise."""
    flown = broken("memory/state_flip", "idle", {"field": "soc", "bit": 62})
    assert flown.mission.flight is not None
    assert "power.soc_disagrees" in flown.raised(AT_S, OVER_S)


# All of it at once.


def test_a_storm_upsets_and_resets_as_often_as_its_rates_say() -> None:
    """The same each time; a fast and strong one resets the rover, which is there afterwards."""
    args = {"speed": 5000.0}
    one, two = (broken("computer/seu_storm", "idle", args) for _ in range(2))
    assert one.mission.flights > 1
    assert one.mission.flights == two.mission.flights
    assert sent(one) == sent(two)
    assert one.mission.recorder.sha256 == two.mission.recorder.sha256


def test_a_quiet_sun_does_nothing_in_a_minute() -> None:
    """A reset a month is none in a run."""
    flown = broken("computer/seu_storm", "idle", {"flux": 1.0, "speed": 1.0})
    assert flown.mission.flights == 1
    assert flown.events == twin("idle", OVER_S).events
