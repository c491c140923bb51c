"""Dictionary area of the links: radios, rates, windows, beacon and the command-loss timer."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from telemetry_defs.definitions import APID_COMMS, Area, Command, Event, Housekeeping, Mode, Parameter, Severity
from telemetry_defs.wire import Wire


class RadioName(IntEnum):
    """One radio."""

    RELAY = 1
    LOCAL = 2


class RadioChoice(IntEnum):
    """Which radio carries the downlink."""

    AUTO = 0
    RELAY = 1
    LOCAL = 2


class RateChoice(IntEnum):
    """Which of a radio's rates the downlink uses; AUTO follows mode and signal strength."""

    AUTO = 0
    BEACON = 1
    NOMINAL = 2
    HIGH = 3


class CommsTarget(IntEnum):
    """What a mode wants of the transmitters."""

    FAREWELL = 0
    """One burst with a beacon at once: the computer is about to be switched off."""
    BEACON = 1
    ECONOMY = 2
    NOMINAL = 3
    HIGH = 4


class RadioFault(IntEnum):
    """What is wrong with a radio."""

    NO_STATUS = 1
    NO_TRANSMITTER = 2
    NO_SEND = 3


Locked = Annotated[bool | None, Wire("bool", meaning="carrier from the other end is received")]
Rssi = Annotated[float | None, Wire("i16", scale=0.1, unit="dBm", meaning="received signal strength")]
TxRate = Annotated[float | None, Wire("u32", unit="bit/s", meaning="transmitter rate, 0 while it is off")]
Count = Annotated[int | None, Wire("u32", meaning="total since boot")]


class CommsHk(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """State of both links."""

    target: Annotated[CommsTarget | None, Wire("u8", meaning="what the mode wants of the transmitters")]
    choice: Annotated[RadioChoice | None, Wire("u8", meaning="radio chosen by ground, AUTO for none")]
    downlink_radio: Annotated[RadioName | None, Wire("u8", meaning="where telemetry goes now")]
    downlink_rate_bit_s: Annotated[float | None, Wire("u32", unit="bit/s", meaning="rate of the downlink, 0 for none")]
    relay_locked: Locked
    relay_rssi_dbm: Rssi
    relay_tx_rate_bit_s: TxRate
    relay_fault: Annotated[bool | None, Wire("bool", meaning="the relay radio does not answer")]
    local_locked: Locked
    local_rssi_dbm: Rssi
    local_tx_rate_bit_s: TxRate
    local_fault: Annotated[bool | None, Wire("bool", meaning="the local radio does not answer")]
    command_loss_level: Annotated[int | None, Wire("u8", meaning="command-loss stages passed, 0 to 3")]
    command_age_s: Annotated[
        float | None, Wire("u32", scale=0.1, unit="s", meaning="time on since the last accepted telecommand")
    ]
    windows: Annotated[int | None, Wire("u8", meaning="relay windows in the table")]
    in_window: Annotated[bool | None, Wire("bool", meaning="inside a relay window of the table")]
    beacons: Annotated[int | None, Wire("u32", meaning="beacons sent")]
    bytes_received: Count
    frames_received: Count
    frames_bad: Annotated[int | None, Wire("u32", meaning="frames or packets dropped without a report")]
    rx_overflow_bytes: Annotated[int | None, Wire("u32", meaning="bytes lost in the radios' receive buffers")]
    packets_sent: Count
    bytes_sent: Count
    send_failures: Annotated[int | None, Wire("u16", meaning="packets a radio would not take")]


class CommsBeacon(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The least that ground has to know, short enough for the lowest rate."""

    mode: Annotated[Mode | None, Wire("u8", meaning="current mode")]
    boot_count: Annotated[int | None, Wire("u16", meaning="boots since the state image was made")]
    soc: Annotated[float | None, Wire("u8", scale=0.005, unit="1", meaning="state of charge")]
    bus_voltage_v: Annotated[float | None, Wire("u16", scale=0.001, unit="V", meaning="bus voltage")]
    array_w: Annotated[float | None, Wire("u16", scale=0.1, unit="W", meaning="array power")]
    web_c: Annotated[float | None, Wire("i16", scale=0.1, unit="degC", meaning="electronics temperature")]
    battery_c: Annotated[float | None, Wire("i16", scale=0.1, unit="degC", meaning="battery temperature, the colder")]
    command_age_s: Annotated[
        float | None, Wire("u32", scale=0.1, unit="s", meaning="time on since the last accepted telecommand")
    ]
    command_loss_level: Annotated[int | None, Wire("u8", meaning="command-loss stages passed, 0 to 3")]


HK = Housekeeping(name="comms.hk", structure_id=60, cls=CommsHk, period_s=10.0, meaning="state of both links")
BEACON_HK = Housekeeping(
    name="comms.beacon",
    structure_id=61,
    cls=CommsBeacon,
    period_s=0.0,
    meaning="beacon; comms sends it itself, past the queues",
)


class SetRate(msgspec.Struct, frozen=True, kw_only=True):
    """Rate of one radio."""

    radio: Annotated[RadioName, Wire("u8", meaning="radio")]
    rate: Annotated[RateChoice, Wire("u8", meaning="rate to use; AUTO gives the choice back to the rover")]


class SelectRadio(msgspec.Struct, frozen=True, kw_only=True):
    """Radio of the downlink."""

    radio: Annotated[RadioChoice, Wire("u8", meaning="radio to use; AUTO: local when locked, else relay")]


class SetWindow(msgspec.Struct, frozen=True, kw_only=True):
    """One relay window, GPS time."""

    start_gps_s: Annotated[int, Wire("u32", unit="s", low=1, high=4_290_000_000, meaning="start since 1980-01-06")]
    stop_gps_s: Annotated[int, Wire("u32", unit="s", low=1, high=4_290_000_000, meaning="end since 1980-01-06")]


class SetBeacon(msgspec.Struct, frozen=True, kw_only=True):
    """Beacon on or off."""

    on: Annotated[bool, Wire("bool", meaning="send the beacon even while a link is up")]


SET_RATE = Command(name="comms.set_rate", cls=SetRate, function_id=0x0601, meaning="fix the downlink rate of a radio")
SELECT_RADIO = Command(
    name="comms.select_radio", cls=SelectRadio, function_id=0x0602, meaning="fix the radio that carries the downlink"
)
SET_WINDOW = Command(
    name="comms.set_window",
    cls=SetWindow,
    function_id=0x0603,
    kept=True,
    meaning="add a relay window: telemetry is sent in it even without lock",
)
CLEAR_WINDOWS = Command(name="comms.clear_windows", function_id=0x0604, kept=True, meaning="forget all relay windows")
BEACON = Command(name="comms.beacon_on", cls=SetBeacon, function_id=0x0605, meaning="beacon all the time or on need")


class RadioTrouble(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Which radio and what."""

    radio: Annotated[RadioName | None, Wire("u8", meaning="radio")]
    fault: Annotated[RadioFault | None, Wire("u8", meaning="what failed")]


class WhichRadio(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Which radio."""

    radio: Annotated[RadioName | None, Wire("u8", meaning="radio; no value: none")]


class DownlinkMoved(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where telemetry goes now."""

    radio: Annotated[RadioName | None, Wire("u8", meaning="radio; no value: none")]
    rate_bit_s: Annotated[float | None, Wire("u32", unit="bit/s", meaning="rate, 0 for none")]


class CommandLoss(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How long without a telecommand."""

    level: Annotated[int | None, Wire("u8", meaning="stage reached, 1 to 3")]
    age_s: Annotated[float | None, Wire("u32", scale=0.1, unit="s", meaning="time on since the last telecommand")]


RADIO_FAULT = Event(
    name="comms.radio_fault",
    event_id=0x0601,
    severity=Severity.MEDIUM,
    cls=RadioTrouble,
    meaning="a radio fails; the other one takes over, this one is tried again with back-off",
)
RADIO_RECOVERED = Event(
    name="comms.radio_recovered", event_id=0x0602, severity=Severity.INFO, cls=WhichRadio, meaning="a radio works again"
)
RECEIVER_OFF = Event(
    name="comms.receiver_off",
    event_id=0x0603,
    severity=Severity.HIGH,
    cls=WhichRadio,
    meaning="a receiver was found off and is being switched on",
)
DOWNLINK_MOVED = Event(
    name="comms.downlink_moved",
    event_id=0x0604,
    severity=Severity.INFO,
    cls=DownlinkMoved,
    meaning="radio or rate of the downlink changed",
)
WINDOW_NO_LOCK = Event(
    name="comms.window_no_lock",
    event_id=0x0605,
    severity=Severity.LOW,
    cls=WhichRadio,
    meaning="a relay window is open, yet its carrier is not received",
)
COMMAND_LOSS = Event(
    name="comms.command_loss",
    event_id=0x0606,
    severity=Severity.HIGH,
    cls=CommandLoss,
    meaning="no telecommand for a stage of the command-loss timer: 1 both radios, 2 SAFE, 3 restart",
)
COMMANDS_AGAIN = Event(
    name="comms.commands_again",
    event_id=0x0607,
    severity=Severity.INFO,
    cls=CommandLoss,
    meaning="a telecommand came after the command-loss timer had run out",
)


def _command_loss(stage: int, number: int, default_h: float, action: str) -> Parameter:
    return Parameter(
        name=f"comms.command_loss_{stage}_s",
        parameter_id=number,
        default=default_h * 3600.0,
        low=60.0,
        high=30.0 * 86400.0,
        unit="s",
        hazardous=True,
        meaning=f"without a telecommand for this time on: {action}",
    )


COMMAND_LOSS_1_S = _command_loss(1, 0x0601, 12.0, "choices of ground undone, beacon on both radios")
COMMAND_LOSS_2_S = _command_loss(2, 0x0602, 24.0, "SAFE")
COMMAND_LOSS_3_S = _command_loss(3, 0x0603, 72.0, "restart")
BEACON_PERIOD_S = Parameter(
    name="comms.beacon_period_s",
    parameter_id=0x0604,
    default=30.0,
    low=20.0,
    high=600.0,
    unit="s",
    meaning="time between beacons",
)
ATTENDED_S = Parameter(
    name="comms.attended_s",
    parameter_id=0x0605,
    default=120.0,
    low=20.0,
    high=3600.0,
    unit="s",
    meaning="after a telecommand the transmitter stays on this long, where the mode would else send in bursts",
)

AREA = Area(
    name="comms",
    apid=APID_COMMS,
    number=6,
    housekeeping=(HK, BEACON_HK),
    commands=(SET_RATE, SELECT_RADIO, SET_WINDOW, CLEAR_WINDOWS, BEACON),
    events=(
        RADIO_FAULT,
        RADIO_RECOVERED,
        RECEIVER_OFF,
        DOWNLINK_MOVED,
        WINDOW_NO_LOCK,
        COMMAND_LOSS,
        COMMANDS_AGAIN,
    ),
    parameters=(COMMAND_LOSS_1_S, COMMAND_LOSS_2_S, COMMAND_LOSS_3_S, BEACON_PERIOD_S, ATTENDED_S),
)
