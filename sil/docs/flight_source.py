"""Reads flight's own source: the schedule, the devices that each row's factory hands out, uses of the blackboard."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

import msgspec

from flight.blackboard import Blackboard

CORE: Final = "mode machine"
_SNAPSHOTS: Final = tuple(sorted(Blackboard.__slots__))
_CORE_MODULE: Final = "flight.core"


class RowFlow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the schedule: where its data comes from and what it publishes."""

    name: str
    every: int
    devices: tuple[str, ...]
    """Attributes of the `Hal` that its factory uses."""
    reads: tuple[str, ...]
    """Snapshots of the blackboard."""
    publishes: tuple[str, ...]


def row_flows() -> tuple[RowFlow, ...]:
    """Every row, in the order of the schedule."""
    app, factories = _Module("flight.app"), _Module("flight.factories")
    core = _closure({_CORE_MODULE})
    flows = []
    for name, every, factory in _slots(app):
        builders = [builder for module in (app, factories) for builder in module.functions_in(factory)]
        roots = {root for module, builder in builders for root in module.constructed(builder)}
        uses = [_uses(module) for module in sorted(roots | (_closure(roots) - core))]
        flows.append(
            RowFlow(
                name=name,
                every=every,
                devices=_sorted({device for module, builder in builders for device in module.devices(builder)}),
                reads=_sorted({snapshot for reads, _ in uses for snapshot in reads}),
                publishes=_sorted({snapshot for _, writes in uses for snapshot in writes}),
            )
        )
    return tuple(flows)


def core_reads() -> tuple[str, ...]:
    """Snapshots that the mode machine and its guards look at, whichever row asked for the mode."""
    modules = _closure({_CORE_MODULE})
    return _sorted({snapshot for module in modules for snapshot in _uses(module)[0]})


class _Module:
    """A module's syntax tree with its functions and imported names."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tree = _tree(name)
        self._functions = {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}
        self._lasting = {
            _called(target): node.value
            for node in ast.walk(self._functions.get("__init__", ast.Pass()))
            if isinstance(node, ast.Assign)
            for target in node.targets
        }
        """What `__init__` assigns, to locals too."""
        self._imported = {
            alias.asname or alias.name: node.module
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }

    def functions_in(self, factory: ast.expr) -> Iterator[tuple[_Module, ast.AST]]:
        """The function of this module that a slot's factory names, or the lambda that it is."""
        if isinstance(factory, ast.Lambda):
            if self.name == "flight.app":
                yield self, factory
            return
        owner = {"self": "flight.app", "make": "flight.factories"}
        for node in ast.walk(factory):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                function = self._functions.get(node.attr)
                if function is not None and owner.get(node.value.id) == self.name and node.attr != "_row":
                    yield self, function

    def constructed(self, function: ast.AST) -> set[str]:
        """Modules of flight whose classes this function calls."""
        calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
        names = {called.id for called in calls if isinstance(called, ast.Name)}
        modules = {self._imported.get(name, "") for name in names if name[:1].isupper()}
        return {module for module in modules if module.startswith("flight.")}

    def devices(self, function: ast.AST) -> set[str]:
        """Devices that this function names, or that went into a lasting part (`self.x`) which it hands on."""
        found = set(_devices(function))
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and _called(node.value) == "self" and node.attr in self._lasting:
                part = self._lasting[node.attr]
                names = [name.id for name in ast.walk(part) if isinstance(name, ast.Name) and name.id in self._lasting]
                found.update(_devices(part), *(_devices(self._lasting[name]) for name in names))
        return found

    def imports(self) -> set[str]:
        """Modules of flight that this one imports names from."""
        return {module for module in self._imported.values() if module.startswith("flight.")}


def _slots(app: _Module) -> Iterator[tuple[str, int, ast.expr]]:
    """Name, period in cycles and factory of each `Slot(...)` of the table, in order."""
    calls = [
        node
        for node in ast.walk(app.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Slot"
    ]
    for call in sorted(calls, key=lambda node: node.lineno):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        every = given.get("every")
        yield (
            ast.literal_eval(given["name"]),
            1 if every is None else int(ast.literal_eval(every)),
            given["factory"],
        )


def _devices(function: ast.AST) -> Iterator[str]:
    """X of every `self.hal.X`, `self._hal.X`, `core.hal.X`, `hal.X`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and _called(node.value) in ("hal", "_hal") and node.attr != "clock":
            yield node.attr


def _uses(module: str) -> tuple[set[str], set[str]]:
    """Snapshots that a module reads and writes: `board.power`, `self._context.board.power = ...`."""
    reads: set[str] = set()
    writes: set[str] = set()
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Attribute) and node.attr in _SNAPSHOTS and _is_board(node.value):
            (writes if isinstance(node.ctx, ast.Store) else reads).add(node.attr)
    return reads, writes


def _is_board(node: ast.expr) -> bool:
    return _called(node) in ("board", "_board")


def _called(node: ast.expr) -> str:
    """Last name of `a`, `self.a`, `x.y.a`; empty for anything else."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _closure(roots: set[str]) -> set[str]:
    """The modules of flight that these import, directly or not, and they themselves."""
    seen: set[str] = set()
    todo = sorted(roots)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += sorted(_Module(name).imports() - seen)
    return seen


def _tree(module: str) -> ast.Module:
    package, *rest = module.split(".")
    path = files(package).joinpath(*rest[:-1], f"{rest[-1]}.py")
    if not path.is_file():
        path = files(package).joinpath(*rest, "__init__.py")
    return ast.parse(path.read_text(encoding="utf-8"))


def _sorted(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names))
