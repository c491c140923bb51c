"""The house rules as functions over source text: who may import what, and what no module may hold or ask."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

OURS = ("flight", "hal", "sim_hal", "telemetry_defs", "ground", "sil")

# Which of our packages a folder may import. The longest matching prefix speaks for a module.
ALLOWED = {
    "telemetry_defs": ("telemetry_defs",),
    "hal": ("hal",),
    "hal.api": ("hal.api",),
    "flight": ("flight", "hal.api", "telemetry_defs"),
    "sim_hal": ("sim_hal", "hal"),
    "ground": ("ground", "telemetry_defs"),
    "sil": OURS,
}

# What flight may not see of what it may import: these drag in construct.
DENIED = {"flight": ("telemetry_defs.formats", "telemetry_defs.exports")}

# Third-party and standard modules that a folder must do without.
DESKTOP = ("construct", "numpy", "matplotlib", "plotly", "click", "rich", "sqlite3", "astronomy")
_CLOCKS = ("time", "random", "secrets", "uuid", "threading", "asyncio")
BANNED = {
    "flight": (*DESKTOP, *_CLOCKS, "socket", "serial"),
    "hal.api": (*DESKTOP, "time", "random", "secrets", "uuid", "serial"),
    "hal": DESKTOP,
    "telemetry_defs": (*_CLOCKS, "numpy", "matplotlib", "plotly", "click", "rich", "sqlite3", "astronomy"),
    "sim_hal": ("time", "secrets", "uuid", "numpy", "construct", "matplotlib", "plotly", "click", "rich", "sqlite3"),
    "ground": ("click", "rich", "astronomy"),
    "sil": (),
}

_MUTABLE_CALLS = {
    "list",
    "dict",
    "set",
    "bytearray",
    "defaultdict",
    "deque",
    "Counter",
    "OrderedDict",
    "count",
    "fromkeys",
    "cycle",
}
_MUTABLE_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
_CACHES = {"cache", "lru_cache"}
_COPIED_DEFAULTS = {"Struct", "Section"}  # msgspec copies their empty defaults for each object
_SIM_NAME = re.compile(r"(^|_)(sim|simulated|simulation|simulator)(_|$)", re.IGNORECASE)


def sources(*packages: str) -> list[tuple[str, Path]]:
    """Dotted name and path of every module of `packages`, sorted."""
    found = []
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found.append((".".join(parts), path))
    return found


def longest_prefix(name: str, prefixes: dict[str, tuple[str, ...]]) -> str:
    """The most specific of `prefixes` that covers the dotted `name`."""
    return max((prefix for prefix in prefixes if within(name, prefix)), key=len)


def within(name: str, package: str) -> bool:
    """Whether the dotted `name` is `package` or lies inside it."""
    return name == package or name.startswith(package + ".")


def imports(source: str) -> Iterator[str]:
    """Every dotted name that the source imports, at any depth: `from a import b` counts as `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            prefix = "." * node.level + (node.module or "")
            yield from (f"{prefix}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}:
            yield "?dynamic"


def wrong_imports(module: str, source: str) -> list[str]:
    """What `module` imports against the tables above."""
    allowed = ALLOWED[longest_prefix(module, ALLOWED)]
    banned = BANNED[longest_prefix(module, BANNED)] + DENIED.get(module.split(".", 1)[0], ())
    wrong = []
    for name in imports(source):
        top = name.split(".")[0]
        ours = top in (*OURS, "tests", "benchmarks")
        # `from hal import api` is read as hal.api, `import hal` alone as hal: only what lies inside is allowed.
        stray = (ours and not any(within(name, package) for package in allowed)) or top == ""
        # The bench may import everything of ours, so a name made at run time can break no rule there.
        stray = stray or (top == "?dynamic" and allowed is not OURS)
        if stray or any(within(name, package) for package in banned):
            wrong.append(name)
    return wrong


def _called(node: ast.expr) -> str:
    """The last name of what is called: `deque` of `collections.deque(...)`."""
    target = node.func if isinstance(node, ast.Call) else node
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def _is_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.BinOp):
        return _is_mutable(value.left) or _is_mutable(value.right)
    if isinstance(value, ast.Call):
        return _called(value) in _MUTABLE_CALLS
    return isinstance(value, _MUTABLE_DISPLAYS)


def mutable_state(source: str) -> list[int]:
    """Lines that make state shared by every incarnation of the program: a reboot could not forget it."""
    tree = ast.parse(source)
    lines = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Global)]
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    shared = [node for node in classes if not any(_called(base) in _COPIED_DEFAULTS for base in node.bases)]
    bodies = [tree.body, *(node.body for node in shared)]
    assigned = [item for body in bodies for item in body if isinstance(item, ast.Assign | ast.AnnAssign)]
    return sorted(lines + [item.lineno for item in assigned if _is_mutable(item.value) and not _is_export(item)])


def caches(source: str) -> list[int]:
    """Lines of functions that remember what they returned."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return [node.lineno for node in functions if any(_called(item) in _CACHES for item in node.decorator_list)]


def _is_export(item: ast.Assign | ast.AnnAssign) -> bool:
    """`__all__` is the language's own list of names."""
    return isinstance(item, ast.Assign) and getattr(item.targets[0], "id", "") == "__all__"


def simulation_checks(source: str) -> list[int]:
    """Lines that decide by whether the hardware is simulated."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        tests = [node.test] if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert) else []
        tests += [node.subject] if isinstance(node, ast.Match) else []
        tests += node.ifs if isinstance(node, ast.comprehension) else []
        for part in (part for test in tests for part in ast.walk(test)):
            text = part.value if isinstance(part, ast.Constant) else getattr(part, "id", getattr(part, "attr", ""))
            if isinstance(text, str) and _SIM_NAME.search(text):
                lines.append(part.lineno)  # type: ignore[attr-defined]  # names and constants have lines
    return lines
