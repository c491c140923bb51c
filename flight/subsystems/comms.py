"""Communications: receivers kept on, one transmitter chosen and keyed, beacon, command-loss timer.

The link with a carrier carries the downlink, the local one first.  What a mode wants of the transmitter is its
`CommsTarget`: continuous, or in bursts to save the 15 W of the relay transmitter.  For a while after each frame from
the ground the transmitter stays on whatever the mode, so that ground sees its answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from flight.blackboard import CommsState
from flight.context import Context, Handler
from flight.link.beacon import build_beacon
from flight.link.command_loss import CommandLoss
from flight.link.ground import GroundChoices
from flight.link.ports import CommsPorts
from flight.link.selector import DownlinkSelector
from flight.link.transceiver import Transceiver
from flight.loads import LoadRequests
from flight.persistence import Persistent
from flight.subsystems.comms_config import CommsConfig
from hal.api.clock import NS_PER_S, seconds
from hal.api.devices import Radio
from hal.api.errors import DeviceError
from telemetry_defs.areas import comms as area
from telemetry_defs.areas.comms import CommsTarget, RadioName
from telemetry_defs.definitions import Mode

MODE_TARGETS: Final[Mapping[Mode, CommsTarget]] = MappingProxyType(
    {
        Mode.INIT: CommsTarget.NOMINAL,
        Mode.STOWED: CommsTarget.NOMINAL,
        Mode.SERVICE: CommsTarget.NOMINAL,
        Mode.EGRESS: CommsTarget.NOMINAL,
        Mode.IDLE: CommsTarget.ECONOMY,
        Mode.CHARGE: CommsTarget.ECONOMY,
        Mode.DRIVE: CommsTarget.NOMINAL,
        Mode.SCIENCE: CommsTarget.NOMINAL,
        Mode.COMM: CommsTarget.HIGH,
        Mode.THERMAL_HOLD: CommsTarget.BEACON,
        Mode.HIBERNATE: CommsTarget.FAREWELL,
        Mode.WAKE: CommsTarget.BEACON,
        Mode.SAFE: CommsTarget.BEACON,
    }
)

LONGEST_DRAIN_NS: Final = 15 * NS_PER_S
"""After a burst the transmitter stays on until its buffer is empty: the longest frame takes 12 s at 0.7 kbit/s."""


class Comms:
    """Both radios, their loads, and the command-loss timer."""

    def __init__(
        self,
        *,
        radio_relay: Radio,
        radio_local: Radio,
        loads: LoadRequests,
        config: CommsConfig,
        context: Context,
        ports: CommsPorts,
    ) -> None:
        self._config = config
        self._context = context
        self._ports = ports
        events = context.events
        self._relay = Transceiver(
            name=RadioName.RELAY, radio=radio_relay, config=config.relay, loads=loads, events=events
        )
        self._local = Transceiver(
            name=RadioName.LOCAL, radio=radio_local, config=config.local, loads=loads, events=events
        )
        self._both = (self._relay, self._local)
        self._ground = GroundChoices()
        self._selector = DownlinkSelector(self._relay, self._local, self._ground, events)
        self._loss = CommandLoss(
            context=context,
            ground=self._ground,
            restart=ports.request_restart,
            restart_guard_s=config.restart_guard_s,
        )
        self._target = MODE_TARGETS[context.modes.mode]
        self._in_window = False
        self._no_lock = Persistent(seconds(config.no_lock_s))
        self._no_lock_told = False
        self._burst_due_ns = self._burst_end_ns = context.clock.now_ns()
        self._sending = False
        self._heard_ns: int | None = None
        self._frames_seen = ports.counters.frames_received
        self._beacons = 0
        self._bytes_sent = 0

    # The row.

    def tick(self, now_ns: int) -> None:
        """Look after both radios, choose the downlink, send the beacon when it is due."""
        self._relay.look(now_ns)
        self._local.look(now_ns)
        self._watch_windows(now_ns)
        self._watch_ground(now_ns)
        if self._loss.tick(now_ns):
            self._burst_due_ns = now_ns
        self._selector.choose(now_ns, self._target, self._in_window)
        chosen = self._selector.chosen
        beacon_due = self._start_burst(now_ns)
        self._sending = chosen is not None and (self._continuous(now_ns) or now_ns < self._burst_end_ns)
        blind = self._blind_radios(now_ns) if beacon_due and chosen is None else ()
        self._key(now_ns, blind)
        if beacon_due:
            self._send_beacon(now_ns, blind if chosen is None else (chosen,))
        self._publish(now_ns)

    def make_safe(self) -> None:
        """Transmitters off, receivers on; both are tried even if one fails.

        Raises:
            DeviceError: of the last radio that failed.
        """
        self._sending = False
        failure: DeviceError | None = None
        for transceiver in self._both:
            try:
                transceiver.make_safe()
            except DeviceError as error:
                failure = error
        if failure is not None:
            raise failure

    def apply_mode(self, mode: Mode) -> None:
        """Take up the target of `mode`; a farewell begins at once, for the computer is off within seconds."""
        self._target = MODE_TARGETS[mode]
        if self._target is CommsTarget.FAREWELL:
            self._burst_due_ns = self._context.clock.now_ns()

    def handlers(self) -> Mapping[str, Handler]:
        """Telecommands of this area."""
        return self._ground.handlers()

    # What the core's rows ask.

    def downlink(self) -> tuple[Radio, int] | None:
        """The radio to send on and how many bytes it may be given now; None while there is no link."""
        chosen = self._selector.chosen
        if chosen is None or not self._sending or chosen.rate_bit_s == 0.0:
            return None
        return chosen.radio, chosen.budget(self._context.clock.now_ns())

    def sent(self, byte_count: int) -> None:
        """How many bytes of the budget were used."""
        self._bytes_sent += byte_count
        if self._selector.chosen is not None and self._sending:  # not when the same cycle ended in a failed send
            self._selector.chosen.spent(byte_count)

    def send_failed(self) -> None:
        """The radio of the downlink raised while it was given a frame: the other one takes over."""
        self._ports.counters.send_failures += 1
        self._sending = False
        if self._selector.chosen is not None:
            self._selector.chosen.send_failed(self._context.clock.now_ns())

    def telecommand_accepted(self, now_ns: int, radio_name: str) -> None:
        """A valid telecommand came: ground is there, whichever radio heard it."""
        del radio_name
        self._heard_ns = now_ns
        self._loss.telecommand_accepted(now_ns)

    @property
    def command_loss_age_s(self) -> float:
        """For the state image: time on since the last telecommand, s."""
        return self._loss.age_s

    @property
    def relay_windows(self) -> list[tuple[int, int]]:
        """Windows that ground has announced, to be kept over a restart."""
        return self._ground.windows.kept()

    def restore(self, age_s: float, relay_windows: Sequence[tuple[int, int]] = ()) -> None:
        """Go on with command-loss timer and windows as saved before a restart."""
        self._loss.restore(age_s)
        self._ground.windows.restore(relay_windows)

    # Windows, bursts, transmitters.

    def _watch_windows(self, now_ns: int) -> None:
        self._in_window = self._ground.windows.inside(self._ports.gps_now_ns())
        unlocked = self._no_lock.update(now_ns, self._in_window and not self._relay.locked)
        if unlocked and not self._no_lock_told:
            self._context.events.emit(area.WINDOW_NO_LOCK, area.WhichRadio(radio=RadioName.RELAY))
        self._no_lock_told = unlocked

    def _watch_ground(self, now_ns: int) -> None:
        """Whoever sends frames waits for an answer, be it a refusal."""
        frames = self._ports.counters.frames_received
        if frames != self._frames_seen:
            self._frames_seen = frames
            self._heard_ns = now_ns

    def _continuous(self, now_ns: int) -> bool:
        """Whether the transmitter of an open link stays on, rather than sending in bursts."""
        if self._target in (CommsTarget.NOMINAL, CommsTarget.HIGH):
            return True
        if self._target is CommsTarget.ECONOMY and self._selector.chosen is self._local:
            return True  # a quarter of the relay's power
        attended_ns = seconds(self._context.parameters.get(area.ATTENDED_S))
        return self._heard_ns is not None and now_ns - self._heard_ns < attended_ns

    def _start_burst(self, now_ns: int) -> bool:
        """Begin the next burst when it is due; whether a beacon goes with it."""
        if now_ns < self._burst_due_ns:
            return False
        self._burst_due_ns = now_ns + seconds(self._context.parameters.get(area.BEACON_PERIOD_S))
        self._burst_end_ns = now_ns + seconds(self._config.burst_s)
        in_need = self._selector.chosen is None or self._target in (CommsTarget.BEACON, CommsTarget.FAREWELL)
        return in_need or self._ground.beacon_always or self._loss.level > 0

    def _blind_radios(self, now_ns: int) -> tuple[Transceiver, ...]:
        """Who beacons when nobody is heard: the relay radio, else the local one; both once commands are missed."""
        usable = tuple(transceiver for transceiver in self._both if transceiver.usable(now_ns))
        return usable if self._loss.level > 0 else usable[:1]

    def _key(self, now_ns: int, blind: tuple[Transceiver, ...]) -> None:
        """Bring both transmitters to what they should be."""
        for transceiver in self._both:
            if transceiver is self._selector.chosen and self._sending:
                transceiver.key(now_ns, self._selector.rate_bit_s)
            elif transceiver in blind:
                transceiver.key(now_ns, transceiver.config.beacon_bit_s)
            elif self._draining(transceiver, now_ns):
                transceiver.key(now_ns, transceiver.rate_bit_s)
            else:
                transceiver.key(now_ns, 0.0)

    def _draining(self, transceiver: Transceiver, now_ns: int) -> bool:
        """Whether the transmitter is still busy with what it was given before."""
        busy = transceiver.rate_bit_s > 0.0 and not transceiver.drained()
        return busy and now_ns < self._burst_end_ns + LONGEST_DRAIN_NS

    def _send_beacon(self, now_ns: int, radios: tuple[Transceiver, ...]) -> None:
        for transceiver in radios:
            if transceiver.rate_bit_s > 0.0 and transceiver.send(now_ns, self._ports.beacon_frame(self.beacon())):
                self._beacons += 1

    # Reports.

    def _publish(self, now_ns: int) -> None:
        chosen = self._selector.chosen
        self._context.board.comms = CommsState(
            time_ns=now_ns,
            relay_locked=self._relay.locked,
            local_locked=self._local.locked,
            last_telecommand_ns=self._loss.last_telecommand_ns,
            downlink_radio=None if chosen is None else chosen.name.name.lower(),
            downlink_rate_bit_s=self._selector.rate_bit_s,
        )

    def beacon(self) -> area.CommsBeacon:
        """The beacon now."""
        return build_beacon(self._context, self._loss, self._ports.boot_count)

    def housekeeping(self) -> area.CommsHk:
        """`comms.hk` now."""
        chosen, counters = self._selector.chosen, self._ports.counters
        relay, local = self._relay.status, self._local.status
        return area.CommsHk(
            target=self._target,
            choice=self._ground.radio,
            downlink_radio=None if chosen is None else chosen.name,
            downlink_rate_bit_s=self._selector.rate_bit_s,
            relay_locked=None if relay is None else relay.locked,
            relay_rssi_dbm=None if relay is None else relay.rssi_dbm,
            relay_tx_rate_bit_s=None if relay is None else relay.tx_rate_bit_s,
            relay_fault=self._relay.failing,
            local_locked=None if local is None else local.locked,
            local_rssi_dbm=None if local is None else local.rssi_dbm,
            local_tx_rate_bit_s=None if local is None else local.tx_rate_bit_s,
            local_fault=self._local.failing,
            command_loss_level=self._loss.level,
            command_age_s=self._loss.age_s,
            windows=len(self._ground.windows),
            in_window=self._in_window,
            beacons=self._beacons,
            bytes_received=counters.bytes_received,
            frames_received=counters.frames_received,
            frames_bad=counters.frames_bad,
            rx_overflow_bytes=sum(status.rx_overflow_bytes for status in (relay, local) if status is not None),
            packets_sent=counters.packets_sent,
            bytes_sent=self._bytes_sent,
            send_failures=counters.send_failures,
        )
