"""Instruments: each with its life cycle, their products stored, listed and sent down.

An acquisition runs in SCIENCE only; asked for in IDLE it requests SCIENCE.  A product is told of once it is durable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from flight.blackboard import InstrumentsState, fresh
from flight.context import Context, Execution, Handler, Refused
from flight.instruments.life_cycle import FAILURE_CODES, LifeCycle
from flight.instruments.table import INSTRUMENTS
from flight.instruments.unit import Devices
from flight.loads import LoadRequests
from flight.products.catalogue import Catalogue
from flight.products.downlink import DownlinkPump
from flight.products.format import Entry, Payload
from flight.products.listing import Listing, info
from flight.products.writer import Job, ProductWriter
from flight.subsystems.instruments_config import InstrumentsConfig
from hal.api.devices import Camera, Instrument
from hal.api.errors import DeviceError
from hal.api.storage import Storage
from telemetry_defs.areas import instruments as area
from telemetry_defs.areas.instruments import InstrumentId, Reason
from telemetry_defs.definitions import FailureCode, Mode


class InstrumentsTarget(Enum):
    """What a mode wants of the instruments."""

    OFF = auto()
    STANDBY = auto()
    """What is on may stay on; nothing acquires."""
    ACTIVE = auto()


MODE_TARGETS: Final[Mapping[Mode, InstrumentsTarget]] = MappingProxyType(
    {
        Mode.INIT: InstrumentsTarget.OFF,
        Mode.STOWED: InstrumentsTarget.OFF,
        Mode.SERVICE: InstrumentsTarget.STANDBY,
        Mode.EGRESS: InstrumentsTarget.OFF,
        Mode.IDLE: InstrumentsTarget.STANDBY,
        Mode.CHARGE: InstrumentsTarget.STANDBY,
        Mode.DRIVE: InstrumentsTarget.STANDBY,
        Mode.SCIENCE: InstrumentsTarget.ACTIVE,
        Mode.COMM: InstrumentsTarget.STANDBY,
        Mode.THERMAL_HOLD: InstrumentsTarget.OFF,
        Mode.HIBERNATE: InstrumentsTarget.OFF,
        Mode.WAKE: InstrumentsTarget.OFF,
        Mode.SAFE: InstrumentsTarget.OFF,
    }
)


class Instruments:
    """All instruments of the rover and their products."""

    def __init__(
        self,
        *,
        camera: Camera | None,
        instruments: Mapping[str, Instrument],
        storage: Storage,
        loads: LoadRequests,
        config: InstrumentsConfig,
        context: Context,
        gps_ns: Callable[[], int],
        is_dead: Callable[[str], bool],
    ) -> None:
        """`is_dead` says of a device by name whether it is given up."""
        self._config = config
        self._context = context
        self._gps_ns = gps_ns
        self._is_dead = is_dead
        events = context.events
        devices = Devices(camera=camera, instruments=instruments)
        self._lives = {
            spec.instrument: LifeCycle(spec, unit, loads, events, self._store)
            for spec in INSTRUMENTS
            if (unit := spec.find(devices)) is not None
        }
        self._catalogue = Catalogue(storage, events)
        self._writer = ProductWriter(storage, self._catalogue)
        self._downlink = DownlinkPump(storage, self._catalogue, events)
        self._listing = Listing(self._catalogue, events)
        self._acquiring = False
        self._ended_ns: int | None = None

    # The row.

    def tick(self, now_ns: int) -> None:
        """Every life cycle, then storage and the listing, one bounded step each."""
        temperature_c = self._temperature_c(now_ns)
        for life in self._lives.values():
            life.tick(now_ns, temperature_c)
        self._catalogue.tick(now_ns)
        self._writer.tick(now_ns)
        self._listing.tick(now_ns)
        self._publish(now_ns)

    def make_safe(self) -> None:
        """Every load given back; whatever ran fails."""
        now_ns = self._context.clock.now_ns()
        self._writer.cancel()
        self._downlink.stop()
        self._listing.stop()
        for life in self._lives.values():
            life.switch_off(now_ns, Reason.RESTART)
            life.stored(now_ns, False)

    def apply_mode(self, mode: Mode) -> None:
        """Outside SCIENCE acquisitions end; where the target is OFF, so does everything but storing."""
        now_ns = self._context.clock.now_ns()
        target = MODE_TARGETS[mode]
        for life in self._lives.values():
            if target is InstrumentsTarget.OFF:
                life.switch_off(now_ns, Reason.MODE)
            elif target is InstrumentsTarget.STANDBY:
                life.abort(now_ns, Reason.MODE)

    def next_bulk(self) -> tuple[int, int, int, bytes] | None:
        """APID, service, subtype and data of the next part of a product, None when nothing is asked for."""
        return self._downlink.next_bulk()

    # Telecommands.

    def handlers(self) -> Mapping[str, Handler]:
        """Telecommands of this area."""
        return {
            area.POWER.name: self._power,
            area.ACQUIRE_IMAGE.name: self._acquire_image,
            area.ACQUIRE.name: self._acquire_record,
            area.ABORT.name: self._abort,
            area.DOWNLINK.name: self._downlink.request,
            area.STOP_DOWNLINK.name: self._stop_downlink,
            area.DELETE_PRODUCT.name: self._delete_product,
            area.LIST_PRODUCTS.name: self._listing.request,
        }

    def _power(self, arguments: area.Power, execution: Execution) -> None:
        life = self._lives.get(arguments.instrument)
        now_ns = self._context.clock.now_ns()
        if life is None:
            execution.fail(FailureCode.UNKNOWN_ID, arguments.instrument)
        elif not arguments.on:
            life.switch_off(now_ns, Reason.COMMAND)
        elif self._is_dead(life.spec.name):
            execution.fail(FailureCode.NOT_AVAILABLE, arguments.instrument)
        elif (problem := self._problem(life, now_ns)) is not None:
            execution.fail(FAILURE_CODES[problem], problem)
        else:
            life.switch_on(now_ns)

    def _acquire_image(self, arguments: area.AcquireImage, execution: Execution) -> None:
        self._acquire(InstrumentId.CAMERA, arguments.exposure_s, execution)

    def _acquire_record(self, arguments: area.Acquire, execution: Execution) -> None:
        if arguments.instrument is InstrumentId.CAMERA:  # an exposure is not an integration time
            execution.fail(FailureCode.REFUSED, arguments.instrument)
        else:
            self._acquire(arguments.instrument, arguments.duration_s, execution)

    def _acquire(self, instrument: InstrumentId, amount_s: float, execution: Execution) -> None:
        """Check everything, ask for SCIENCE last, begin."""
        life = self._lives.get(instrument)
        now_ns = self._context.clock.now_ns()
        if life is None:
            execution.fail(FailureCode.UNKNOWN_ID, instrument)
        elif self._is_dead(life.spec.name):
            execution.fail(FailureCode.NOT_AVAILABLE, instrument)
        elif life.acquisition is not None:
            execution.fail(FailureCode.BUSY, instrument)
        elif (problem := self._problem(life, now_ns)) is not None:
            execution.fail(FAILURE_CODES[problem], problem)
        elif not self._catalogue.loaded:
            execution.fail(FailureCode.STORAGE)
        elif not self._has_room(life):
            self._context.events.emit(area.STORAGE_FULL, area.WhichInstrument(instrument=instrument))
            execution.fail(FailureCode.LIMIT, self._catalogue.stored_bytes)
        elif isinstance(refused := self._enter_science(), Refused):
            execution.fail(refused.code)
        else:
            life.acquire(now_ns, amount_s, execution)
            self._publish(now_ns)

    def _enter_science(self) -> Refused | None:
        modes = self._context.modes
        if modes.mode is Mode.SCIENCE:
            return None
        answer = modes.request(Mode.SCIENCE)
        return answer if isinstance(answer, Refused) else None

    def _abort(self, arguments: area.Abort, execution: Execution) -> None:
        life = self._lives.get(arguments.instrument)
        if life is None:
            execution.fail(FailureCode.UNKNOWN_ID, arguments.instrument)
        elif not life.abort(self._context.clock.now_ns(), Reason.COMMAND):
            execution.fail(FailureCode.REFUSED, arguments.instrument)

    def _stop_downlink(self, arguments: object, execution: Execution) -> None:
        del arguments, execution
        self._downlink.stop()

    def _delete_product(self, arguments: area.Product, execution: Execution) -> None:
        product_id = arguments.product_id
        if self._catalogue.get(product_id) is None:
            execution.fail(FailureCode.UNKNOWN_ID, product_id)
        elif self._downlink.concerns(product_id):
            execution.fail(FailureCode.BUSY, product_id)
        else:
            try:
                self._catalogue.delete(product_id)
            except DeviceError:
                execution.fail(FailureCode.STORAGE, product_id)
            else:
                self._context.events.emit(area.PRODUCT_DELETED, area.WhichProduct(product_id=product_id))

    # Preconditions and products.

    def _temperature_c(self, now_ns: int) -> float | None:
        thermal = fresh(self._context.board.thermal, now_ns)
        return None if thermal is None else thermal.instruments_c

    def _problem(self, life: LifeCycle, now_ns: int) -> Reason | None:
        power = fresh(self._context.board.power, now_ns)
        soc = None if power is None else power.soc
        return life.problem(self._temperature_c(now_ns), soc, self._context.parameters.get(area.MIN_SOC))

    def _has_room(self, life: LifeCycle) -> bool:
        """Whether the largest product of this one and of all that run still fits."""
        if self._catalogue.full:
            return False
        running = sum(other.spec.most_bytes for other in self._lives.values() if other.acquisition is not None)
        return self._catalogue.stored_bytes + running + life.spec.most_bytes <= self._config.storage_bytes

    def _store(self, instrument: InstrumentId, payload: Payload) -> bool:
        def done(entry: Entry | None) -> None:
            self._stored(instrument, entry)

        return self._writer.put(Job(instrument, self._gps_ns(), payload, done))

    def _stored(self, instrument: InstrumentId, entry: Entry | None) -> None:
        if entry is None:
            self._context.events.emit(area.STORAGE_FAULT, area.WhichProduct(product_id=None))
        else:
            self._context.events.emit(area.PRODUCT_READY, info(entry))
        self._lives[instrument].stored(self._context.clock.now_ns(), entry is not None)

    # Reports.

    def _publish(self, now_ns: int) -> None:
        acquiring = any(life.acquisition is not None for life in self._lives.values())
        if self._acquiring and not acquiring:
            self._ended_ns = now_ns
        self._acquiring = acquiring
        self._context.board.instruments = InstrumentsState(
            time_ns=now_ns, acquiring=acquiring, acquisition_ended_ns=self._ended_ns
        )

    def housekeeping(self) -> area.InstrumentsHk:
        """`instruments.hk` now; an instrument this rover does not carry has no state."""
        product_id, part = self._downlink.position
        lives = [self._lives.get(instrument) for instrument in InstrumentId]
        return area.InstrumentsHk(
            state=tuple(None if life is None else life.state for life in lives),
            instruments_c=self._temperature_c(self._context.clock.now_ns()),
            products=len(self._catalogue),
            newest_product=self._catalogue.newest_id,
            stored_bytes=self._catalogue.stored_bytes,
            writing_product=self._writer.product_id,
            downlink_product=product_id,
            downlink_part=part,
            downlinks_waiting=self._downlink.waiting,
            parts_sent=self._downlink.parts_sent,
            faults=sum(life.faults for life in self._lives.values()),
        )
