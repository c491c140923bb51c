"""The command lines by which QEMU starts an image, on its own board (`virt`) and on a Raspberry Pi 3 (`raspi3b`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sil.image.boot_files import ROOT_ARGUMENTS

HOST: Final = "127.0.0.1"
CARD_BYTES: Final = 1 << 32
"""The Pi's card reader wants a power of two; both boards get it, so that the first boot has something to grow into."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One board: where flight's radio and the console are on it, and what the kernel has to be told."""

    name: str
    radio_port: str
    console: str
    hardware: tuple[str, ...]
    extra_arguments: str = ""
    needs_tree: bool = False


MACHINES: Final = MappingProxyType(
    {
        "virt": Machine(
            name="virt",
            radio_port="/dev/ttyS0",
            console="ttyAMA0,115200",
            hardware=("-M", "virt", "-cpu", "cortex-a72", "-smp", "1", "-m", "1024", "-device", "i6300esb"),
        ),
        # QEMU 7.2 resets at once when this board's watchdog is armed, so systemd must leave it alone there; and it has
        # no graphics processor for vchiq, which then crashes a kernel thread.
        "raspi3b": Machine(
            name="raspi3b",
            radio_port="/dev/ttyAMA0",
            console="ttyS1,115200",
            hardware=("-M", "raspi3b"),
            extra_arguments=" maxcpus=1 systemd.watchdog_sec=0 module_blacklist=vchiq",
            needs_tree=True,
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class Files:
    """What QEMU is given: the card, and what it loads in place of the Pi's closed firmware, taken from that card."""

    card: Path
    kernel: Path
    initrd: Path
    tree: Path


@dataclass(frozen=True, kw_only=True)
class Lines:
    """TCP ports on this computer: flight's radio, the console (None: this terminal), and ssh (None: no network)."""

    radio: int
    console: int | None = None
    ssh: int | None = None


STEADY: Final = ("-icount", "shift=0,sleep=off")
"""The emulated processor takes 1 ns for each instruction and skips idle time, whatever this computer does meanwhile:
its clock, and every timeout in it, never runs on while a busy host lets it stand."""


def command(
    machine: Machine, files: Files, lines: Lines, panic_s: int = 10, log: Path | None = None, *, steady: bool = False
) -> list[str]:
    """The whole command line.

    `panic_s` 0 leaves a crashed kernel to the watchdog alone; `log` keeps the console; `steady`: see `STEADY`.
    """
    arguments = f"console={machine.console} {ROOT_ARGUMENTS} net.ifnames=0 panic={panic_s}{machine.extra_arguments}"
    tree = ["-dtb", str(files.tree)] if machine.needs_tree else []
    return [
        "qemu-system-aarch64",
        *machine.hardware,
        *(STEADY if steady else ()),
        *["-display", "none", "-accel", "tcg,thread=single", "-watchdog-action", "reset"],
        *["-kernel", str(files.kernel), "-initrd", str(files.initrd), *tree, "-append", arguments],
        *_card(machine, files.card),
        *_serial(machine, lines, log),
        *_network(machine, lines),
    ]


def _card(machine: Machine, card: Path) -> list[str]:
    drive = f"file={str(card).replace(',', ',,')},format=raw"
    if machine.name == "raspi3b":
        return ["-drive", f"if=sd,{drive}"]
    return ["-drive", f"if=none,id=card,{drive}", "-device", "virtio-blk-pci,drive=card"]


def _serial(machine: Machine, lines: Lines, log: Path | None) -> list[str]:
    kept = f",logfile={str(log).replace(',', ',,')}" if log is not None else ""
    where = f"socket,host={HOST},port={lines.console},server=on,wait=off"
    console = ["-chardev", f"{'stdio,mux=on' if lines.console is None else where},id=console{kept}"]
    radio = ["-chardev", f"socket,id=radio,host={HOST},port={lines.radio},server=on,wait=off"]
    monitor = ["-mon", "console"] if lines.console is None else ["-monitor", "none"]
    if machine.name == "raspi3b":  # the first line is its PL011, the second its mini-UART
        return [*console, *radio, *monitor, "-serial", "chardev:radio", "-serial", "chardev:console"]
    return [*console, *radio, *monitor, "-serial", "chardev:console", "-device", "pci-serial,chardev=radio"]


def _network(machine: Machine, lines: Lines) -> list[str]:
    if lines.ssh is None or machine.name == "raspi3b":  # its network chip hangs on USB, which is not modelled well
        return ["-nic", "none"] if machine.name == "virt" else []
    return ["-nic", f"user,model=virtio-net-pci,restrict=on,hostfwd=tcp:{HOST}:{lines.ssh}-:22"]
