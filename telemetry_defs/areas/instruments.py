"""Dictionary area of the instruments and their products.

`InstrumentId` names the instruments; a new one is one row here and one file and table row in `flight/instruments/`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from telemetry_defs.definitions import APID_INSTRUMENTS, Area, Command, Event, Housekeeping, Mode, Parameter, Severity
from telemetry_defs.wire import Wire


class InstrumentId(IntEnum):
    """Every instrument the rover may carry; the name in lower case is its module, its load and its device."""

    CAMERA = 1
    SPECTROMETER = 2
    DOSIMETER = 3
    PLASMA = 4


class LifeState(IntEnum):
    """Life cycle of an instrument."""

    OFF = 0
    WARMUP = 1
    READY = 2
    ACQUIRING = 3
    FAULT = 4


class Reason(IntEnum):
    """Why an instrument went off, failed or gave up."""

    COMMAND = 1
    MODE = 2
    NO_POWER = 3
    POWER_SHED = 4
    TEMPERATURE = 5
    CHARGE = 6
    NOT_READY = 7
    STUCK = 8
    DEVICE = 9
    STORAGE = 10
    DONE = 11
    RESTART = 12


class Encoding(IntEnum):
    """How the payload of a product is stored."""

    RAW = 0
    ZLIB = 1


PRODUCT_MAGIC = 0x52504431
"""ASCII "RPD1", the first four bytes of every product."""


class ProductHeader(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Start of every product file; then comes the payload, then the CRC-32 of all before it (4 bytes, big-endian)."""

    magic: Annotated[int, Wire("u32", meaning="0x52504431")]
    product_id: Annotated[int, Wire("u16", meaning="product")]
    instrument: Annotated[InstrumentId, Wire("u8", meaning="instrument")]
    encoding: Annotated[Encoding, Wire("u8", meaning="how the payload is stored")]
    gps_ns: Annotated[int, Wire("u64", unit="ns", meaning="on-board time at the end of the acquisition")]
    width_px: Annotated[int, Wire("u16", meaning="image width, 0 for a record")]
    height_px: Annotated[int, Wire("u16", meaning="image height, 0 for a record")]
    raw_bytes: Annotated[int, Wire("u32", meaning="size of the payload once decoded")]


class InstrumentsHk(msgspec.Struct, frozen=True, kw_only=True):
    """Life cycle of each instrument, products and their downlink."""

    state: Annotated[
        tuple[LifeState | None, ...],
        Wire("u8", count=len(InstrumentId), meaning="life cycle, in the order of the instrument table"),
    ]
    instruments_c: Annotated[float | None, Wire("i16", scale=0.01, unit="degC", meaning="instrument bay temperature")]
    products: Annotated[int | None, Wire("u16", meaning="products in the catalogue")]
    newest_product: Annotated[int | None, Wire("u16", meaning="newest product, 0 for none")]
    stored_bytes: Annotated[int | None, Wire("u32", unit="byte", meaning="storage used by products")]
    writing_product: Annotated[int | None, Wire("u16", meaning="product being stored, 0 for none")]
    downlink_product: Annotated[int | None, Wire("u16", meaning="product being sent, 0 for none")]
    downlink_part: Annotated[int | None, Wire("u16", meaning="next part to send, 0 for none")]
    downlinks_waiting: Annotated[int | None, Wire("u8", meaning="downlink requests, the running one included")]
    parts_sent: Annotated[int | None, Wire("u32", meaning="parts handed over since boot")]
    faults: Annotated[int | None, Wire("u16", meaning="instrument faults since boot")]


HK = Housekeeping(
    name="instruments.hk", structure_id=50, cls=InstrumentsHk, period_s=10.0, meaning="instruments and products"
)

Instrument = Annotated[InstrumentId, Wire("u8", meaning="instrument")]
ProductId = Annotated[int, Wire("u16", low=1, high=65534, meaning="product")]


class Power(msgspec.Struct, frozen=True, kw_only=True):
    """Switch one instrument."""

    instrument: Instrument
    on: Annotated[bool, Wire("bool", meaning="on: warm up and stay ready; off clears a fault too")]


class AcquireImage(msgspec.Struct, frozen=True, kw_only=True):
    """One image."""

    exposure_s: Annotated[float, Wire("f32", unit="s", low=0.0001, high=10.0, meaning="exposure")]


class Acquire(msgspec.Struct, frozen=True, kw_only=True):
    """One record of an integrating instrument."""

    instrument: Instrument
    duration_s: Annotated[float, Wire("f32", unit="s", low=1.0, high=3600.0, meaning="integration time")]


class Abort(msgspec.Struct, frozen=True, kw_only=True):
    """End an acquisition."""

    instrument: Instrument


class Downlink(msgspec.Struct, frozen=True, kw_only=True):
    """Parts of a product."""

    product_id: ProductId
    first_part: Annotated[int, Wire("u16", low=1, high=65534, meaning="first part to send, from 1")]
    last_part: Annotated[int, Wire("u16", low=0, high=65534, meaning="last part to send, 0 for the end")]


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """One product."""

    product_id: ProductId


class ListProducts(msgspec.Struct, frozen=True, kw_only=True):
    """Where to begin."""

    first_id: Annotated[int, Wire("u16", low=0, high=65534, meaning="list products from this number on")]


_SCIENCE = frozenset({Mode.IDLE, Mode.SCIENCE})
_POWERED = frozenset({Mode.SERVICE, Mode.IDLE, Mode.CHARGE, Mode.DRIVE, Mode.SCIENCE, Mode.COMM})

POWER = Command(
    name="instruments.power", cls=Power, function_id=0x0501, modes=_POWERED, meaning="switch an instrument on or off"
)
ACQUIRE_IMAGE = Command(
    name="instruments.acquire_image",
    cls=AcquireImage,
    function_id=0x0502,
    modes=_SCIENCE,
    meaning="take an image; switches the camera on if need be; in IDLE it requests SCIENCE",
    progress=True,
)
ACQUIRE = Command(
    name="instruments.acquire",
    cls=Acquire,
    function_id=0x0503,
    modes=_SCIENCE,
    meaning="take a record; switches the instrument on if need be; in IDLE it requests SCIENCE",
    progress=True,
)
ABORT = Command(name="instruments.abort", cls=Abort, function_id=0x0504, meaning="end an acquisition, drop its data")
DOWNLINK = Command(
    name="instruments.downlink",
    cls=Downlink,
    function_id=0x0505,
    meaning="send parts of a product (PUS 13) as the link has room; complete when the last was handed over",
)
STOP_DOWNLINK = Command(name="instruments.stop_downlink", function_id=0x0506, meaning="drop all downlink requests")
DELETE_PRODUCT = Command(
    name="instruments.delete_product", cls=Product, function_id=0x0507, meaning="remove a product from storage"
)
LIST_PRODUCTS = Command(
    name="instruments.list_products",
    cls=ListProducts,
    function_id=0x0508,
    meaning="report the catalogue, one event per product, every two seconds",
)


class WhichInstrument(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Which instrument."""

    instrument: Annotated[InstrumentId | None, Wire("u8", meaning="instrument")]


class InstrumentReason(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Which instrument and why."""

    instrument: Annotated[InstrumentId | None, Wire("u8", meaning="instrument")]
    reason: Annotated[Reason | None, Wire("u8", meaning="why")]


class ProductInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A catalogue entry."""

    product_id: Annotated[int | None, Wire("u16", meaning="product")]
    instrument: Annotated[InstrumentId | None, Wire("u8", meaning="instrument")]
    size_bytes: Annotated[int | None, Wire("u32", unit="byte", meaning="size of the whole product file")]
    # u64: all 2^32 values of a CRC are legal, so a u32 has no code left for "no value".
    crc32: Annotated[int | None, Wire("u64", meaning="CRC-32 of the file without its last four bytes")]
    parts: Annotated[int | None, Wire("u16", meaning="parts in a complete downlink")]
    gps_ns: Annotated[int | None, Wire("u64", unit="ns", meaning="on-board time at the end of the acquisition")]


class WhichProduct(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Which product."""

    product_id: Annotated[int | None, Wire("u16", meaning="product, 0 for the catalogue itself")]


class PartsSent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Which parts of which product."""

    product_id: Annotated[int | None, Wire("u16", meaning="product")]
    first_part: Annotated[int | None, Wire("u16", meaning="first part")]
    last_part: Annotated[int | None, Wire("u16", meaning="last part")]


def _event(name: str, number: int, severity: Severity, cls: type[msgspec.Struct], meaning: str) -> Event:
    return Event(name=f"instruments.{name}", event_id=number, severity=severity, cls=cls, meaning=meaning)


READY = _event("ready", 0x0501, Severity.INFO, WhichInstrument, "an instrument is warm and ready")
SWITCHED_OFF = _event("switched_off", 0x0502, Severity.INFO, InstrumentReason, "an instrument was switched off")
POWER_LOST = _event("power_lost", 0x0503, Severity.LOW, InstrumentReason, "an instrument lost or never got its power")
FAULT = _event("fault", 0x0504, Severity.MEDIUM, InstrumentReason, "an instrument failed and was switched off")
STARTED = _event("acquisition_started", 0x0505, Severity.INFO, WhichInstrument, "an acquisition began")
ABORTED = _event("acquisition_aborted", 0x0506, Severity.LOW, InstrumentReason, "an acquisition ended without product")
PRODUCT_READY = _event("product_ready", 0x0507, Severity.INFO, ProductInfo, "a product is stored and can be sent")
PRODUCT_LISTED = _event("product", 0x0508, Severity.INFO, ProductInfo, "catalogue entry, as asked for")
PRODUCT_DELETED = _event("product_deleted", 0x0509, Severity.INFO, WhichProduct, "a product was removed")
PRODUCT_LOST = _event("product_lost", 0x050A, Severity.MEDIUM, WhichProduct, "a product is missing or damaged")
PRODUCT_ADOPTED = _event("product_adopted", 0x050B, Severity.LOW, WhichProduct, "an uncatalogued product was adopted")
STORAGE_FULL = _event("storage_full", 0x050C, Severity.LOW, WhichInstrument, "no room for the product of a request")
STORAGE_FAULT = _event("storage_fault", 0x050D, Severity.MEDIUM, WhichProduct, "storage refused or lost a write")
DOWNLINK_DONE = _event("downlink_done", 0x050E, Severity.INFO, PartsSent, "all parts asked for were handed over")

MIN_SOC = Parameter(
    name="instruments.min_soc",
    parameter_id=0x0501,
    default=0.40,
    low=0.15,
    high=0.95,
    unit="1",
    hazardous=True,
    meaning="below this state of charge no instrument is switched on and no acquisition begins",
)

AREA = Area(
    name="instruments",
    apid=APID_INSTRUMENTS,
    number=5,
    housekeeping=(HK,),
    commands=(
        POWER,
        ACQUIRE_IMAGE,
        ACQUIRE,
        ABORT,
        DOWNLINK,
        STOP_DOWNLINK,
        DELETE_PRODUCT,
        LIST_PRODUCTS,
    ),
    events=(
        READY,
        SWITCHED_OFF,
        POWER_LOST,
        FAULT,
        STARTED,
        ABORTED,
        PRODUCT_READY,
        PRODUCT_LISTED,
        PRODUCT_DELETED,
        PRODUCT_LOST,
        PRODUCT_ADOPTED,
        STORAGE_FULL,
        STORAGE_FAULT,
        DOWNLINK_DONE,
    ),
    parameters=(MIN_SOC,),
)
