"""Looking at a target, and going back on it: what `--status` and `--rollback` do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sil.deploy import facts as target_facts
from sil.deploy.deployment import LOCK
from sil.deploy.errors import BadRequest
from sil.deploy.host_files import UNIT, restart
from sil.deploy.layout import Layout
from sil.deploy.slot_client import SlotClient
from sil.deploy.transport import AsRoot, Target, checked, locked


def connect(target: Target, layout: Layout) -> tuple[Target, SlotClient, Mapping[str, Any]]:
    """As root, with the status; raises `BadRequest` if Rahi is not installed there."""
    facts = target_facts.ask(target, layout)
    root = AsRoot(target, facts.root)
    checked(root.run(["true"]), f"{target.name}: no way to become root there (log in as root, or sudo)")
    slots = SlotClient(root, layout)
    status = slots.status_if_installed()
    if status is None:
        raise BadRequest(f"{target.name} has no Rahi yet: rahi deploy {target.name} --rover NAME or FILE")
    return root, slots, status


def status_lines(target: Target, layout: Layout) -> Iterator[str]:
    """Slots, versions, and what systemd says of the unit."""
    root, _, status = connect(target, layout)
    for name, slot in status["slots"].items():
        yield f"{name:<8} {_described(name, slot, status)}"
    shown = root.run(["systemctl", "show", UNIT, "--property=ActiveState,SubState,Result,NRestarts"])
    yield f"unit     {', '.join(shown.out.split()) or shown.problem}"


def _described(name: str, slot: Mapping[str, Any], status: Mapping[str, Any]) -> str:
    roles = [role for role in ("active", "running") if status[role] == name and slot["problem"] is None]
    if status["pending"] == name:
        roles.append(f"on trial, {status['tries']} starts left")
    elif slot["proven"] and "active" not in roles:
        roles.append("was good before" if name != "factory" else "last resort")
    version = f"rahi {slot['rahi']} ({slot['content'][:8]})" if "rahi" in slot else ""
    problem = slot["problem"] or ""
    return "  ".join(part for part in (version, problem, ", ".join(roles)) if part)


def roll_back(target: Target, layout: Layout) -> Iterator[str]:
    """Make what was good before the active slot and start it; raises `DeployError` if there is none, or it fails."""
    root, slots, _ = connect(target, layout)
    with locked(root, layout.python, layout.path(LOCK)):
        name = slots.back()
        yield f"slot {name} is the active one; restarting {UNIT}"
        checked(restart(root), f"{UNIT} does not start")
        yield "it runs"
