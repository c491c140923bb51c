"""Promises about telecommands: what is accepted runs once, in order; nothing else runs; ground keeps control."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from hal.api.clock import NS_PER_S, seconds
from sil.faults.registry import fault_of
from sil.properties.judging import Judgement, Nearest, Property
from sil.properties.looks import CUTS, MEMORY, lasting
from sil.properties.record import Look, Run, Taken
from sil.scenario import LinkGapSection
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.packets import ACK_COMPLETION, PacketError, parse_tc

WINDOW: Final = 64
"""Telecommands of a source that are remembered, by the design; not taken from flight, which is what is judged."""
TAKEN_S: Final = 1.0
"""An accepted command runs in the same cycle; after a failure of its row, soon."""
ANSWER_S: Final = 30.0
BOTH: Final = 2
SLOW: Final = (
    "mobility.", "instruments.", "thermal.warm_motors", "thermal.test_heater", "store.", "sequences.", "timeline.",
    "power.set_load",
)  # fmt: skip
"""Commands whose execution takes as long as what they begin."""
BRAIN: Final = (*MEMORY, "computer/slow", "computer/hang", "computer/storage*", "storage*/*")


def _none_lost(run: Run) -> Judgement:
    """First in, first out, for each life."""
    nearest = Nearest()
    taken: dict[int, deque[Taken]] = {}
    for item in run.taken:
        taken.setdefault(item.life, deque()).append(item)
    ends_ns = _ends(run)
    for item in run.accepted:
        queue = taken.get(item.life, deque())
        if queue and (queue[0].name, queue[0].args, queue[0].request) == (item.name, item.args, item.request):
            waited_s = (queue.popleft().t_ns - item.t_ns) / NS_PER_S
            nearest.note(1.0 - waited_s / TAKEN_S, item.t_ns, f"{item.name} waited {waited_s:.1f} s")
        elif queue or ends_ns[item.life] - item.t_ns > TAKEN_S * NS_PER_S:
            nearest.fail(item.t_ns, f"{item.name} was accepted and {'overtaken' if queue else 'never run'}")
    for item in (item for queue in taken.values() for item in queue):
        nearest.fail(item.t_ns, f"{item.name} ran without being accepted for it")
    return nearest.judgement()


def _ends(run: Run) -> dict[int, int]:
    """When each life was last seen."""
    return {look.life: look.t_ns for look in run.looks}


def _no_duplicates(run: Run) -> Judgement:
    nearest, windows = Nearest(), {}  # type: ignore[var-annotated]  # filled below, by source
    for item in run.heard:
        source, *key = item.request
        window = windows.setdefault(source, deque(maxlen=WINDOW))
        again = tuple(key) in window
        nearest.note(-1.0 if again else 1.0, item.t_ns, f"telecommand {key[1]} of source {source} was accepted again")
        window.append(tuple(key))
    return nearest.judgement()


def _only_what_was_sent(run: Run) -> Judgement:
    """Whatever was accepted stands, byte for byte, in what ground put on the air before."""
    nearest, sent = Nearest(), []
    for t_ns, packet in run.uplinked:
        try:
            tc = parse_tc(packet)
        except PacketError:
            continue
        sent.append((t_ns, (tc.source_id, tc.apid, tc.sequence_count), (tc.service, tc.subtype, tc.data)))
    known = {(request, body): t_ns for t_ns, request, body in reversed(sent)}
    for item in run.heard:
        genuine = known.get((item.request, item.body), item.t_ns + 1) <= item.t_ns
        nearest.note(1.0 if genuine else -1.0, item.t_ns, f"telecommand {item.request} was accepted but never sent")
    return nearest.judgement()


def _legal(run: Run) -> Judgement:
    """Arguments in range and mode legal at acceptance; hazardous ones armed right before."""
    nearest, armed = Nearest(), {}  # type: ignore[var-annotated]  # filled below, by life
    modes = {(entry.life, entry.t_ns): entry.old for entry in reversed(run.modes)}
    for item in run.accepted:
        command = DICTIONARY.command(item.name)
        if item.request is None:
            continue
        if command.modes is not None and not _mode_allowed(run, item, modes):
            nearest.fail(item.t_ns, f"{item.name} was accepted in a mode that forbids it")
        if command.hazardous:
            was = armed.pop(item.life, None)
            nearest.note(1.0 if was == command.arm_code else -1.0, item.t_ns, f"{item.name} ran unarmed")
        if item.name == "system.arm":
            armed[item.life] = item.args.target
    return nearest.judgement()


def _mode_allowed(run: Run, item: Taken, modes: dict[tuple[int, int], Mode]) -> bool:
    """Legal in the mode before or after this very cycle."""
    allowed = DICTIONARY.command(item.name).modes or frozenset()
    around = [look.mode for look in run.looks if abs(look.t_ns - item.t_ns) <= NS_PER_S // 5]
    around += [
        old for (life, t_ns), old in modes.items() if life == item.life and abs(t_ns - item.t_ns) <= NS_PER_S // 5
    ]
    return not around or any(mode in allowed for mode in around)


def _answered(run: Run) -> Judgement:
    """Every accepted telecommand that asks for it reports an end, if its life lasts."""
    nearest, ends_ns = Nearest(), _ends(run)
    ended = {(r.life, r.request) for r in run.reports if r.subtype in (4, 7, 8)}
    for item in run.accepted:
        if (
            not item.ack & ACK_COMPLETION
            or item.name.startswith(SLOW)
            or ends_ns.get(item.life, 0) - item.t_ns < ANSWER_S * NS_PER_S
        ):
            continue
        nearest.note(
            1.0 if (item.life, item.request) in ended else -1.0, item.t_ns, f"{item.name} never reported an end"
        )
    return nearest.judgement()


def _ground_controls(run: Run) -> Judgement:
    """One of ground's calls at the end is answered; judged for one fault at most."""
    nearest, gaps = Nearest(), _late_gaps(run)
    calls = [(t_ns, ok) for t_ns, ok in run.pings if len({gap.radio for gap in gaps if _within(gap, t_ns)}) < BOTH]
    several = len(run.broken) + bool(gaps) > 1
    if not calls or several or _asleep(run) or _is_single_point(run.broken):
        return nearest.judgement()
    answered = sum(ok for _, ok in calls)
    nearest.note(-1.0 if not answered else min(1.0, answered / 2.0), calls[-1][0], "ground calls and is not answered")
    return nearest.judgement()


def _late_gaps(run: Run) -> list[LinkGapSection]:
    """Those that last into ground's calls: a fault too; while both radios have one nobody can answer."""
    return [gap for gap in run.scenario.link_gap if run.pings and seconds(gap.to_s) > run.pings[0][0]]


def _within(gap: LinkGapSection, t_ns: int) -> bool:
    return seconds(gap.from_s) <= t_ns <= seconds(gap.to_s)


def _is_single_point(broken: Iterable[str]) -> bool:
    return any(fault_of(pair).single_point for pair in broken)


def _asleep(run: Run) -> bool:
    """In HIBERNATE, without power, or out of sight: then ground repeats for longer than this run lasts."""
    first_ns = run.pings[0][0]
    tail = [look for look in run.looks if look.t_ns >= first_ns]
    hibernating = any(entry.new is Mode.HIBERNATE for entry in run.modes)
    dark = any(look.bus_dead or not look.life for look in tail)
    return hibernating or dark or not any(look.locked for look in tail)


def _hears(run: Run) -> Judgement:
    """Some receiver is on, in every mode but HIBERNATE, from the first seconds of a boot."""
    return lasting(run, lambda look: _awake(look) and not any(look.listening), 5.0, "deaf", when=_awake)


def _awake(look: Look) -> bool:
    return look.life > 0 and look.mode is not Mode.HIBERNATE and not look.bus_dead


def _both_hear(run: Run) -> Judgement:
    """Both receivers, unless ground has given one up."""
    return lasting(run, lambda look: _awake(look) and not all(look.listening), 10.0, "a receiver is off", when=_awake)


PROPERTIES: Final = (
    Property(
        name="accepted_commands_run_in_order",
        promise="no accepted command is lost, repeated or overtaken while its boot lasts",
        reason="ground plans on what was acknowledged",
        judge=_none_lost,
        excused_by=(*MEMORY, "computer/slow"),
    ),
    Property(
        name="no_duplicate_is_accepted",
        promise="no telecommand is accepted twice within the duplicate window, over resets too",
        reason="a repeat on a bad link would drive the same metre twice; a replay is an attack",
        judge=_no_duplicates,
        excused_by=(
            *MEMORY,
            "computer/image_*",
            "computer/storage*",
            "storage*/*",
            *CUTS,
        ),
        exceptions="STOP passes always; what was accepted in the second before a reset may not be kept yet",
    ),
    Property(
        name="only_sent_commands_are_accepted",
        promise="what is accepted was sent by ground, byte for byte",
        reason="a flipped bit must never become a command",
        judge=_only_what_was_sent,
        excused_by=(*MEMORY, "radio_*/babble", "radio_*/replay"),
        exceptions="well-formed telecommands of a stranger: the link has no authentication",
    ),
    Property(
        name="only_legal_commands_are_accepted",
        promise="a command is accepted only in a mode that allows it, and a hazardous one only right after its arming",
        reason="release, wheel tests and restarts must not happen by a slip of the pen",
        judge=_legal,
        excused_by=(*MEMORY,),
    ),
    Property(
        name="commands_report_their_end",
        promise="every accepted telecommand reports completion or failure",
        reason="silence would make ground send it again",
        judge=_answered,
        excused_by=BRAIN,
        exceptions="those that ask for no report, and those whose execution takes as long as what they begin",
    ),
    Property(
        name="ground_regains_control",
        promise="after any single fault outside the table of single points ground's call is answered",
        reason="as long as somebody can command the rover, somebody can save it",
        judge=_ground_controls,
        excused_by=(),
        exceptions="HIBERNATE, a computer without power, no carrier; more than one fault",
    ),
    Property(
        name="receiver_listens",
        promise="some receiver is on in every mode but HIBERNATE",
        reason="a deaf rover is lost",
        judge=_hears,
        excused_by=("radio_*/*", "loads*/*", "bus.modem/*", "bus.lines/*", *MEMORY, "gpio*/*"),
        aim=True,
    ),
    Property(
        name="both_receivers_listen",
        promise="both receivers are on in every mode but HIBERNATE, unless ground has ordered otherwise",
        reason="either may be the one that ground can reach",
        judge=_both_hear,
        unjudged_after=("health.*", "power.set_load"),
        excused_by=("radio_*/*", "loads*/*", "bus.*/*", "gpio*/*", *MEMORY, "computer/*"),
    ),
)
