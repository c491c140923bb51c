"""What is built for a target: the right wheels, nothing of this computer, and enough to fly."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path

import pytest

from flight.__main__ import EXIT_CODES
from flight.executive import ExitReason
from sil.deploy.bundle import Sources, build
from sil.deploy.errors import BadRequest, DeployError
from sil.deploy.facts import Facts, ask
from sil.deploy.layout import Layout
from sil.deploy.rover_text import read_rover
from sil.deploy.target.slots import HALTED
from sil.deploy.target.state import TRIES
from sil.deploy.tool import tool_archive
from sil.deploy.transport import Ran
from sil.deploy.verdict import PATIENCE_S
from sil.deploy.wheels import FLIGHT_NEEDS, SIMULATION_NEEDS, platforms
from tests.sil.deploy.rover_bench import make_wheels

HERE_PYTHON = "{}.{}".format(*sys.version_info)
HERE = Facts(HERE_PYTHON, platform.machine(), 36, True, "this computer")
BOOKWORM = Facts("3.11", "aarch64", 36, False, "Raspberry Pi OS Bookworm")
TRIXIE = Facts("3.13", "aarch64", 41, False, "Raspberry Pi OS Trixie")


def installed_wheels(folder: Path) -> Path:
    """The real packages of this environment, packed as wheels again; what it does not have, as stand-ins."""
    make_wheels(folder)
    for name in ("msgspec", "transitions", "pyserial", "six"):
        found = distribution(name)
        for old in folder.glob(f"{name}-*"):
            old.unlink()
        tag = f"cp{HERE_PYTHON.replace('.', '')}"
        tags = f"{tag}-{tag}-manylinux2014_{platform.machine()}" if name == "msgspec" else "py3-none-any"
        with zipfile.ZipFile(folder / f"{name}-{found.version}-{tags}.whl", "w") as wheel:
            for entry in found.files or ():
                if ".." not in entry.parts and "__pycache__" not in entry.parts:
                    wheel.write(str(entry.locate()), str(entry))
    return folder


_FLY = """
import flight.app, flight.__main__, hal.files, crcmod, serial, msgspec, transitions
from importlib.metadata import entry_points
print(*sorted({module.__file__.split("lib/")[0] for module in (flight, hal, crcmod, serial, msgspec, transitions)}))
print(*sorted(entry.name for entry in entry_points(group="rahi.hal")))
"""


@pytest.mark.process
def test_a_slot_alone_holds_what_flight_imports(tmp_path: Path) -> None:
    """Without any site-packages of this computer."""
    bundle = build(HERE, Sources(wheels=installed_wheels(tmp_path / "wheels")), tmp_path / "cache")
    slot = tmp_path / "slot"
    slot.mkdir()
    bundle.lib.rename(slot / "lib")

    run = subprocess.run(
        [sys.executable, "-S", "-B", "-P", "-c", _FLY],
        env={"PYTHONPATH": str(slot / "lib"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    where, boards = run.stdout.splitlines()
    assert where == f"{slot}/"
    assert "sim" in boards
    assert not list((slot / "lib").glob("crcmod/*.so"))


@pytest.mark.process
def test_equal_sources_make_an_equal_slot_and_old_ones_are_pruned(tmp_path: Path) -> None:
    wheels = make_wheels(tmp_path / "wheels")
    contents = [build(BOOKWORM, Sources(wheels=wheels), tmp_path / "cache").manifest.content for _ in range(2)]
    for version in range(7):
        build(BOOKWORM, Sources(wheels=wheels, version=str(version)), tmp_path / "cache")

    assert contents[0] == contents[1]
    assert len(list((tmp_path / "cache/slots").iterdir())) == 5


@pytest.mark.process
@pytest.mark.parametrize("name", ["../evil.py", "/etc/evil.py", "a/../../evil.py"])
def test_a_wheel_that_writes_outside_is_refused(tmp_path: Path, name: str) -> None:
    wheels = make_wheels(tmp_path / "wheels")
    with zipfile.ZipFile(next(wheels.glob("smbus2*")), "a") as wheel:
        wheel.writestr(name, "evil")

    with pytest.raises(DeployError, match="a wheel wants to write"):
        build(BOOKWORM, Sources(wheels=wheels), tmp_path / "cache")


def test_newer_platform_tags_come_first_and_none_is_newer_than_the_target() -> None:
    assert platforms(BOOKWORM)[0] == "manylinux_2_36_aarch64"
    assert "manylinux_2_28_aarch64" in platforms(BOOKWORM)
    assert platforms(BOOKWORM)[-2:] == ("manylinux_2_17_aarch64", "manylinux2014_aarch64")


class Answering:
    """A target that gives one answer to everything."""

    name = "rover"

    def __init__(self, ran: Ran) -> None:
        self.ran = ran

    def run(self, argv: Sequence[str], data: Iterable[bytes] = ()) -> Ran:
        return self.ran

    def hold(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        raise NotImplementedError


def answer(**changed: object) -> Ran:
    facts = {"python": "3.11", "machine": "aarch64", "bits": 64, "libc": ["glibc", "2.36"], "root": False}
    return Ran(0, "motd\n" + json.dumps({**facts, "os_name": "Debian", **changed}) + "\n", "")


def test_the_target_says_what_it_is() -> None:
    assert ask(Answering(answer()), Layout()) == Facts("3.11", "aarch64", 36, False, "Debian")


@pytest.mark.parametrize(
    ("ran", "problem"),
    [
        (answer(python="3.9"), "has Python 3.9; Rahi needs 3.11 or newer"),
        (answer(machine="armv7l", bits=32), "is a 32-bit armv7l system; Rahi needs 64-bit aarch64 or x86_64"),
        (answer(bits=32), "is a 32-bit aarch64 system"),
        (answer(libc=["", ""]), "has no glibc"),
        (Ran(127, "", "sh: 1: python3: not found\n"), "has no working /usr/bin/python3: sh: 1: python3: not found"),
    ],
)
def test_a_target_that_cannot_fly_is_refused(ran: Ran, problem: str) -> None:
    with pytest.raises(BadRequest, match=problem):
        ask(Answering(ran), Layout())


@pytest.mark.parametrize("out", ["", "{}", "hello", "[]", '{"python": "x"}'])
def test_an_answer_that_is_none_is_told(out: str) -> None:
    with pytest.raises(DeployError, match="unexpected answer"):
        ask(Answering(Ran(0, out, "")), Layout())


def test_a_rover_file_like_another_file_of_ones_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('name = "base"\nlike = "south_pole"\n')
    (tmp_path / "mine.toml").write_text('name = "mine"\nlike = "base.toml"\n')
    (tmp_path / "good.toml").write_text('name = "good"\nlike = "south_pole"\n')

    with pytest.raises(BadRequest, match=r"like = 'base.toml' is another file"):
        read_rover(str(tmp_path / "mine.toml"), with_sim=True)
    assert read_rover(str(tmp_path / "good.toml"), with_sim=True).name == "good"


def test_every_path_of_the_unit_moves_below_a_prefix() -> None:
    from sil.deploy.host_files import wanted_files

    unit = next(file for file in wanted_files(Layout("/x")) if file.path.endswith(".service")).data.decode()
    commands = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("Exec")]

    assert len(commands) == 5
    assert all(command.lstrip("-+").startswith("/x/usr/bin/python3 ") for command in commands)
    assert "PYTHONPATH=/x/run/rahi/current/lib" in unit


def test_the_unit_agrees_with_slot_tool_and_flight() -> None:
    """Numbers that stand in two places."""
    text = (files("sil.deploy") / "target" / "rahi-flight.service").read_text()
    unit = dict(line.split("=", 1) for line in text.splitlines() if line[:1].isalpha() and "Exec" not in line)
    trials_s = TRIES * (float(unit["TimeoutStartSec"]) + float(unit["TimeoutStopSec"]))

    assert int(unit["StartLimitBurst"]) > TRIES + 1
    assert unit["RestartPreventExitStatus"] == HALTED == str(EXIT_CODES[ExitReason.HALTED])
    assert trials_s < PATIENCE_S
    assert trials_s < float(unit["StartLimitIntervalSec"])
    sysusers = (files("sil.deploy") / "target" / "rahi.sysusers").read_text()
    assert all(f"m {unit['User']} {group}\n" in sysusers for group in unit["SupplementaryGroups"].split())


@pytest.mark.process
def test_the_slot_tool_is_one_file_that_needs_nothing_beside_it(tmp_path: Path) -> None:
    assert tool_archive() == tool_archive()
    (tmp_path / "rahi_slot.pyz").write_bytes(tool_archive())
    (tmp_path / "slot.conf").write_text(f"base={tmp_path}\nrun={tmp_path}\n")

    command = [sys.executable, "-I", "-S", str(tmp_path / "rahi_slot.pyz"), "status"]
    run = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)

    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["base"] == str(tmp_path)


@pytest.mark.soak
@pytest.mark.process
@pytest.mark.parametrize("facts", [BOOKWORM, TRIXIE], ids=["bookworm", "trixie"])
def test_the_real_packages_resolve_for_a_raspberry_pi(tmp_path: Path, facts: Facts) -> None:
    """From the package index: needs a network."""
    bundle = build(facts, Sources(with_sim=True), tmp_path)
    compiled = [path for path in bundle.manifest.files if path.endswith(".so")]

    assert {need.split(">")[0] for need in FLIGHT_NEEDS + SIMULATION_NEEDS} == {
        "msgspec",
        "transitions",
        "pyserial",
        "smbus2",
        "gpiod",
        "astronomy-engine",
    }
    for package in ("msgspec", "transitions", "serial", "smbus2", "gpiod", "astronomy", "crcmod", "sim_hal", "flight"):
        assert f"{package}/__init__.py" in bundle.manifest.files, package
    assert {path.split("/")[0] for path in compiled} == {"msgspec", "gpiod"}
    for path in compiled:
        machine = int.from_bytes((bundle.lib / path).read_bytes()[18:20], "little")
        assert machine == 183, path  # ELF e_machine of AArch64
        assert f"cpython-{facts.python.replace('.', '')}" in path or "abi3" in path
