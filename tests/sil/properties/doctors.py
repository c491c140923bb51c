"""For each safety property ways to alter what was seen of a good run so that the promise is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from hal.api.clock import NS_PER_S, seconds
from hal.api.values import ResetCause
from sil.faults.injector import Activation
from sil.properties.record import Entered, Look, Run
from telemetry_defs.definitions import Mode

Alter = Callable[[Run], None]
ROLLING: Final = (1.0,) * 6
STANDING: Final = (0.0,) * 6
COMPLETED: Final = 7


class Doctor(NamedTuple):
    """Breaks one property in a copy of a run."""

    prop: str
    how: str
    flight: str
    """A key of `flights.TEXTS`."""
    alter: Alter


def looking(from_s: float, to_s: float, **changes: Any) -> Alter:
    """Every look of a span with other values; a callable is asked for its value, with run and look."""

    def alter(run: Run) -> None:
        for number, look in enumerate(run.looks):
            if seconds(from_s) <= look.t_ns <= seconds(to_s):
                values = {key: value(run, look) if callable(value) else value for key, value in changes.items()}
                run.looks[number] = look._replace(**values)

    return alter


def _loads(run: Run, look: Look, wanted: dict[str, bool]) -> tuple[bool, ...]:
    return tuple(wanted.get(name, on) for name, on in zip(run.load_names, look.loads_on, strict=True))


def loads(**wanted: bool) -> Callable[[Run, Look], tuple[bool, ...]]:
    """The loads with some of them switched."""
    return partial(_loads, wanted=wanted)


def _heaters(run: Run, look: Look, on: bool) -> tuple[bool, ...]:
    return (on,) * len(look.heaters_on)


HEATERS_ON: Final = partial(_heaters, on=True)
HEATERS_OFF: Final = partial(_heaters, on=False)


def breaking(device: str, kind: str, at_s: float) -> Alter:
    """A fault from then on."""
    return lambda run: run.faults.append(activation(device, kind, at_s))


def activation(device: str, kind: str, at_s: float) -> Activation:
    """The start of a fault."""
    return Activation(t_ns=seconds(at_s), device=device, kind=kind, level=1.0, args={})


def _replaced(items: list[Any], number: int, **changes: Any) -> None:
    items[number] = items[number]._replace(**changes)


def _index(items: list[Any], **wanted: Any) -> int:
    """The first with these values."""
    return next(n for n, item in enumerate(items) if all(getattr(item, key) == wanted[key] for key in wanted))


def entering(**changes: Any) -> Alter:
    """The entry into DRIVE, otherwise."""
    return lambda run: _replaced(run.modes, _index(run.modes, new=Mode.DRIVE), **changes)


def _new_mode(old: Mode, new: Mode) -> Alter:
    entered = Entered(seconds(30.0), 1, old, new, 0.8, True)
    return lambda run: run.modes.append(entered)


def _late(run: Run) -> None:
    at = _index(run.taken, name="mobility.arc")
    _replaced(run.taken, at, t_ns=run.taken[at].t_ns + 2 * NS_PER_S)


def _swapped(run: Run) -> None:
    first = _index(run.taken, name="mobility.mask_wheel")
    run.taken[first], run.taken[first + 1] = run.taken[first + 1], run.taken[first]


def _lost(run: Run) -> None:
    del run.taken[_index(run.taken, name="mobility.drive")]


def _run_twice(run: Run) -> None:
    run.taken.append(run.taken[-1]._replace(t_ns=run.taken[-1].t_ns + NS_PER_S // 10))


def _other_body(run: Run) -> None:
    service, subtype, data = run.heard[1].body
    _replaced(run.heard, 1, body=(service, subtype, bytes([data[0] ^ 1]) + data[1:]))


def _never_sent(run: Run) -> None:
    run.uplinked.clear()


def _sent_later(run: Run) -> None:
    run.uplinked[:] = [(t_ns + 5 * NS_PER_S, packet) for t_ns, packet in run.uplinked]


def _in_safe(run: Run) -> None:
    run.modes.clear()
    looking(7.5, 9.0, mode=Mode.SAFE)(run)


def _unarmed(run: Run) -> None:
    del run.accepted[_index(run.accepted, name="system.arm")]


def _unreported(run: Run) -> None:
    request = run.accepted[_index(run.accepted, name="system.ping")].request
    run.reports[:] = [report for report in run.reports if report.request != request]


def _unanswered(run: Run) -> None:
    run.pings[:] = [(t_ns, False) for t_ns, _ in run.pings]


def _flipped(run: Run, keep_checksum: bool) -> None:
    packet = bytearray(run.sent[3].packet)
    packet[-1 if keep_checksum else 20] ^= 1
    run.sent[3] = run.sent[3]._replace(packet=bytes(packet))


def _same_count(run: Run) -> None:
    """The last packet with the count of an earlier one of its APID."""
    last = run.sent[-1]
    earlier = next(item for item in run.sent if item.packet[:2] == last.packet[:2])
    run.sent.append(last._replace(packet=last.packet[:2] + earlier.packet[2:4] + last.packet[4:]))


def _earlier(run: Run, look: Look) -> int | None:
    return None if look.gps_ns is None else look.gps_ns - 5 * NS_PER_S


def _silent(run: Run) -> None:
    run.sent.clear()


def _hole(run: Run) -> None:
    run.looks[:] = [look for look in run.looks if not seconds(10.0) <= look.t_ns <= seconds(12.0)]


def _own_reset(cause: ResetCause) -> Alter:
    return lambda run: _replaced(run.boots, 0, cause=cause)


def _row_failed(run: Run) -> None:
    run.failures.append("12.0 s: row power")


def _mask_lost(run: Run) -> None:
    _replaced(run.boots, 1, masked=(False,) * 6)


def _parameter_lost(run: Run) -> None:
    set_one = run.taken[_index(run.taken, name="system.set_parameter")].args
    _replaced(run.boots, 1, parameters={**run.boots[1].parameters, set_one.parameter_id: set_one.value + 0.1})


def _strong_heaters(run: Run) -> None:
    """All on together draw what the budget allows; these draw more."""
    run.heater_w = tuple(2.0 * watts for watts in run.heater_w)
    looking(10.0, 10.2, heaters_on=HEATERS_ON)(run)


def _done_at_once(run: Run) -> None:
    item = run.taken[_index(run.taken, name="mobility.mask_wheel")]
    _replaced(run.reports, _index(run.reports, request=item.request, subtype=COMPLETED), t_ns=item.t_ns)


def _motion() -> Iterator[Doctor]:
    d = Doctor
    yield d("wheels_need_command", "long after any motion", "driving", looking(30.0, 30.2, commanded=ROLLING))
    yield d("wheels_only_in_moving_modes", "in IDLE", "driving", looking(9.0, 10.0, mode=Mode.IDLE))
    yield d("still_when_told", "one wheel", "driving", looking(25.0, 27.0, turning=(0.0,) * 5 + (-0.1,)))
    yield d("stop_acts_in_its_cycle", "a cycle later", "driving", looking(16.15, 16.35, commanded=ROLLING))
    yield d("wheel_test_is_small", "two wheels", "service", looking(9.0, 9.2, commanded=(0.1, 0.1, 0.0, 0.0, 0.0, 0.0)))
    yield d("wheel_test_is_small", "fast", "service", looking(9.0, 9.2, commanded=(-0.3, 0.0, 0.0, 0.0, 0.0, 0.0)))
    yield d("wheel_test_is_small", "long", "service", looking(9.0, 12.0, commanded=(0.1, 0.0, 0.0, 0.0, 0.0, 0.0)))
    yield d("masked_wheels_rest", "all driven", "driving", looking(10.0, 10.2, commanded=ROLLING))
    yield d("masked_wheels_rest", "after a cut", "cut", looking(20.0, 20.2, commanded=ROLLING))
    yield d("drive_needs_charge_and_attitude", "low", "driving", entering(believed_soc=0.5))
    yield d("drive_needs_charge_and_attitude", "charge unknown", "driving", entering(believed_soc=None))
    yield d("drive_needs_charge_and_attitude", "tilt unknown", "driving", entering(tilt_known=False))
    yield d("motors_warm_before_they_turn", "cold", "driving", looking(8.0, 16.0, motor_min_c=-60.0))


def _stopping() -> Iterator[Doctor]:
    d = Doctor
    yield d("stops_beyond_tilt", "steep", "driving", looking(8.0, 16.0, tilt_rad=0.6))
    yield d("stops_on_stall", "wheels stand", "driving", looking(8.0, 16.0, turning=STANDING))
    yield d("stops_a_runaway", "one too fast", "cold", looking(8.0, 16.0, turning=(1.0, *STANDING[1:])))
    yield d("stops_a_runaway", "backwards", "cold", looking(8.0, 16.0, commanded=ROLLING, turning=(-1.0,) * 6))
    embedded = looking(8.0, 30.0, slip=0.95, commanded=ROLLING, turning=(2.0,) * 6)
    yield d("stops_when_digging_in", "far", "driving", embedded)
    yield d("stops_without_link", "no carrier", "driving", looking(8.0, 20.0, locked=False, commanded=ROLLING))
    yield d("stops_when_blind", "no attitude", "driving", breaking("imu", "silent", 9.0))
    yield d("stops_when_blind", "a wheel unread", "driving", breaking("wheels.front_left", "reading_none", 9.0))


def _energy() -> Iterator[Doctor]:
    d = Doctor
    yield d("no_charge_below_zero", "enabled", "cold", looking(10.0, 20.0, loads_on=loads(charge=True)))
    yield d("no_charge_below_zero", "by current", "cold", looking(10.0, 20.0, battery_a=0.5))
    yield d("no_charge_unwatched", "no temperatures", "driving", breaking("temperatures", "silent", 9.0))
    yield d("warm_battery_may_charge", "off", "driving", looking(8.0, 35.0, loads_on=loads(charge=False)))
    yield d("sheds_loads", "a load", "cold", looking(10.0, 20.0, loads_on=loads(plasma=True)))
    unknown = looking(6.0, 40.0, believed_soc=None, mode=Mode.IDLE, loads_on=loads(plasma=True))
    yield d("sheds_loads", "charge unknown", "service", unknown)
    yield d("knows_its_charge", "far too high", "driving", looking(0.0, 40.0, soc=0.4))
    yield d("drive_ends_on_low_charge", "low", "driving", looking(8.0, 30.0, mode=Mode.DRIVE, believed_soc=0.45))
    yield d("drive_ends_on_low_charge", "unknown", "driving", looking(8.0, 30.0, mode=Mode.DRIVE, believed_soc=None))
    yield d("low_charge_leads_to_safe", "in IDLE", "driving", looking(8.0, 35.0, mode=Mode.IDLE, believed_soc=0.25))
    dies = looking(12.0, 40.0, bus_dead=True, life=0)
    yield d("battery_not_drawn_below_cutoff", "while driving", "driving", dies)
    yield d("safe_is_quiet", "a camera", "cold", looking(6.0, 40.0, loads_on=loads(camera=True)))


def _heat() -> Iterator[Doctor]:
    d = Doctor
    yield d("heaters_keep_their_budget", "at no time", "driving", _strong_heaters)
    poor = looking(10.0, 25.0, heaters_on=HEATERS_ON, believed_soc=0.25, battery_a=-1.0)
    yield d("heaters_keep_their_budget", "on a low battery", "driving", poor)
    yield d("cold_battery_is_heated", "off", "cold", looking(6.0, 40.0, battery_c=-8.0, heaters_on=HEATERS_OFF))
    yield d("warm_battery_is_not_heated", "on", "driving", looking(6.0, 40.0, battery_c=35.0, heaters_on=HEATERS_ON))
    frozen = looking(6.0, 40.0, battery_c=-40.0, heaters_on=HEATERS_OFF)
    yield d("temperatures_survive", "frozen", "driving", frozen)
    yield d("temperatures_survive", "cooked", "driving", looking(6.0, 40.0, web_c=80.0, heaters_on=HEATERS_ON))
    yield d("outputs_fall_safe", "wheels", "cut", looking(12.0, 16.0, commanded=ROLLING))
    yield d("outputs_fall_safe", "heaters", "cut", looking(12.0, 16.0, heaters_on=HEATERS_ON))
    yield d("outputs_fall_safe", "a load", "cut", looking(12.0, 16.0, loads_on=loads(nav=True)))


def _commanding() -> Iterator[Doctor]:
    d = Doctor
    yield d("accepted_commands_run_in_order", "late", "driving", _late)
    yield d("accepted_commands_run_in_order", "overtaken", "driving", _swapped)
    yield d("accepted_commands_run_in_order", "lost", "driving", _lost)
    yield d("accepted_commands_run_in_order", "repeated", "driving", _run_twice)
    yield d("no_duplicate_is_accepted", "again", "driving", lambda run: run.heard.append(run.heard[0]))
    yield d("only_sent_commands_are_accepted", "another body", "driving", _other_body)
    yield d("only_sent_commands_are_accepted", "never sent", "driving", _never_sent)
    yield d("only_sent_commands_are_accepted", "sent later", "driving", _sent_later)
    yield d("only_legal_commands_are_accepted", "in SAFE", "driving", _in_safe)
    yield d("only_legal_commands_are_accepted", "unarmed", "service", _unarmed)
    yield d("commands_report_their_end", "a ping", "driving", _unreported)
    yield d("ground_regains_control", "no answer", "driving", _unanswered)
    yield d("receiver_listens", "deaf", "driving", looking(10.0, 16.0, listening=(False, False)))
    yield d("both_receivers_listen", "one off", "driving", looking(10.0, 21.0, listening=(True, False)))


def _reporting() -> Iterator[Doctor]:
    d = Doctor
    yield d("telemetry_decodes", "a bit", "driving", partial(_flipped, keep_checksum=False))
    yield d("telemetry_decodes", "the checksum", "driving", partial(_flipped, keep_checksum=True))
    yield d("counts_never_come_again", "in one boot", "driving", _same_count)
    yield d("counts_never_come_again", "over a boot", "cut", _same_count)
    yield d("clock_runs_forward", "back", "driving", looking(20.0, 40.0, gps_ns=_earlier))
    yield d("telemetry_flows", "nothing", "driving", _silent)
    yield d("faults_are_told", "never", "driving", breaking("imu", "silent", 2.0))
    yield d("upsets_are_mended", "never", "driving", breaking("memory", "parameter_flip", 2.0))


def _running() -> Iterator[Doctor]:
    d = Doctor
    yield d("cycles_go_on", "a hole", "driving", _hole)
    yield d("cycles_go_on", "no boot", "driving", looking(10.0, 30.0, life=0))
    yield d("boots_have_causes", "its watchdog", "driving", _own_reset(ResetCause.WATCHDOG))
    yield d("boots_have_causes", "a crash", "driving", _own_reset(ResetCause.CRASH))
    yield d("no_row_raises", "one", "driving", _row_failed)
    yield d("modes_by_the_table", "from SAFE", "driving", _new_mode(Mode.SAFE, Mode.DRIVE))
    yield d("boots_come_up_at_rest", "entered", "driving", _new_mode(Mode.INIT, Mode.DRIVE))
    yield d("boots_come_up_at_rest", "seen", "driving", looking(0.0, 0.2, mode=Mode.SCIENCE))
    yield d("acknowledged_survives", "a mask", "cut", _mask_lost)
    yield d("acknowledged_survives", "a parameter", "cut", _parameter_lost)
    yield d("completed_means_durable", "at once", "driving", _done_at_once)


DOCTORS: Final = (*_motion(), *_stopping(), *_energy(), *_heat(), *_commanding(), *_reporting(), *_running())
