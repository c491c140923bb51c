"""Comms: the downlink goes where a carrier is, at a rate that mode and signal allow; receivers stay on."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given, strategies as st

from flight.blackboard import PowerState
from flight.link.counters import LinkCounters
from flight.link.ports import CommsPorts
from flight.link.rates import choose_rate
from flight.link.windows import MAX_WINDOWS
from flight.loads import Loads
from flight.subsystems.comms import MODE_TARGETS, Comms
from flight.subsystems.comms_config import CommsConfig, RadioConfig
from hal.api.clock import NS_PER_S
from hal.api.config import ConfigError, decode_raw
from hal.api.errors import DeviceError
from telemetry_defs.areas import comms as area
from telemetry_defs.areas.comms import CommsTarget, RadioChoice, RadioName, RateChoice
from telemetry_defs.codec import Codec
from telemetry_defs.definitions import FailureCode, Mode
from tests.fakes.context import Bench, FakeExecution
from tests.fakes.radio import FakeRadio

RELAY = RadioConfig(
    switch="radio_relay",
    beacon_bit_s=700.0,
    nominal_bit_s=140_000.0,
    high_bit_s=285_000.0,
    nominal_rssi_dbm=-125.0,
    high_rssi_dbm=-118.0,
)
LOCAL = RadioConfig(
    switch="radio_local",
    beacon_bit_s=1e6,
    nominal_bit_s=1e6,
    high_bit_s=1e6,
    nominal_rssi_dbm=-100.0,
    high_rssi_dbm=-100.0,
)
CONFIG = CommsConfig(relay=RELAY, local=LOCAL, burst_s=3.0, no_lock_s=60.0, restart_guard_s=600.0)


@dataclass
class Ground:
    """What reaches the core from comms."""

    beacons: list[area.CommsBeacon] = field(default_factory=list)
    restarts: int = 0
    gps_ns: int | None = None

    def frame(self, beacon: area.CommsBeacon) -> bytes:
        self.beacons.append(beacon)
        return bytes(45)

    def restart(self) -> None:
        self.restarts += 1


class Rig:
    """Comms with two fake radios, ticked once a second."""

    def __init__(self, mode: Mode = Mode.IDLE) -> None:
        self.bench = Bench(mode)
        self.clock = self.bench.clock
        self.relay = FakeRadio(self.clock, (700.0, 140_000.0, 285_000.0))
        self.local = FakeRadio(self.clock, (1e6,))
        self.loads = Loads(("radio_relay", "radio_local"), ("radio_relay", "radio_local"))
        self.loads.note("radio_relay", True)
        self.loads.note("radio_local", True)
        self.ground = Ground()
        self.counters = LinkCounters()
        self.comms = self.boot()

    def boot(self) -> Comms:
        """A new incarnation over the same radios."""
        ports = CommsPorts(
            beacon_frame=self.ground.frame,
            request_restart=self.ground.restart,
            gps_now_ns=lambda: self.ground.gps_ns,
            boot_count=7,
            counters=self.counters,
        )
        self.comms = Comms(
            radio_relay=self.relay,
            radio_local=self.local,
            loads=self.loads,
            config=CONFIG,
            context=self.bench.context,
            ports=ports,
        )
        return self.comms

    def enter(self, mode: Mode) -> None:
        self.bench.modes.put(mode)
        self.comms.apply_mode(mode)

    def run(self, duration_s: float) -> None:
        for now_ns in self.bench.every(1.0, duration_s):
            if self.ground.gps_ns is not None:
                self.ground.gps_ns += NS_PER_S
            self.comms.tick(now_ns)

    def command(self, name: str, arguments: msgspec.Struct | None = None) -> FakeExecution:
        execution = FakeExecution()
        self.comms.handlers()[name](arguments, execution)
        return execution


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_every_mode_has_a_target() -> None:
    """The table of targets is complete."""
    assert set(MODE_TARGETS) == set(Mode)


def test_local_link_is_preferred_and_relay_takes_over(rig: Rig) -> None:
    """With both carriers the local radio carries the downlink; when it fades, the relay does, else nobody."""
    rig.enter(Mode.DRIVE)
    rig.relay.locked = rig.local.locked = True
    rig.run(2)
    assert (rig.local.rate_bit_s, rig.relay.rate_bit_s) == (1e6, 0.0)
    rig.local.locked = False
    rig.run(2)
    assert (rig.local.rate_bit_s, rig.relay.rate_bit_s) == (0.0, 140_000.0)
    assert rig.bench.board.comms is not None
    assert rig.bench.board.comms.downlink_radio == "relay"
    rig.relay.locked = False
    rig.run(20)
    assert (rig.local.rate_bit_s, rig.relay.rate_bit_s) == (0.0, 0.0)
    assert rig.comms.downlink() is None
    moved = [msgspec.to_builtins(event) for event in rig.bench.events.of(area.DOWNLINK_MOVED)]
    assert moved == [
        {"radio": RadioName.LOCAL, "rate_bit_s": 1e6},
        {"radio": RadioName.RELAY, "rate_bit_s": 140_000.0},
        {"radio": None, "rate_bit_s": 0.0},
    ]


@pytest.mark.parametrize(
    ("mode", "rate_bit_s"),
    [(Mode.DRIVE, 140_000.0), (Mode.COMM, 285_000.0), (Mode.SAFE, 700.0), (Mode.HIBERNATE, 700.0)],
)
def test_rate_follows_mode(rig: Rig, mode: Mode, rate_bit_s: float) -> None:
    """Each mode has its rate on the relay; HIBERNATE says farewell at the lowest."""
    rig.relay.locked = True
    rig.enter(Mode.DRIVE)
    rig.run(1)
    rig.enter(mode)
    rig.comms.telecommand_accepted(rig.clock.now_ns(), "relay")
    rig.run(2)
    assert rig.relay.rate_bit_s == rate_bit_s


def test_hibernate_says_farewell_between_two_bursts(rig: Rig) -> None:
    """Entering HIBERNATE opens the downlink at once and sends a beacon: the next burst would come too late."""
    rig.relay.locked = True
    rig.enter(Mode.SAFE)
    rig.run(10)
    assert rig.comms.downlink() is None
    beacons = len(rig.ground.beacons)

    rig.enter(Mode.HIBERNATE)
    rig.run(1)

    assert rig.comms.downlink() is not None
    assert len(rig.ground.beacons) == beacons + 1


@pytest.mark.parametrize(("rssi_dbm", "rate_bit_s"), [(-110.0, 285_000.0), (-119.0, 140_000.0), (-126.0, 700.0)])
def test_rate_follows_signal(rig: Rig, rssi_dbm: float, rate_bit_s: float) -> None:
    """A weak signal takes the rate down, whatever the mode wants."""
    rig.relay.locked, rig.relay.rssi_dbm = True, rssi_dbm
    rig.enter(Mode.COMM)
    rig.run(1)
    assert rig.relay.rate_bit_s == rate_bit_s


def test_a_signal_of_unknown_strength_carries_the_lowest_rate(rig: Rig) -> None:
    """The link counts as open, at the rate that even the weakest signal carries; housekeeping says "not known"."""
    rig.relay.locked, rig.relay.rssi_dbm = True, None
    rig.enter(Mode.COMM)
    rig.run(1)
    assert rig.relay.rate_bit_s == RELAY.beacon_bit_s
    packet = rig.comms.housekeeping()
    assert packet.relay_locked
    assert packet.relay_rssi_dbm is None
    codec = Codec(area.CommsHk)
    assert codec.unpack(codec.pack(packet)).relay_rssi_dbm is None


def test_a_radio_with_one_rate_needs_no_signal_report(rig: Rig) -> None:
    """A modem that never tells its signal strength still carries the downlink at the rate it has."""
    rig.local.locked, rig.local.rssi_dbm = True, None
    rig.run(1)
    assert rig.comms.downlink() is not None
    assert rig.local.rate_bit_s == LOCAL.high_bit_s


@given(
    target=st.sampled_from(CommsTarget),
    ground=st.sampled_from(RateChoice),
    rssi_dbm=st.none() | st.floats(-200.0, 0.0),
    now_bit_s=st.sampled_from([0.0, 700.0, 140_000.0, 285_000.0]),
)
def test_chosen_rate_is_stable(
    target: CommsTarget, ground: RateChoice, rssi_dbm: float | None, now_bit_s: float
) -> None:
    """The rate is always one the radio has, and choosing again with nothing changed changes nothing."""
    rate = choose_rate(RELAY, target, ground, rssi_dbm, now_bit_s)
    assert rate in (700.0, 140_000.0, 285_000.0)
    assert choose_rate(RELAY, target, ground, rssi_dbm, rate) == rate


def test_fading_does_not_make_the_rate_hunt(rig: Rig) -> None:
    """A signal within 3 dB of a threshold keeps the rate it has."""
    rig.enter(Mode.COMM)
    rig.relay.locked, rig.relay.rssi_dbm = True, -117.0
    rig.run(1)
    rates = []
    for rssi_dbm in (-118.5, -117.0, -118.5, -116.0):
        rig.relay.rssi_dbm = rssi_dbm
        rig.run(1)
        rates.append(rig.relay.rate_bit_s)
    assert rates == [140_000.0] * 4


def test_ground_fixes_radio_and_rate(rig: Rig) -> None:
    """Ground's radio and rate are used while that link is open; a closed one never silences the rover."""
    rig.enter(Mode.DRIVE)
    rig.relay.locked = rig.local.locked = True
    rig.command("comms.select_radio", area.SelectRadio(radio=RadioChoice.RELAY))
    rig.command("comms.set_rate", area.SetRate(radio=RadioName.RELAY, rate=RateChoice.HIGH))
    rig.run(1)
    assert (rig.relay.rate_bit_s, rig.local.rate_bit_s) == (285_000.0, 0.0)
    rig.relay.locked = False
    rig.run(20)
    assert (rig.relay.rate_bit_s, rig.local.rate_bit_s) == (0.0, 1e6)


def test_economy_sends_in_bursts_until_ground_is_there(rig: Rig) -> None:
    """In CHARGE the transmitter is on a tenth of the time, but all of it for two minutes after a telecommand."""
    rig.enter(Mode.CHARGE)
    rig.relay.locked = True
    on_s = sum(_on_for(rig, 1.0) for _ in range(300))
    assert 20 <= on_s <= 60
    rig.comms.telecommand_accepted(rig.clock.now_ns(), "relay")
    assert sum(_on_for(rig, 1.0) for _ in range(119)) == 119


def test_refused_telecommand_is_answered_at_once(rig: Rig) -> None:
    """A frame that leads to no accepted telecommand keeps the transmitter on too: its refusal must get down."""
    rig.enter(Mode.CHARGE)
    rig.relay.locked = True
    rig.run(10)
    assert rig.relay.rate_bit_s == 0.0
    rig.counters.frames_received += 1
    rig.run(1)
    assert rig.comms.downlink() is not None
    assert rig.comms.command_loss_age_s == 11.0


def test_local_link_is_not_saved_on(rig: Rig) -> None:
    """In IDLE and CHARGE the cheap local transmitter stays on; in SAFE it sends in bursts as well."""
    rig.enter(Mode.CHARGE)
    rig.local.locked = True
    rig.run(1)
    on = []
    for _ in range(60):
        rig.run(1)
        on.append(rig.local.rate_bit_s > 0.0)
    assert all(on)
    rig.enter(Mode.SAFE)
    rig.run(10)
    assert rig.local.rate_bit_s == 0.0


def _on_for(rig: Rig, step_s: float) -> bool:
    rig.run(step_s)
    return rig.relay.rate_bit_s > 0.0


def test_burst_ends_only_when_the_buffer_is_empty(rig: Rig) -> None:
    """A frame given late in a burst still goes out whole, even at the lowest rate."""
    rig.enter(Mode.SAFE)
    rig.relay.locked = True
    rig.run(2)
    rig.relay.send(bytes(800))  # 9 s at 0.7 kbit/s
    rig.run(7)
    assert rig.comms.downlink() is None
    assert rig.relay.rate_bit_s == 700.0
    rig.run(10)
    assert rig.relay.rate_bit_s == 0.0


def test_budget_follows_the_rate(rig: Rig) -> None:
    """Over a minute of cycles the radio is offered what its rate carries, never more than its buffer holds."""
    rig.enter(Mode.DRIVE)
    rig.relay.locked = True
    rig.run(1)
    given_bytes = 0
    for cycle in range(600):
        now_ns = rig.clock.advance_s(0.1)
        if cycle % 10 == 0:
            rig.comms.tick(now_ns)
        route = rig.comms.downlink()
        assert route is not None
        radio, budget = route
        assert radio.send(bytes(budget)) == budget
        rig.comms.sent(budget)
        given_bytes += budget
    assert given_bytes == pytest.approx(140_000.0 / 8 * 60, rel=0.01)
    assert rig.comms.housekeeping().bytes_sent == given_bytes


def test_budget_never_exceeds_the_buffer(rig: Rig) -> None:
    """A transmit buffer that others filled leaves only its free bytes to be given."""
    rig.enter(Mode.DRIVE)
    rig.relay.locked = True
    rig.run(5)
    rig.relay.send(bytes(32_768 - 500))
    rig.comms.tick(rig.clock.now_ns())
    route = rig.comms.downlink()
    assert route is not None
    assert route[1] <= 500


def test_longest_frame_fits_at_the_lowest_rate(rig: Rig) -> None:
    """However low the rate, the credit grows until the longest frame fits."""
    rig.enter(Mode.SAFE)
    rig.relay.locked = True
    rig.comms.telecommand_accepted(rig.clock.now_ns(), "relay")
    rig.run(20)
    route = rig.comms.downlink()
    assert route is not None
    assert route[1] >= 1_031


def test_receiver_found_off_is_switched_on(rig: Rig) -> None:
    """A receiver without power is asked for at once, reported once, and told to listen again."""
    rig.run(2)
    rig.loads.note("radio_relay", False)
    rig.loads.request("radio_relay", False)
    rig.relay.powered = False
    rig.run(3)
    assert rig.bench.events.count(area.RECEIVER_OFF) == 1
    assert rig.loads.wanted("radio_relay")
    rig.loads.note("radio_relay", True)
    rig.relay.powered, rig.relay.receiver_on = True, False
    rig.run(10)
    assert rig.relay.receiver_on
    assert rig.bench.events.count(area.RADIO_RECOVERED) == 1


def test_receiver_switched_off_behind_our_back_comes_back(rig: Rig) -> None:
    """The receiver is refreshed: one that was switched off inside the radio listens again within 10 s."""
    rig.run(1)
    rig.relay.receiver_on = False
    rig.run(10)
    assert rig.relay.receiver_on


def test_silent_radio_is_reported_once_and_recovers(rig: Rig) -> None:
    """A radio that does not answer: one event, the other takes over, tries with back-off, one event on recovery."""
    rig.enter(Mode.DRIVE)
    rig.relay.locked = rig.local.locked = True
    rig.run(1)
    rig.local.silent = True
    rig.run(60)
    assert rig.bench.events.count(area.RADIO_FAULT) == 1
    assert rig.relay.rate_bit_s == 140_000.0
    assert rig.comms.housekeeping().local_fault is True
    assert rig.comms.housekeeping().local_locked is None
    assert rig.bench.board.comms is not None
    assert not rig.bench.board.comms.local_locked
    rig.local.silent = False
    rig.run(70)
    assert rig.bench.events.count(area.RADIO_RECOVERED) == 1
    assert rig.local.rate_bit_s == 1e6


def test_dead_transmitter_moves_the_downlink(rig: Rig) -> None:
    """A radio that hears but cannot transmit leaves the downlink to the other one."""
    rig.enter(Mode.DRIVE)
    rig.relay.locked = rig.local.locked = True
    rig.local.broken_transmitter = True
    rig.run(3)
    assert rig.relay.rate_bit_s == 140_000.0
    assert rig.bench.events.count(area.RADIO_FAULT) == 1


def test_radio_that_refuses_frames_moves_the_downlink(rig: Rig) -> None:
    """A radio whose send fails is left, and is only sound again once it takes bytes."""
    rig.enter(Mode.DRIVE)
    rig.relay.locked = rig.local.locked = True
    rig.run(1)
    rig.comms.send_failed()
    assert rig.comms.downlink() is None
    now_ns = rig.clock.advance_s(0.1)
    rig.comms.tick(now_ns)
    assert rig.relay.rate_bit_s == 140_000.0
    rig.run(2)  # the back-off has run: tried again
    assert rig.local.rate_bit_s == 1e6
    assert rig.bench.events.count(area.RADIO_RECOVERED) == 0
    rig.comms.sent(100)
    assert rig.bench.events.count(area.RADIO_RECOVERED) == 1
    assert rig.comms.housekeeping().send_failures == 1


def test_make_safe_reaches_both_radios(rig: Rig) -> None:
    """Both transmitters are switched off and receivers on, even if the first radio fails; the failure is told."""
    rig.enter(Mode.DRIVE)
    rig.local.locked = True
    rig.run(1)
    rig.relay.silent, rig.local.receiver_on = True, False
    with pytest.raises(DeviceError):
        rig.comms.make_safe()
    assert rig.local.rate_bit_s == 0.0
    assert rig.local.receiver_on
    assert rig.comms.downlink() is None


def test_beacon_without_a_link(rig: Rig) -> None:
    """With no carrier the relay radio beacons blindly every 30 s at the lowest rate and is off in between."""
    rig.bench.board.power = PowerState(
        time_ns=rig.clock.now_ns(),
        soc=0.5,
        bus_voltage_v=25.0,
        battery_current_a=0.0,
        array_w=80.0,
        shed_level=0,
        charge_inhibited=False,
    )
    on_s = sum(_on_for(rig, 1.0) for _ in range(120))
    assert len(rig.ground.beacons) == 4
    assert 4 <= on_s <= 16
    first, last = rig.ground.beacons[0], rig.ground.beacons[-1]
    assert (first.mode, first.boot_count, first.soc) == (Mode.IDLE, 7, 0.5)
    assert last.soc is None  # stale by now
    assert len(rig.relay.sent) == 4 * 45
    assert not rig.local.sent


def test_blind_beacon_by_the_other_radio(rig: Rig) -> None:
    """When the relay radio is dead the local one beacons."""
    rig.relay.silent = True
    rig.run(5)
    assert len(rig.local.sent) == 45


def test_beacon_in_safe_and_on_request(rig: Rig) -> None:
    """With a link the beacon goes out in SAFE, and elsewhere only when ground asks for it."""
    rig.local.locked = True
    rig.run(90)
    assert not rig.ground.beacons
    rig.command("comms.beacon_on", area.SetBeacon(on=True))
    rig.run(60)
    assert len(rig.ground.beacons) == 2
    rig.command("comms.beacon_on", area.SetBeacon(on=False))
    rig.enter(Mode.SAFE)
    rig.run(60)
    assert len(rig.ground.beacons) == 4


def test_window_opens_the_relay_without_lock(rig: Rig) -> None:
    """Inside an announced window telemetry goes out at the lowest rate even unheard, and the missing lock is told."""
    rig.enter(Mode.DRIVE)
    rig.ground.gps_ns = 2_000_000_000 * NS_PER_S
    window = area.SetWindow(start_gps_s=2_000_000_100, stop_gps_s=2_000_000_300)
    assert rig.command("comms.set_window", window).failure is None
    rig.run(90)
    assert rig.comms.downlink() is None
    rig.run(20)
    assert rig.comms.downlink() is not None
    assert rig.relay.rate_bit_s == 700.0
    rig.run(120)
    assert rig.bench.events.count(area.WINDOW_NO_LOCK) == 1
    rig.run(120)
    assert rig.comms.downlink() is None
    assert rig.comms.housekeeping().windows == 0


def test_windows_mean_nothing_without_time(rig: Rig) -> None:
    """While on-board time is not trusted no window is open."""
    rig.command("comms.set_window", area.SetWindow(start_gps_s=1, stop_gps_s=4_000_000_000))
    rig.run(5)
    assert rig.comms.housekeeping().in_window is False


def test_window_table_refuses(rig: Rig) -> None:
    """An ending before its start and a full table are refused, and ground can clear the table."""
    backwards = area.SetWindow(start_gps_s=200, stop_gps_s=100)
    assert rig.command("comms.set_window", backwards).failure is FailureCode.REFUSED
    for number in range(MAX_WINDOWS):
        window = area.SetWindow(start_gps_s=number + 1, stop_gps_s=number + 100)
        assert rig.command("comms.set_window", window).failure is None
    assert rig.command("comms.set_window", window).failure is FailureCode.LIMIT
    rig.command("comms.clear_windows")
    assert rig.comms.housekeeping().windows == 0


def test_housekeeping_and_beacon_travel(rig: Rig) -> None:
    """Both packets survive the wire, with and without answers from the radios."""
    rig.relay.silent = True
    rig.local.locked = True
    rig.run(2)
    for value in (rig.comms.housekeeping(), rig.comms.beacon()):
        codec = Codec(type(value))
        back = codec.unpack(codec.pack(value))
        assert codec.pack(back) == codec.pack(value)
        assert codec.saturation_count == 0


def test_configuration_relations() -> None:
    """Rates that fall, or two radios on one switch, are refused by name."""
    good = msgspec.to_builtins(CONFIG)
    falling = {**good, "relay": {**good["relay"], "high_bit_s": 100.0}}
    with pytest.raises(ConfigError, match=r"\[relay\].*must not fall"):
        decode_raw(falling, CommsConfig, "rover.toml")
    with pytest.raises(ConfigError, match="must differ"):
        decode_raw({**good, "local": {**good["local"], "switch": "radio_relay"}}, CommsConfig, "rover.toml")


def test_dead_radio_is_left_alone(rig: Rig) -> None:
    """A dead radio is probed with back-off: over ten minutes a handful of times, not six hundred."""
    rig.relay.silent = True
    rig.run(600)
    assert rig.relay.calls <= 15
