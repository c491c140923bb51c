"""A deployment onto a computer in a folder, with systemd's part played from the installed unit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sil.deploy.deployment import Wishes
from sil.deploy.errors import BadRequest, DeployError
from sil.deploy.rover_text import RoverText
from sil.deploy.target.state import TRIES
from tests.sil.deploy.rover_bench import CMDLINE, CONFIG, ROVER, Folder, Ground, make_rover, tree

pytestmark = pytest.mark.process


def slots(rover: Folder) -> dict[str, object]:
    found: dict[str, object] = json.loads((rover.root / "opt/rahi/slots.json").read_text())
    return found


def starts(rover: Folder) -> list[str]:
    path = rover.root / "starts"
    return path.read_text().split() if path.exists() else []


def flown(rover: Folder) -> list[str]:
    return (rover.root / "etc/rahi/flight.log").read_text().splitlines()


def test_a_first_install_runs_and_is_good(rover: Folder, ground: Ground) -> None:
    assert ground.deploy(rover, Wishes(ground.sources("1"), ROVER))

    assert slots(rover) == {"active": "a", "pending": None, "tries": 0}
    assert starts(rover) == ["ready"]
    assert flown(rover) == ["1 name = 'one'"]
    assert ground.said[-2:] == ["good: slot a runs and is the active one", "copied it as the factory copy"]
    assert (rover.root / "opt/rahi/factory/lib/flight/needed.py").read_text() == "VERSION = '1'\n"
    assert (rover.root / "etc/systemd/system.conf.d/rahi-watchdog.conf").exists()
    assert (rover.root / "system.log").read_text().startswith("systemd-sysusers")
    assert "enable --quiet rahi-flight" in (rover.root / "systemctl.log").read_text()
    assert not list((rover.root / "opt/rahi/a/lib").rglob("bin/*"))


def test_a_first_install_without_a_rover_file_is_refused(rover: Folder, ground: Ground) -> None:
    before = tree(rover.root)

    with pytest.raises(BadRequest, match="give --rover NAME or FILE"):
        ground.deploy(rover, Wishes(ground.sources("1")))

    assert tree(rover.root) == before


def test_an_update_goes_into_the_other_slot_and_sends_only_what_is_new(installed: Folder, ground: Ground) -> None:
    assert ground.deploy(installed, Wishes(ground.sources("2")))

    assert slots(installed)["active"] == "b"
    assert flown(installed)[-1] == "2 name = 'one'"
    assert 0 < ground.sent_bytes < 200
    assert "keep the old rover file" not in "\n".join(ground.said)


def test_what_runs_already_is_not_restarted(installed: Folder, ground: Ground) -> None:
    assert ground.deploy(installed, Wishes(ground.sources("1")))

    assert ground.said[-1] == "nothing to do: this is what runs there"
    assert starts(installed) == []


def test_a_new_rover_file_alone_restarts_what_runs(installed: Folder, ground: Ground) -> None:
    assert ground.deploy(installed, Wishes(ground.sources("1"), RoverText("two", b"name = 'two'\n")))

    assert flown(installed)[-1] == "1 name = 'two'"
    assert slots(installed) == {"active": "a", "pending": None, "tries": 0}


def test_a_broken_update_is_rolled_back_after_three_starts(installed: Folder, ground: Ground) -> None:
    assert not ground.deploy(installed, Wishes(ground.sources("2", "sys.exit(3)")))

    assert starts(installed) == ["3"] * TRIES + ["ready"]
    assert slots(installed) == {"active": "a", "pending": None, "tries": 0}
    assert flown(installed)[-1] == "1 name = 'one'"
    assert "rolled back: slot b never got ready; a runs again" in ground.said
    assert "  | flight: something is wrong" in ground.said
    assert not (installed.root / "rebooted").exists()


def test_an_update_that_halts_is_rolled_back_at_once(installed: Folder, ground: Ground) -> None:
    """systemd is told never to restart after 72; the slot tool asks for it."""

    assert not ground.deploy(installed, Wishes(ground.sources("2", "sys.exit(72)")))

    assert starts(installed) == ["72", "ready"]
    assert slots(installed)["active"] == "a"


def test_the_rover_file_of_before_comes_back_with_the_version_of_before(installed: Folder, ground: Ground) -> None:
    assert not ground.deploy(installed, Wishes(ground.sources("2", "sys.exit(3)"), RoverText("two", b"name = 'two'\n")))

    assert (installed.root / "etc/rahi/rover.toml").read_bytes() == ROVER.data
    assert flown(installed)[-1] == "1 name = 'one'"


def test_a_first_install_that_is_broken_fails_and_stops(rover: Folder, ground: Ground) -> None:
    """There is nothing to go back to, and no reboot can help."""
    assert not ground.deploy(rover, Wishes(ground.sources("1", "import nothing_of_that_name"), ROVER))

    assert starts(rover) == ["1"] * TRIES + ["start-pre"]
    assert not (rover.root / "rebooted").exists()
    assert any("nothing before it to go back to" in line for line in ground.said)
    assert flown(rover) == ["1 name = 'one'", "1 safe"] * TRIES + ["1 safe"]
    assert ground.deploy(rover, Wishes(ground.sources("2")))


def test_a_dry_run_says_every_step_and_changes_nothing(rover: Folder, ground: Ground) -> None:
    before = tree(rover.root)

    assert ground.deploy(rover, Wishes(ground.sources("1"), ROVER, setup_board=True, dry_run=True))

    assert tree(rover.root) == before
    said = "\n".join(ground.said)
    for step in ("rahi_slot.pyz", "rahi-flight.service", "rover.toml", "config.txt", "upload", "verify", "reboot"):
        assert step in said, step


def test_a_dry_run_of_an_update_changes_nothing_and_counts_what_it_would_send(
    installed: Folder, ground: Ground
) -> None:
    before = tree(installed.root)

    assert ground.deploy(installed, Wishes(ground.sources("2"), dry_run=True))

    assert {**tree(installed.root), "systemctl.log": b""} == {**before, "systemctl.log": b""}
    assert any(line.startswith("would upload 0.1 kB in 2 files for slot b") for line in ground.said), ground.said


def test_the_board_is_only_looked_at_unless_asked(installed: Folder, ground: Ground) -> None:
    ground.deploy(installed, Wishes(ground.sources("1")))

    assert (installed.root / "boot/firmware/config.txt").read_text() == CONFIG
    wanted = [line for line in ground.said if line.startswith("wanted in")]
    assert "enable_uart=1, dtoverlay=disable-bt, dtparam=i2c_arm=on (--setup-board does it)" in wanted[0]
    assert "without console=serial0,115200" in wanted[1]


def test_a_board_that_was_set_up_is_tried_out_after_its_reboot(rover: Folder, ground: Ground) -> None:
    assert ground.deploy(rover, Wishes(ground.sources("1"), ROVER, setup_board=True))

    firmware = rover.root / "boot/firmware"
    assert (firmware / "config.txt").read_text().startswith(CONFIG)
    assert (firmware / "config.txt.before-rahi").read_text() == CONFIG
    assert (firmware / "cmdline.txt.before-rahi").read_text() == CMDLINE
    assert (firmware / "cmdline.txt").read_text() == "console=tty1 root=PARTUUID=1-02 rootwait\n"
    assert starts(rover) == []
    assert slots(rover) == {"active": "factory", "pending": "a", "tries": TRIES}
    assert "reboot" in ground.said[-1]


def test_a_computer_that_is_no_pi_is_told_so(tmp_path: Path, ground: Ground) -> None:
    assert ground.deploy(make_rover(tmp_path / "pc", pi=False), Wishes(ground.sources("1"), ROVER))
    assert any(line.startswith("no config.txt") for line in ground.said)


def test_a_read_only_system_keeps_its_files_and_gets_a_new_slot(installed: Folder, ground: Ground) -> None:
    """As an image has it: slots lie on a partition of their own."""
    (installed.root / "bin/test").write_text('#!/bin/sh\n[ "$1" != -w ] && [ "$@" ]\n')
    (installed.root / "bin/test").chmod(0o755)
    rules = installed.root / "etc/udev/rules.d/60-rahi.rules"
    rules.write_text("the image's own\n")

    assert ground.deploy(installed, Wishes(ground.sources("2")))

    assert rules.read_text() == "the image's own\n"
    assert "the system is read-only: unit and slot tool stay as its image has them" in ground.said
    assert flown(installed)[-1] == "2 name = 'one'"


def test_files_that_differ_from_the_shipped_ones_are_replaced_and_seen(installed: Folder, ground: Ground) -> None:
    unit = installed.root / "etc/systemd/system/rahi-flight.service"
    text = unit.read_text()
    unit.write_text("[Service]\n")

    assert ground.deploy(installed, Wishes(ground.sources("1")))

    assert unit.read_text() == text
    assert starts(installed) == ["ready"]


def not_root(rover: Folder) -> None:
    """The computer says that one logs in as somebody else."""
    script = rover.root / "usr/bin/python3"
    [_, start] = script.read_text().splitlines()
    lie = start.removeprefix("exec ") + """ | sed 's/"root": true/"root": false/'"""
    script.write_text(f'#!/bin/sh\ncase "$3" in *os_name*) {lie};; *) {start};; esac\n')


def test_a_user_who_is_not_root_goes_by_sudo(rover: Folder, ground: Ground) -> None:
    not_root(rover)

    assert ground.deploy(rover, Wishes(ground.sources("1"), ROVER))

    assert [command[:3] for command in rover.commands[1:]] == [("sudo", "-n", "--")] * (len(rover.commands) - 1)


def test_no_way_to_become_root_is_told(rover: Folder, ground: Ground) -> None:
    not_root(rover)
    (rover.root / "bin/sudo").write_text('#!/bin/sh\necho "sudo: a password is required" >&2; exit 1\n')

    with pytest.raises(DeployError, match=r"no way to become root there .*: sudo: a password is required"):
        ground.deploy(rover, Wishes(ground.sources("1"), ROVER))


def test_wheels_that_do_not_fit_are_told_in_pips_words(rover: Folder, ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    sources = replace(ground.sources("1"), wheels=tmp_path / "empty")

    with pytest.raises(DeployError, match="No matching distribution found for msgspec"):
        ground.deploy(rover, Wishes(sources, ROVER))
