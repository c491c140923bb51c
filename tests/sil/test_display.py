"""What is shown while a mission runs."""

import io

from rich.console import Console

from sil.display import Lines, Panel, clock_text
from sil.loader import decode_scenario
from sil.run import run

TEXT = """
name = "tiny"
world = "flat"
duration_s = 20.0
[start]
time_utc = 2029-09-24T00:00:00Z
soc = 0.75
[[command]]
at_s = 5.0
name = "mobility.drive_to"
args = { x_m = 1.0, y_m = 0.0, speed_m_s = 0.05, timeout_s = 60.0 }
"""


def test_the_panel_shows_progress_mode_battery_pose_and_events() -> None:
    """Everything an operator wants at a glance."""
    shown = io.StringIO()
    with Panel(Console(file=shown, force_terminal=True, width=110), note="the note") as panel:
        run(decode_scenario(TEXT, "tiny.toml"), progress=panel)

    last = shown.getvalue()
    for part in (
        "tiny",
        "0:00:20 of 0:00:20",
        "DRIVE",
        "75.",
        "x real time",
        "yaw",
        "mobility.motion_started",
        "the note",
    ):
        assert part in last


def test_plain_lines_carry_no_control_codes() -> None:
    """Ten lines on how far it is."""
    shown = io.StringIO()
    with Lines(shown) as lines:
        run(decode_scenario(TEXT, "tiny.toml"), progress=lines)

    assert "\x1b" not in shown.getvalue()
    assert [line.split()[1] for line in shown.getvalue().splitlines() if " % " in line] == [
        str(10 * n) for n in range(1, 11)
    ]


def test_watching_does_not_change_the_run() -> None:
    """The same downlink with and without a display."""
    scenario = decode_scenario(TEXT, "tiny.toml")

    assert run(scenario, progress=Lines(io.StringIO())).downlink_sha256 == run(scenario).downlink_sha256


def test_durations_are_read_at_a_glance() -> None:
    """Hours, minutes, seconds; days in front."""
    assert clock_text(99.9) == "0:01:39"
    assert clock_text(2 * 86_400 + 3_661) == "2 d 1:01:01"
