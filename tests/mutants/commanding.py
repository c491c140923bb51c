"""Defects of the way from ground's telecommand to its execution."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant

MUTANTS: Final = (
    Mutant(
        name="receivers_off_in_safe",
        defect="modes that save power switch the receivers off too",
        story="PyCubed-Mini's safe mode schedules no radio task: a craft in safe mode cannot be commanded.",
        module="flight.subsystems.power",
        old="affordable = not sheddable or (self._target is _FULL and self._shedding.level < level)",
        new="affordable = self._target is _FULL and (not sheddable or self._shedding.level < level)",
        expected=("receiver_listens", "both_receivers_listen", "ground_regains_control", "telemetry_flows"),
    ),
    Mutant(
        name="one_radio_silences_the_other",
        defect="a radio that does not answer ends the reading of both",
        story="proveskit/pysquared #24, label 'cube killer': one failed device on a bus blocked the radio.",
        module="flight.commanding.receive",
        old="            except DeviceError:  # comms watches the radios; here there is just nothing to read\n"
        "                continue",
        new="            except DeviceError:\n                break",
        expected=("ground_regains_control",),
    ),
    Mutant(
        name="newest_command_first",
        defect="the queue hands out the newest telecommand first",
        story="A queue popped at the wrong end, seen only when two wait in one cycle.",
        module="flight.commanding.queue",
        old="return self._queue.popleft() if self._queue else None",
        new="return self._queue.pop() if self._queue else None",
        expected=("accepted_commands_run_in_order",),
    ),
    Mutant(
        name="queue_holds_one",
        defect="a second telecommand in one cycle pushes the first out of the queue, acknowledged as it is",
        story="nasa/fprime PR #4198 and #4195: what a full command queue does with one more.",
        module="flight.commanding.queue",
        old="self._queue: deque[Accepted] = deque()",
        new="self._queue: deque[Accepted] = deque(maxlen=1)",
        expected=("accepted_commands_run_in_order",),
    ),
    Mutant(
        name="last_frame_replayed",
        defect="the telecommand accepted last is accepted once more",
        story="oresat-c3-software compares sequence numbers with <, not <=: the last frame can be replayed.",
        module="flight.commanding.duplicates",
        old="(apid << 14 | sequence_count) in window",
        new="(apid << 14 | sequence_count) in tuple(window)[:-1]",
        expected=("no_duplicate_is_accepted",),
    ),
    Mutant(
        name="source_not_told_apart",
        defect="the duplicates of all sources but the first are never found",
        story="CMU Argus never checked its nonce for freshness, so that a replay was accepted.",
        module="flight.commanding.duplicates",
        old="window = self._windows.get(source_id)",
        new="window = self._windows.get(min(self._windows, default=source_id))",
        expected=("no_duplicate_is_accepted",),
    ),
    Mutant(
        name="checksum_made_good",
        defect="a telecommand whose checksum does not fit is given one that does",
        story="JPL Open Source Rover's driver answers a CRC mismatch with zeros that look like data.",
        module="flight.commanding.receive",
        old="            except PacketError:\n                bad += 1\n                continue\n"
        "            if self._is_stop",
        new="            except PacketError:\n"
        "                bad += 1\n"
        "                from telemetry_defs.crc import crc16\n"
        "                try:\n"
        "                    tc = parse_tc(packet[:-2] + crc16(packet[:-2]).to_bytes(2, 'big'))\n"
        "                except PacketError:\n"
        "                    continue\n"
        "            if self._is_stop",
        expected=("only_sent_commands_are_accepted",),
    ),
    Mutant(
        name="armed_for_good",
        defect="an arming is not used up by the command that it armed",
        story="CubeWorks took out the boot into its one-shot deployment, because it could fire twice.",
        module="flight.commanding.receive",
        old="            self._path.arming.disarm()",
        new="            pass",
        expected=("only_legal_commands_are_accepted",),
    ),
    Mutant(
        name="any_arming_arms",
        defect="whatever is armed, every hazardous command may run",
        story="A check for something armed in the place of the right thing armed.",
        module="flight.commanding.arming",
        old="return self.code == code and code != 0 and now_ns < self._until_ns",
        new="return self.code != 0 and now_ns < self._until_ns",
        expected=("only_legal_commands_are_accepted",),
    ),
    Mutant(
        name="mode_not_asked",
        defect="a telecommand is accepted in any mode",
        story="OLAF's states may be written past its transition table by REST and SDO.",
        module="flight.commanding.checks",
        old="        if not command.allowed_in(self._modes.mode):\n"
        "            raise Refusal(FailureCode.MODE, self._modes.mode)\n        arm_code",
        new="        arm_code",
        expected=("only_legal_commands_are_accepted",),
    ),
    Mutant(
        name="safe_leads_to_drive",
        defect="DRIVE may be entered from SAFE",
        story="A word too many in a table: what put the rover into SAFE need not be over when it drives off.",
        module="flight.modes.table",
        old='next=_modes("STOWED", "SERVICE", "IDLE", "CHARGE", "HIBERNATE") - {Mode.SAFE}',
        new='next=_modes("STOWED", "SERVICE", "IDLE", "CHARGE", "HIBERNATE", "DRIVE") - {Mode.SAFE}',
        expected=("modes_by_the_table",),
    ),
    Mutant(
        name="unknown_number_raises",
        defect="a housekeeping structure that does not exist raises out of its row",
        story="Cislunar Explorers: an unknown command id raises KeyError where IndexError is caught.",
        module="flight.telemetry.housekeeping",
        old='        """One report out of turn; False for an unknown structure."""\n'
        "        slot = self._slots.get(structure_id)",
        new='        """One report out of turn; False for an unknown structure."""\n'
        "        slot = self._slots[structure_id]",
        expected=("no_row_raises",),
    ),
    Mutant(
        name="started_never_ended",
        defect="setting the state of charge is reported started and never completed",
        story="Cislunar Explorers' EXIT_LOW_BATT command can never succeed; a handler's last line is easily forgotten.",
        module="flight.subsystems.power",
        old="        self._soc.calibrate(args.soc)\n",
        new="        self._soc.calibrate(args.soc)\n        execution.start()\n",
        expected=("commands_report_their_end",),
    ),
)
