"""The house rules of docs/architecture.md, held by walking the source. There is no list of exceptions."""

import ast
import re
import statistics
import subprocess
import sys

import pytest

from tests.architecture_rules import (
    DESKTOP,
    OURS,
    ROOT,
    caches,
    mutable_state,
    simulation_checks,
    sources,
    wrong_imports,
)


@pytest.mark.parametrize("package", OURS)
def test_each_package_imports_only_what_its_floor_allows(package: str) -> None:
    """No import goes upwards, sideways, or to a library that the floor must do without."""
    wrong = {module: bad for module, path in sources(package) if (bad := wrong_imports(module, path.read_text()))}

    assert wrong == {}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("flight.modes", "from sim_hal.imu import X"),
        ("flight.modes", "def f():\n    import hal.drivers.imu"),
        ("flight.modes", "from hal import drivers"),
        ("flight.modes", "import hal"),
        ("flight.modes", "from telemetry_defs.formats import X"),
        ("flight.modes", "from telemetry_defs import exports"),
        ("flight.modes", "import time"),
        ("flight.modes", "import os.path, numpy.linalg"),
        ("flight.modes", "from importlib import import_module\nimport_module('sim_hal')"),
        ("flight.modes", "from . import modes"),
        ("hal.api.clock", "from hal.drivers import imu"),
        ("hal.api.clock", "import random"),
        ("hal.drivers.imu", "import flight.modes"),
        ("sim_hal.board", "from tests.fakes import X"),
        ("sim_hal.board", "import flight"),
        ("sim_hal.board", "from time import monotonic"),
        ("ground.station", "from hal.api import clock"),
        ("telemetry_defs.wire", "import hal.api"),
        ("sil.runner", "from benchmarks import cycle"),
    ],
)
def test_a_forbidden_import_is_caught(module: str, source: str) -> None:
    """The walk sees imports at any depth and in every form."""
    assert wrong_imports(module, source) != []


def test_allowed_imports_pass() -> None:
    """The neighbours that design allows are allowed."""
    assert wrong_imports("flight.modes", "from hal.api import clock\nfrom telemetry_defs.wire import Wire") == []
    assert wrong_imports("flight.modes", "from hal import api\nimport msgspec, transitions") == []
    assert wrong_imports("sim_hal.board", "from hal.drivers import imu\nfrom random import Random") == []


@pytest.mark.parametrize("package", ["flight", "hal", "sim_hal", "telemetry_defs"])
def test_no_module_keeps_mutable_state(package: str) -> None:
    """A thousand reboots in one process start from the same place."""
    found = {module: lines for module, path in sources(package) if (lines := mutable_state(path.read_text()))}

    assert found == {}


@pytest.mark.parametrize("package", ["flight", "hal", "sim_hal"])
def test_no_function_remembers(package: str) -> None:
    """Caches belong to objects that a reboot drops (telemetry_defs derives its layouts once: they are constants)."""
    found = {module: lines for module, path in sources(package) if (lines := caches(path.read_text()))}

    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "A = []",
        "A: dict[str, int] = {}",
        "A = {x for x in y}",
        "A = collections.deque()",
        "A = itertools.count()",
        "A = {1: 2} | B",
        "A = dict.fromkeys(B)",
        "class A:\n    x = []",
        "def f():\n    global x",
    ],
)
def test_mutable_state_is_caught(source: str) -> None:
    """Every form in which a module could remember something is seen."""
    assert mutable_state(source) != []


def test_constants_are_not_taken_for_state() -> None:
    """Tuples, frozen views, record defaults and the export list pass; caches are seen apart."""
    good = (
        "A = (1, 2)\nB = MappingProxyType({1: 2})\nC = frozenset({1})\n__all__ = ['A']\nclass D(Struct):\n    x: D = {}"
    )

    assert mutable_state(good) == []
    assert caches("@lru_cache(maxsize=1)\ndef f(): ...") == [2]
    assert caches("class A:\n    @functools.cache\n    def f(self): ...") == [3]


@pytest.mark.parametrize("package", ["flight", "hal"])
def test_nothing_asks_whether_it_is_simulated(package: str) -> None:
    """One code base: the rover cannot know which world it is in."""
    found = {module: lines for module, path in sources(package) if (lines := simulation_checks(path.read_text()))}

    assert found == {}


def test_a_simulation_check_is_caught() -> None:
    """By name, attribute or literal, in any kind of condition."""
    for source in (
        "if simulated: pass",
        "x = 1 if self.is_sim else 2",
        "[a for a in b if hal == 'sim']",
        "assert not SIM",
    ):
        assert simulation_checks(source) != []
    assert simulation_checks("if similar or simple: pass") == []


def test_every_folder_with_modules_is_a_package() -> None:
    """A folder without __init__.py would be missing from the wheel; a stray top-level package escapes the walk."""
    folders = {path.parent for _, path in sources(*OURS)}
    top = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}

    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []
    assert top <= set(OURS)


def test_rooms_stay_small() -> None:
    """Files under 300 lines; functions with a median of about ten lines, nine in ten under 35."""
    long_files = []
    lengths: list[int] = []
    for module, path in sources(*OURS):
        source = path.read_text()
        if source.count("\n") >= 300:
            long_files.append((module, source.count("\n")))
        functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
        lengths += [(node.end_lineno or node.lineno) - node.lineno + 1 for node in functions]

    assert long_files == []
    assert statistics.median(lengths) <= 12
    assert sum(length < 35 for length in lengths) >= 0.9 * len(lengths)


def test_no_file_speaks_of_the_place_where_it_was_written() -> None:
    """A clone stands alone: no path of the workshop in any file of the project."""
    workshop = re.compile(r"(?<![\w.])/" + r"work\b|\.\./" + "shared")
    folders = (*OURS, "tests", "docs", "deploy", "benchmarks", ".ci")
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
    files += [path for path in sorted(ROOT.iterdir()) if path.is_file() and path.name != ".git"]
    texts = [path for path in files if path.suffix in {"", ".py", ".toml", ".md", ".sh", ".yml", ".service"}]

    assert [str(path) for path in texts if workshop.search(path.read_text(errors="replace"))] == []


_LOAD_FLIGHT = """
import importlib, pkgutil, sys
import flight, hal.api
for package in (flight, hal.api):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


@pytest.mark.process
def test_the_flight_process_loads_no_desktop_library() -> None:
    """All of flight imported in a fresh interpreter: nothing that a small rover computer could not afford."""
    run = subprocess.run([sys.executable, "-c", _LOAD_FLIGHT], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
    assert set(run.stdout.split()) & {*DESKTOP, "sim_hal", "ground", "sil"} == set()
