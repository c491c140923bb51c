"""One simulated rover in one simulated world, and the lives of its flight computer.

`run_until_boot`, `boot`, run flight on the `Hal` it returns, and again: that is a mission.  `ComputerStopped` coming
out of flight means that this simulation has already done everything a computer without power can no longer do.
"""

from __future__ import annotations

from typing import Final

from hal.api.board import Hal
from hal.api.clock import NS_PER_S
from hal.api.values import ResetCause
from hal.api.wiring import Hardware
from sim_hal.channel import LOCAL, RELAY, Channel, RadioSpec
from sim_hal.clock import Rank, SimClock
from sim_hal.controller import Controller
from sim_hal.devices.rack import LastingParts, Rack
from sim_hal.devices.rtc import RtcChip
from sim_hal.devices.watchdog import WatchdogChip
from sim_hal.disk import Disk
from sim_hal.link import Link
from sim_hal.mathid import math_id
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from sim_hal.start import Start
from sim_hal.wired.bay import WireBay
from sim_hal.wired.rack import WireRack
from sim_hal.world.site import Site
from sim_hal.world.truth import TruthRecorder
from sim_hal.world.vehicle_file import VehicleFile
from sim_hal.world.world import World
from sim_hal.world_values import sources

REBOOT_NS: Final = 2 * NS_PER_S
"""From reset to flight's first instruction."""
RTC_DRIFT_PPM: Final = 3.5
TRUTH_S: Final = 1.0
TRUTH_OFF_S: Final = 60.0


class Simulation:
    """Owns clock, world, links, disk and power controller; hands out one `Hal` for each life of flight."""

    def __init__(
        self,
        *,
        site: Site,
        vehicle: VehicleFile,
        start: Start,
        seed: int,
        truth_s: float | None = TRUTH_S,
        wiring: Hardware | None = None,
    ) -> None:
        """`truth_s` is the sampling period of the truth while a computer runs; None records nothing.

        With `wiring` flight gets the real drivers, on simulated wires to emulated chips.
        """
        clock = SimClock()
        self.clock: SimClock = clock
        self.seed = seed
        world = World(clock, vehicle, site, start, latched=wiring is not None)
        self.world: World = world
        self.disk = Disk(clock, Noise(seed, "disk"))
        self.links: dict[str, Link] = {spec.name: self._link(spec) for spec in (RELAY, LOCAL)}
        self.controller = Controller(clock, world.energy, self._controller_wakes)
        self._watchdog = WatchdogChip(clock, lambda: self.stop(ResetCause.WATCHDOG))
        self.rtc = RtcChip(clock, world.gps_ns if start.rtc_valid else None, RTC_DRIFT_PPM)
        rack = Rack(
            LastingParts(
                seed=seed,
                clock=clock,
                world=world,
                disk=self.disk,
                relay=self.links["relay"],
                local=self.links["local"],
                controller=self.controller,
                watchdog=self._watchdog,
                rtc=self.rtc,
            )
        )
        self._rack: Rack | WireRack = rack
        self.bay: WireBay | None = None
        """The wires and emulated chips, at wire depth."""
        if wiring is not None:
            self.bay = WireBay(clock=clock, world=world, link=self.links["local"], wiring=wiring, seed=seed)
            self._rack = WireRack(rack, self.bay)
        self._plug: Plug | None = None
        self._cause = ResetCause.POWER_ON
        self._boot_ns: int | None = 0 if start.computer_on else None
        self._hung = False
        self.boots = 0
        world.bus_died = self._bus_died
        world.transmit_w = self._transmit_w
        world.looked = self._see_links
        self._truth_s = truth_s
        self.truth = TruthRecorder(clock, sources(self))
        self._see_links()
        self._quiet(sleeping=not start.computer_on)
        if not start.computer_on:
            self.controller.switch_off()

    # The lives of the computer.

    @property
    def computer_on(self) -> bool:
        """Whether a life of flight is plugged in now."""
        return self._plug is not None

    @property
    def math_id(self) -> str:
        """Fingerprint of the floating-point library that this run stands on."""
        return math_id()

    def run_until_boot(self, limit_ns: int) -> bool:
        """Let the world run with its computer off until it boots; False if `limit_ns` came first.

        Raises:
            RuntimeError: the computer is on.
        """
        if self._plug is not None:
            raise RuntimeError("the computer is on; end its life before you wait for the next one")
        while self._boot_ns is None or self._boot_ns > self.clock.now_ns():
            target_ns = limit_ns if self._boot_ns is None else min(limit_ns, self._boot_ns)
            if self.clock.advance_to(target_ns) and self.clock.now_ns() >= limit_ns:
                return self._boot_ns is not None and self._boot_ns <= limit_ns
        return True

    def boot(self) -> Hal:
        """Begin a new life: power up and hand out fresh devices."""
        plug = self.power_up()
        self._watchdog.start()
        return self._rack.plug_in(plug, self._cause, lambda: self.stop(ResetCause.WAKE_TIMER, sleeping=True))

    def power_up(self) -> Plug:
        """Power for a computer that brings its own devices, another process at the end of the wires for instance."""
        plug = self._plug = Plug(self.clock)
        self._boot_ns = None
        self.boots += 1
        self.controller.computer_up()
        self.world.energy.computer_on = True
        for link in self.links.values():
            link.computer_listens = True
        self.world.run_grids(coarse=False)
        self._record(self._truth_s)
        return plug

    def stop(self, cause: ResetCause, *, sleeping: bool = False, off_ns: int = REBOOT_NS) -> None:
        """The computer stops here and now; it boots again after `off_ns`, or if `sleeping` when the controller says.

        From a callback of the world, flight gets `ComputerStopped` out of its sleep; from flight's own context
        (a device) it is raised here.
        """
        running = self._plug is not None
        if not running and not self._hung:
            return
        word = "HIBERNATE" if sleeping else cause.name
        self._unplug(word)
        self.disk.cut()
        self._cause = cause
        if sleeping:
            self.controller.switch_off()
        else:
            self._boot_ns = self.clock.now_ns() + off_ns
        self._quiet(sleeping=sleeping)
        if running:
            self.clock.stop_computer(word)
        else:
            self.clock.halt()

    def hang(self) -> None:
        """Flight stops executing here and now; outputs stay as long as their holds, until the watchdog bites."""
        if self._plug is None:
            return
        self._plug.pull("HANG")
        self._plug = None
        self._hung = True
        self.clock.stop_computer("HANG")

    def process_ended(self, cause: ResetCause) -> None:
        """Flight's process ended by itself while the computer runs on: the supervisor starts it again, disk intact."""
        if self._plug is None:
            return
        self._unplug(cause.name)
        self._cause = cause
        self._boot_ns = self.clock.now_ns() + REBOOT_NS
        self._quiet(sleeping=False)

    def halt_computer(self) -> None:
        """Flight's process ended for good and the supervisor leaves it so: outputs safe, receivers on, nobody home."""
        self._unplug("HALTED")
        self._quiet(sleeping=True)

    def power_cut(self, for_s: float) -> None:
        """Cut the computer's power now, for `for_s`."""
        self.stop(ResetCause.POWER_CUT, off_ns=round(for_s * NS_PER_S))

    def end_watch(self) -> None:
        """Take the hardware watchdog out until the next boot, as a test bench does with a jumper."""
        self._watchdog.stop()

    # Links.

    def add_gap(self, radio: str, start_ns: int, stop_ns: int) -> None:
        """No carrier on `radio` ("relay" or "local") between two simulated times."""
        channel = self.links[radio].channel

        def change(by: int) -> None:
            channel.gaps += by

        self.clock.at(start_ns, Rank.SCENARIO, lambda: change(1))
        self.clock.at(stop_ns, Rank.SCENARIO, lambda: change(-1))

    def listening(self, radio: str) -> bool:
        """Whether the rover's receiver of `radio` has power and is on."""
        if self.world.energy.bus.dead:
            return False
        if self.controller.holds_off:
            return self.controller.receiver_on
        return self.links[radio].receiver_on and self.world.load_on(f"radio_{radio}", self.clock.now_ns())

    def _see_links(self) -> None:
        """Take what the radios see from the world's view of its sky."""
        view = self.world.view
        relay, local = self.links["relay"].channel, self.links["local"].channel
        relay.visible = view.relay_visible
        relay.light_ns = view.relay_light_ns
        local.visible = view.local_visible

    def _link(self, spec: RadioSpec) -> Link:
        channel = Channel(Noise(self.seed, f"channel_{spec.name}"), spec.bit_error_rate)
        link = Link(self.clock, spec, channel, self.listening, lambda way: Noise(self.seed, f"air_{spec.name}_{way}"))
        link.on_noticed(self._noticed)
        return link

    def _noticed(self) -> None:
        """Uplink bytes reached a receiver while the computer was off."""
        self.controller.noticed()

    def _transmit_w(self, now_ns: int) -> float:
        """Power of the transmitters on at a time."""
        return sum(link.spec.transmit_w for link in self.links.values() if link.transmitting(now_ns))

    # Ends of lives.

    def _unplug(self, word: str) -> None:
        if self._plug is not None:
            self._plug.pull(word)
            self._plug = None
        self._hung = False
        self._rack.unplug()
        self._watchdog.stop()
        self.world.outputs_off()
        self.world.energy.computer_on = False
        for link in self.links.values():
            link.power_off()
            link.computer_listens = False

    def _quiet(self, *, sleeping: bool) -> None:
        """Grids and truth as they run without a computer."""
        self.world.run_grids(coarse=sleeping)
        self._record(TRUTH_OFF_S if sleeping else self._truth_s)

    def _record(self, period_s: float | None) -> None:
        """Sample the truth at a period, unless nobody wants it."""
        if self._truth_s is not None and period_s is not None:
            self.truth.every(period_s)

    def _controller_wakes(self, cause: ResetCause) -> None:
        """The controller switches the computer on."""
        if self._plug is None and self._boot_ns is None:
            self._cause = cause
            self._boot_ns = self.clock.now_ns()
            self.clock.halt()

    def _bus_died(self) -> None:
        """Nothing holds the bus: computer, clock chip and controller lose everything."""
        self.rtc.lose()
        had_computer = self._plug is not None
        self._unplug(ResetCause.DEAD_BUS.name)
        self.disk.cut()
        self._boot_ns = None
        self.controller.bus_died()
        self._quiet(sleeping=True)
        if had_computer:
            self.clock.stop_computer(ResetCause.DEAD_BUS.name)
        else:
            self.clock.halt()
