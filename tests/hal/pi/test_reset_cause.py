"""Why flight came up, from fake kernel files and real records."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from hal.api.values import ResetCause
from hal.pi.life import FILE, Life, note_result, read_life, write_life
from hal.pi.reset_cause import Evidence, gather, reset_cause
from tests.hal.pi.kernel_files import kernel_files

WATCHDOG_BIT = 0x20
POWER_ON_BIT = 0x1000


@pytest.mark.parametrize(
    ("status", "result", "cause"),
    [
        (0, None, ResetCause.COMMANDED),
        (75, None, ResetCause.COMMANDED),
        (70, None, ResetCause.CRASH),
        (71, None, ResetCause.CRASH),
        (72, None, ResetCause.UNKNOWN),
        (2, None, ResetCause.UNKNOWN),
        (None, None, ResetCause.UNKNOWN),
        (None, "watchdog", ResetCause.WATCHDOG),
        (None, "signal", ResetCause.UNKNOWN),
        (None, "core-dump", ResetCause.CRASH),
        (None, "exit-code", ResetCause.CRASH),
        (None, "oom-kill", ResetCause.CRASH),
    ],
)
def test_within_one_start_of_the_kernel_the_last_process_says_why(
    tmp_path: Path, status: int | None, result: str | None, cause: ResetCause
) -> None:
    """The watchdog status of the kernel's start, an old story by now, changes nothing."""
    evidence = gather(kernel_files(tmp_path, bootstatus="32", pm_rsts=WATCHDOG_BIT))
    assert reset_cause(Life(boot_id="one", exit_status=status, result=result), evidence) is cause


@pytest.mark.parametrize(
    ("status", "bootstatus", "pm_rsts", "cause"),
    [
        (None, None, None, ResetCause.POWER_ON),
        (0, None, None, ResetCause.POWER_ON),
        (None, "32", None, ResetCause.WATCHDOG),
        (None, "0x8020", None, ResetCause.WATCHDOG),
        (None, "0", None, ResetCause.POWER_ON),
        (None, "nonsense", None, ResetCause.POWER_ON),
        (None, "0", WATCHDOG_BIT, ResetCause.WATCHDOG),
        (None, "0", WATCHDOG_BIT | POWER_ON_BIT, ResetCause.POWER_ON),
        (None, "0", POWER_ON_BIT, ResetCause.POWER_ON),
        (0, "0", WATCHDOG_BIT, ResetCause.POWER_ON),
    ],
)
def test_after_a_new_start_of_the_kernel_watchdog_and_power_are_told_apart(
    tmp_path: Path, status: int | None, bootstatus: str | None, pm_rsts: int | None, cause: ResetCause
) -> None:
    """On a Raspberry Pi an ordinary reboot looks like the watchdog, save that flight had ended before."""
    evidence = gather(kernel_files(tmp_path, boot_id="two", bootstatus=bootstatus, pm_rsts=pm_rsts))
    assert reset_cause(Life(boot_id="one", exit_status=status), evidence) is cause


def test_the_first_start_ever_is_a_power_on(tmp_path: Path) -> None:
    assert reset_cause(None, gather(kernel_files(tmp_path))) is ResetCause.POWER_ON


def test_a_computer_that_tells_nothing_is_no_error(tmp_path: Path) -> None:
    assert gather(tmp_path) == Evidence(boot_id="", card_reset=False, pm_rsts=0)


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    life = Life(boot_id="b", exit_status=75)
    write_life(tmp_path, life)
    assert read_life(tmp_path) == life


@given(data=st.binary(max_size=200))
def test_hostile_bytes_are_no_record_and_no_crash(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("life")
    (folder / FILE).write_bytes(data)
    life = read_life(folder)
    assert life is None or isinstance(life, Life)


def test_systemd_s_word_counts_only_for_a_process_that_did_not_end_by_itself(tmp_path: Path) -> None:
    note_result(tmp_path, "watchdog")
    assert read_life(tmp_path) is None

    write_life(tmp_path, Life(boot_id="b"))
    note_result(tmp_path, None)
    assert read_life(tmp_path) == Life(boot_id="b")
    note_result(tmp_path, "watchdog")
    assert read_life(tmp_path) == Life(boot_id="b", result="watchdog")

    write_life(tmp_path, Life(boot_id="b", exit_status=0))
    note_result(tmp_path, "success")
    assert read_life(tmp_path) == Life(boot_id="b", exit_status=0)
