"""The steps, in the order of the day.  Each gives one line about what it saw, or raises `StepFailed`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from telemetry_defs.areas.system import ResetCause
from tests.image.bench import BOOT_S, Bench
from tests.image.failure import StepFailed
from tests.image.ground import Ground
from tests.image.layer import GOOD_VERSION
from tests.image.machine import Emulated
from tests.image.ssh_key import Key

HANG_S: Final = 120.0
"""WatchdogSec=10, then a start of flight in the emulator."""
RESET_S: Final = 1500.0
"""A crashed kernel spins for the 15 s of its watchdog, all of which have to be emulated, and boots again."""
DRIVE_S: Final = 180.0
DISTANCE_M: Final = 0.5
UPDATE_S: Final = 420.0
"""Three broken starts, five seconds or more each in the emulator, before the old slot is back."""
GREW_BYTES: Final = 1 << 30
SSH_S: Final = 240.0
SSH_PORT_HEX: Final = "0016"
"""Port 22 as /proc/net/tcp writes it."""


def expect(holds: object, message: str) -> None:
    """Raises `StepFailed` unless it holds."""
    if not holds:
        raise StepFailed(message)


def build(bench: Bench) -> str:
    """The test image is built."""
    return f"{bench.image.name}, {bench.image.stat().st_blocks * 512 / 1e6:.0f} MB in use"


def boot(bench: Bench) -> str:
    """virt boots the image to a flight that reported READY, with no failed unit."""
    state = bench.rover.wait_ready(BOOT_S)
    expect(state["failed"] == [""], f"failed units: {state['failed']}")
    expect(state["running"] in ("running", "starting"), f"system is {state['running']}")
    expect(state["hostname"] == "rover-7", f"host name {state['hostname']}, rahi.toml says rover-7")
    expect(state["slots"]["running"] == "factory", f"runs from {state['slots']['running']}, expected the factory copy")
    expect(state["watchdog"] not in ("", "0", "infinity"), "systemd strokes no hardware watchdog")
    return f"READY {bench.since_boot_s():.0f} s after power on, guest up {state['uptime_s']:.0f} s, {state['running']}"


def closed(bench: Bench) -> str:
    """Without a key in rahi.toml nothing listens; no account has a password; the root is read-only."""
    found = bench.rover.ask("security")
    expect(found["listening"] == [], f"open ports: {found['listening']}")
    expect(found["with_password"] == [], f"accounts with a password: {found['with_password']}")
    expect(found["logins"] == "", f"log-in prompts on {found['logins']}")
    expect(found["root"][0] == "squashfs" and "ro" in found["root"][1].split(","), f"root is {found['root']}")
    expect(found["data"] and found["data"][0] == "ext4", f"data partition is {found['data']}")
    expect(found["data_bytes"] > GREW_BYTES, f"data partition has {found['data_bytes']} bytes, it did not grow")
    expect(found["flight_user"] == "rahi", f"flight runs as {found['flight_user']}")
    return f"no port, no password, read-only root, data {found['data_bytes'] / 1e9:.1f} GB, flight runs as rahi"


def ping(bench: Bench) -> str:
    """The ground station reaches flight over the emulated UART."""
    return f"answer after {bench.ground.ping():.1f} s"


def housekeeping(bench: Bench) -> str:
    """Housekeeping comes down and speaks of this boot."""
    found = bench.ground.housekeeping("system.hk")
    expect(found["boot_count"] >= 1 and found["cycles"] > 0, f"odd housekeeping: {dict(found)}")
    return f"mode {found['mode'].name}, boot {found['boot_count']}, {found['slots_missed']} slots missed"


def drive(bench: Bench) -> str:
    """The ground drives the rover half a metre through that UART."""
    ground = bench.ground
    ground.command("system.set_mode", {"mode": "IDLE"}, 60.0)
    before = ground.housekeeping("mobility.hk")
    arc = {"curvature_1_m": 0.0, "distance_m": DISTANCE_M, "speed_m_s": 0.05, "timeout_s": 60.0}
    ground.command("mobility.arc", arc, DRIVE_S)
    after = ground.housekeeping("mobility.hk")
    moved_m = ((after["x_m"] - before["x_m"]) ** 2 + (after["y_m"] - before["y_m"]) ** 2) ** 0.5
    expect(abs(moved_m - DISTANCE_M) < 0.1, f"moved {moved_m:.3f} m, commanded {DISTANCE_M} m")
    return f"moved {moved_m:.3f} m of {DISTANCE_M} m commanded"


def hang(bench: Bench) -> str:
    """A flight process that hangs is killed and started again by systemd's watchdog, the computer is not reset."""
    before = bench.rover.state()
    boots = len(bench.ground.boots)
    began_s = time.monotonic()
    bench.rover.ask("hang")
    heard = bench.ground.listen(HANG_S, lambda: len(bench.ground.boots) > boots)
    expect(heard, f"no boot report within {HANG_S:.0f} s of the hang")
    took_s = time.monotonic() - began_s
    after = bench.rover.wait_ready(HANG_S)
    expect(after["boot_id"] == before["boot_id"], "the whole computer was reset")
    expect(after["unit"]["MainPID"] != before["unit"]["MainPID"], "it is still the same process")
    cause = bench.ground.boots[-1]["reset_cause"]
    expect(cause is ResetCause.WATCHDOG, f"telemetry says {cause}")
    return f"restarted, boot report {took_s:.0f} s after the hang, cause {cause.name}"


def panic(bench: Bench) -> str:
    """A crashed kernel (panic=0: it would stay so) is reset by the hardware watchdog, and telemetry says so."""
    before = bench.rover.state()
    boots = len(bench.ground.boots)
    began_s = time.monotonic()
    bench.rover.ask("panic")
    heard = bench.ground.listen(RESET_S, lambda: len(bench.ground.boots) > boots)
    expect(heard, f"no boot report within {RESET_S:.0f} s of the crash")
    took_s = time.monotonic() - began_s
    after = bench.wait_new_boot(before)
    expect(after["bootstatus"], f"the watchdog's boot status is {after['bootstatus']}")
    cause = bench.ground.boots[-1]["reset_cause"]
    expect(cause is ResetCause.WATCHDOG, f"telemetry says {cause}")
    return f"boot report {took_s:.0f} s after the crash, cause {cause.name}, boot status {after['bootstatus']}"


def update_good(bench: Bench) -> str:
    """An update that gets READY becomes the active slot, and telemetry carries its version."""
    slot = bench.rover.ask("update-good", UPDATE_S)["slot"]
    state = _settled(bench)
    expect(state["slots"]["active"] == slot == state["slots"]["running"], f"slots are {state['slots']}")
    version = bench.ground.housekeeping("system.hk")["software_version"]
    wanted = GOOD_VERSION[0] << 16 | GOOD_VERSION[1] << 8 | GOOD_VERSION[2]
    expect(version == wanted, f"telemetry carries version {version:#x}, expected {wanted:#x}")
    return f"slot {slot} committed, telemetry carries version {'.'.join(map(str, GOOD_VERSION))}"


def update_broken(bench: Bench) -> str:
    """An update that never gets READY is left after its tries; what ran before runs again."""
    before = bench.rover.wait_ready(UPDATE_S)["slots"]
    slot = bench.rover.ask("update-broken", UPDATE_S)["slot"]
    began_s = time.monotonic()
    state = _settled(bench)
    expect(state["slots"]["active"] == before["active"], f"active is {state['slots']['active']}")
    expect(state["slots"]["running"] == before["running"], f"runs from {state['slots']['running']}")
    expect(slot != before["running"], "the running slot was overwritten")
    bench.ground.ping()
    return f"slot {slot} dropped, back on {state['slots']['running']} within {time.monotonic() - began_s:.0f} s"


def _settled(bench: Bench) -> Mapping[str, Any]:
    """Until no slot is on trial and flight is READY."""
    end_s = time.monotonic() + UPDATE_S
    while time.monotonic() < end_s:
        state = bench.rover.state()
        if state["slots"]["pending"] is None and state["unit"]["ActiveState"] == "active":
            return state
        time.sleep(2.0)
    raise StepFailed(f"a slot is still on trial after {UPDATE_S:.0f} s: {bench.rover.ask('journal')}")


def ssh(bench: Bench) -> str:
    """With a key on the card ssh opens, for that key alone, and `rahi deploy` finds its way in."""
    bench.close_rover()
    key = Key(bench.folder / "key")
    settings = f'ssh_authorized_key = "{key.public}"\n'
    with Emulated(bench.image, "virt", bench.folder / "ssh", settings, network=True) as board:
        board.wait_ready(BOOT_S)
        port = board.lines.ssh or 0
        user = key.run(port, "id -un", SSH_S)
        expect(user == "root", f"ssh says {user!r}")
        refused = key.without(port)
        expect("publickey" in refused and "password" not in refused, f"without the key: {refused!r}")
        status = key.deploy_status(port)
        expect("factory" in status, f"rahi deploy --status: {status!r}")
        listening = board.ask("security")["listening"]
        ours = [row for row in listening if not row.endswith(f":{SSH_PORT_HEX}") and not row.startswith("udp")]
        expect(ours == [] and listening != [], f"listening: {listening}")
    return f"root by key only, deploy --status answers, listening: {', '.join(listening)}"


def raspi3b(bench: Bench) -> str:
    """The same image on an emulated Raspberry Pi 3 with its own device tree: flight answers on the PL011."""
    bench.close_rover()  # one emulator at a time: each takes a whole processor
    with Emulated(bench.image, "raspi3b", bench.folder / "raspi3b") as board:
        ground = Ground(board.connect(board.lines.radio))
        state = board.wait_ready(BOOT_S)
        took_s = time.monotonic() - board.began_s
        expect(state["failed"] == [""], f"failed units: {state['failed']}")
        answer_s = ground.ping()
        return f"READY {took_s:.0f} s after power on, ping over the PL011 answered after {answer_s:.1f} s"


Step = Callable[[Bench], str]
STEPS: Final[Mapping[str, Step]] = MappingProxyType(
    {
        step.__name__: step
        for step in (
            build,
            boot,
            closed,
            ping,
            housekeeping,
            drive,
            hang,
            panic,
            update_good,
            update_broken,
            ssh,
            raspi3b,
        )
    }
)
"""In the order in which they run; each can run alone, and then makes what it needs first."""
