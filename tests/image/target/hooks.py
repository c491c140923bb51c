"""A closed list of test hooks on the serial console of a test image: one word in, one JSON line out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

MARK = "RAHI-TEST"
TOOL = ["/usr/bin/python3", "-I", "/opt/rahi/rahi_slot.pyz"]
UPDATES = Path("/opt/rahi-test")


def output(*command: str, data: bytes | None = None) -> str:
    """What a program printed, or a RuntimeError."""
    done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=300)
    if done.returncode != 0 and command[:2] != ("systemctl", "is-system-running"):
        raise RuntimeError(f"{command[:4]} ended with {done.returncode}: {done.stderr.decode()[-300:]}")
    return done.stdout.decode().strip()


def shown(*names: str) -> dict[str, str]:
    """Properties of flight's unit."""
    lines = output("systemctl", "show", "rahi-flight", *(f"--property={name}" for name in names)).splitlines()
    return dict(line.split("=", 1) for line in lines)


def state() -> object:
    """Everything that a step may want to look at."""
    status = Path("/sys/class/watchdog/watchdog0/bootstatus")
    return {
        "running": output("systemctl", "is-system-running"),
        "failed": output("systemctl", "list-units", "--state=failed", "--plain", "--no-legend").split("\n"),
        "unit": shown("ActiveState", "SubState", "MainPID", "NRestarts", "Result"),
        "boot_id": Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
        "uptime_s": float(Path("/proc/uptime").read_text().split()[0]),
        "bootstatus": int(status.read_text()) if status.exists() else None,
        "watchdog": output("systemctl", "show", "--property=RuntimeWatchdogUSec", "--value"),
        "slots": json.loads(output(*TOOL, "status")),
        "hostname": os.uname().nodename,
    }


def security() -> object:
    """Who listens, who has a password, what is mounted how."""
    sockets = [line for name in ("tcp", "tcp6", "udp", "udp6") for line in listening(name)]
    shadow = [line.split(":") for line in Path("/etc/shadow").read_text().splitlines()]
    mounts = {line.split()[1]: line.split()[2:4] for line in Path("/proc/mounts").read_text().splitlines()}
    data = os.statvfs("/data")
    return {
        "listening": sockets,
        "with_password": [row[0] for row in shadow if not row[1].startswith(("*", "!"))],
        "root": mounts["/"],
        "data": mounts.get("/data"),
        "data_bytes": data.f_frsize * data.f_blocks,
        "flight_user": owner_of_flight(),
        "logins": output("systemctl", "list-units", "--state=active", "--plain", "--no-legend", "*getty@*"),
    }


def listening(table: str) -> list[str]:
    """Local addresses of a table of /proc/net that wait for somebody: TCP state 0A, UDP state 07."""
    rows = [line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return [f"{table} {row[1]}" for row in rows if row[3] == ("0A" if table.startswith("tcp") else "07")]


def owner_of_flight() -> str:
    """User of flight's process."""
    return Path(f"/proc/{shown('MainPID')['MainPID']}").owner()


def hang() -> object:
    """Stop flight's process as if it hung."""
    pid = int(shown("MainPID")["MainPID"])
    os.kill(pid, signal.SIGSTOP)
    return {"pid": pid}


def panic() -> object:
    """Crash the kernel (sysrq-c)."""
    os.sync()
    say("panic", {})
    Path("/proc/sysrq-trigger").write_text("c")
    return {}


def update(name: str) -> object:
    """Bring a prepared slot the way `rahi deploy` does, and start it."""
    folder = UPDATES / name
    manifest = (folder / "manifest.json").read_bytes()
    slot = output(*TOOL, "free")
    for wanted in json.loads(output(*TOOL, "have", slot, data=manifest)):
        content = (folder / wanted["sha256"]).read_bytes()
        header = f"{wanted['sha256']} {wanted['size']} {wanted['offset']}\n".encode()
        output(*TOOL, "receive", slot, data=header + content[wanted["offset"] :])
    output(*TOOL, "stage", slot, data=manifest)
    output("systemctl", "--no-block", "restart", "rahi-flight")
    return {"slot": slot}


def journal() -> object:
    """The last lines about flight."""
    return {"lines": output("journalctl", "-u", "rahi-flight", "-n", "25", "-o", "cat", "--no-pager").split("\n")}


VERBS: dict[str, Callable[[], object]] = {
    "state": state,
    "security": security,
    "hang": hang,
    "panic": panic,
    "update-good": lambda: update("good"),
    "update-broken": lambda: update("broken"),
    "journal": journal,
}


def say(verb: str, answer: object) -> None:
    """One line that stands out among the kernel's."""
    sys.stdout.write(f"\n{MARK} {json.dumps({'verb': verb, 'answer': answer}, default=str)}\n")
    sys.stdout.flush()


def answer(word: str) -> object:
    """What a verb gives, or what went wrong."""
    try:
        return VERBS[word]()
    except Exception as error:  # noqa: BLE001  # whatever it is, the harness has to hear of it
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> int:
    """Serve standard input, a terminal that must not echo."""
    settings = termios.tcgetattr(sys.stdin)
    settings[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(sys.stdin, termios.TCSANOW, settings)
    say("up", {})
    word = ""
    while byte := sys.stdin.read(1):
        if byte not in "\r\n":
            word += byte
        elif word:
            if word in VERBS:
                say(word, answer(word))
            word = ""
    return 0


if __name__ == "__main__":
    sys.exit(main())
