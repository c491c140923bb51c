"""Defects of what must survive a restart."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant

MUTANTS: Final = (
    Mutant(
        name="mask_not_kept",
        defect="masked wheels are not in the state image",
        story="OreSat keeps only the objects that somebody has marked as kept.",
        module="flight.subsystems.mobility",
        old="            masked_wheels=tuple(self._gate.masked),",
        new="            masked_wheels=KeptMotion().masked_wheels,",
        expected=("acknowledged_survives", "masked_wheels_rest"),
    ),
    Mutant(
        name="parameters_not_restored",
        defect="a boot begins with the parameters of the rover file, whatever ground has set",
        story="OreSat's F-RAM layout is positional: a field too many, and what was kept is read as something else.",
        module="flight.core",
        old="dictionary, kept.parameters, kept.previous_parameters,",
        new="dictionary, {}, kept.previous_parameters,",
        expected=("acknowledged_survives",),
    ),
    Mutant(
        name="upsets_stay",
        defect="the copies of the parameters are kept, and nobody compares them",
        story="What is checked at boot alone is wrong from the first upset to the next boot.",
        module="flight.core_rows",
        old="in self._parameters.vote():",
        new="in ():",
        expected=("upsets_are_mended",),
    ),
    Mutant(
        name="state_written_in_place",
        defect="the newer copy of a kept file is removed and written again in its place",
        story="proveskit/pysquared truncates its configuration and writes it anew; theyosh/TerrariumPI #734: "
        "set-points changed by power cuts.",
        module="flight.kept_file",
        old="        place = 1 - self._newer\n"
        "        data = encode_copy(self._version, self._generation + 1, value)\n"
        "        ticket = self._storage.replace(self._names[place], data)",
        new="        place = self._newer\n"
        "        data = encode_copy(self._version, self._generation + 1, value)\n"
        "        for name in self._names:\n"
        "            self._storage.remove(name)\n"
        "        ticket = self._storage.append(self._names[place], data)",
        expected=("acknowledged_survives", "counts_never_come_again", "no_duplicate_is_accepted"),
    ),
    Mutant(
        name="counts_from_zero",
        defect="every boot counts its packets from zero",
        story="stanford-ssi/samwise-flight-software #175: ground has to learn anew where the counts stand.",
        module="flight.telemetry.counters",
        old="start.get(apid, 0) for apid",
        new="0 for apid",
        expected=("counts_never_come_again",),
    ),
    Mutant(
        name="counts_kept_not_reserved",
        defect="the state image holds where the counts stand, not where the next boot may begin",
        story="oresat-c3-software: the sequence count reaches F-RAM at most a second later, and repeats after a cut.",
        module="flight.telemetry.counters",
        old="return {apid: limit & _MASK for apid, limit in self._limit.items()}",
        new="return {apid: count & _MASK for apid, count in self._next.items()}",
        expected=("counts_never_come_again",),
    ),
    Mutant(
        name="completed_before_written",
        defect="a telecommand whose change is to be kept is reported completed up to a second before it is written",
        story="oresat-c3-software writes its state up to a second after it has acted on it.",
        module="flight.commanding.completion",
        old="    execution.start()\n    durable.keep(save, partial(end, execution))",
        new="    execution.complete()",
        expected=("acknowledged_survives", "completed_means_durable"),
    ),
)
