"""What the image lays over Debian: no password, no log-in, flight as `rahi deploy` installs it, from slots on /data."""

import json
import os
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from msgspec import structs

from flight.rover_file import load_rover
from hal.api.wiring import NOT_FITTED
from sil.deploy.bundle import Bundle
from sil.deploy.target.disk import Disk
from sil.deploy.target.manifest import Manifest, digest
from sil.deploy.target.slots import Slots
from sil.deploy.target.state import Places, configured
from sil.image.application import Accounts, application_layer, with_flight_user
from sil.image.boot_files import COMMAND_LINE, boot_files
from sil.image.device_tree import next_phandle
from sil.image.errors import ImageError
from sil.image.rover_files import rover_entries
from sil.image.system_layer import dropped, locked, system_layer, target_text
from sil.image.target.rahi_first_boot import Settings, read_settings, rover_text
from sil.image.tree import Entry

ACCOUNTS = Accounts(
    passwd="root:x:0:0:root:/root:/bin/bash\n",
    group="root:x:0:\ndialout:x:20:\nshadow:x:42:\n",
    shadow="root:*:1:0:99999:7:::\nsshd:!:1::::::\n",
)
UNITS = "etc/systemd/system"


def by_path(entries: list[Entry]) -> dict[str, Entry]:
    return {entry.path: entry for entry in entries}


@pytest.fixture
def layer() -> dict[str, Entry]:
    return by_path(list(system_layer(with_flight_user(ACCOUNTS))))


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    (tmp_path / "lib/flight").mkdir(parents=True)
    (tmp_path / "lib/flight/app.py").write_bytes(b"pass\n")
    listed = {"flight/app.py": (digest(b"pass\n"), 5)}
    return Bundle(Manifest("0.1.0", "3.11", "aarch64", listed), tmp_path / "lib")


def test_root_is_locked_and_nobody_has_a_password(layer: dict[str, Entry]) -> None:
    rows = [line.split(":") for line in (layer["etc/shadow"].data or b"").decode().splitlines()]

    assert {row[0]: row[1] for row in rows} == {"root": "!*", "sshd": "!", "rahi": "!*"}
    assert layer["etc/shadow"].mode == 0o640


@pytest.mark.parametrize("row", ["pi:$y$j9T$abc:1::::::", "pi::1::::::", "pi"])
def test_a_base_with_a_password_is_refused(row: str) -> None:
    with pytest.raises(ImageError, match="the account pi of the root file system has a password"):
        locked(f"root:*:1::::::\n{row}\n")


def test_flight_has_a_user_in_the_groups_of_its_devices() -> None:
    found = with_flight_user(ACCOUNTS)

    assert "rahi:x:970:970:Rahi flight software:/var/lib/rahi:/usr/sbin/nologin\n" in found.passwd
    assert found.group == "root:x:0:\ndialout:x:20:rahi\nshadow:x:42:\nrahi:x:970:\ni2c:x:971:rahi\ngpio:x:972:rahi\n"
    with pytest.raises(ImageError, match="has a group i2c or number 971 already"):
        with_flight_user(Accounts(passwd="", group="i2c:x:5:\n", shadow=""))


def test_no_console_asks_for_a_log_in(layer: dict[str, Entry]) -> None:
    for unit in ("getty@.service", "serial-getty@.service", "systemd-logind.service", "ssh.socket"):
        assert layer[f"{UNITS}/{unit}"].link == "/dev/null"


@pytest.mark.parametrize("unit", ["ssh.service.d/rahi.conf", "systemd-networkd.service.d/rahi.conf"])
def test_network_and_ssh_start_only_with_a_key(layer: dict[str, Entry], unit: str) -> None:
    text = (layer[f"{UNITS}/{unit}"].data or b"").decode()

    assert "\nConditionPathExists=/run/rahi-first-boot/authorized_keys\n" in text


def test_ssh_takes_the_key_and_nothing_else(layer: dict[str, Entry]) -> None:
    words = (layer["etc/ssh/sshd_config.d/10-rahi.conf"].data or b"").decode().splitlines()

    assert {"PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password"} <= {
        *words
    }


def test_every_place_of_a_partition_is_filled_in(layer: dict[str, Entry]) -> None:
    texts = {path: (entry.data or b"").decode() for path, entry in layer.items()}

    assert [path for path, text in texts.items() if re.search(r"@(DATA|DATA_UNIT|BOOT)@", text)] == []
    assert "PARTUUID=52414849-03 /data ext4 rw" in texts["etc/fstab"]
    assert (
        r"Before=data.mount systemd-fsck@dev-disk-by\x2dpartuuid-52414849\x2d03.service"
        in texts[f"{UNITS}/rahi-data.service"]
    )


def test_every_wanted_unit_is_there(layer: dict[str, Entry], bundle: Bundle) -> None:
    everything = {**layer, **by_path(list(application_layer(bundle)))}
    wanted = {entry.link for path, entry in everything.items() if ".wants/" in path}

    assert {path.removeprefix("/") for path in wanted if path and path.startswith("/etc")} <= everything.keys()


@pytest.mark.parametrize(
    ("path", "out"),
    [
        ("etc/ssh/ssh_host_rsa_key", True),
        ("etc/ssh/sshd_config", False),
        ("boot/firmware/start.elf", True),
        ("boot/vmlinuz-6.1", True),
        ("boot/firmware", False),
        ("boot", False),
        ("dev", False),
        ("dev/null", True),
        ("var/log/dpkg.log", True),
        ("var/log", False),
        ("usr/lib/modules/6.1/kernel", False),
        ("etc/machine-id", False),
    ],
)
def test_what_belongs_to_another_computer_is_left_out(path: str, out: bool) -> None:
    assert dropped(path) is out


def test_the_slot_tool_finds_the_factory_in_the_root_and_slots_on_data(bundle: Bundle, tmp_path: Path) -> None:
    found = by_path(list(application_layer(bundle)))
    for path, entry in found.items():
        target = tmp_path / "root" / path
        (target if entry.data is None else target.parent).mkdir(parents=True, exist_ok=True)
        if entry.data is not None:
            target.write_bytes(entry.data)
    root = tmp_path / "root"

    places = configured(root / "opt/rahi/rahi_slot.pyz")
    assert places == Places(Path("/data/rahi"), Path("/opt/rahi/factory"), Path("/run/rahi"))
    slots = Slots(Disk(), Places(root / "data/rahi", root / "opt/rahi/factory", root / "run"), "3.11")
    assert slots.problem("factory") is None
    assert slots.fallback() == "factory"  # with no data partition at all
    assert json.loads((root / "opt/rahi/factory/manifest.json").read_bytes())["rahi"] == "0.1.0"


def test_the_settings_on_a_new_card_are_all_comments_that_hold_when_uncommented() -> None:
    text = target_text("rahi.toml")

    assert read_settings(text.encode()) == (Settings(), [])
    shown = re.sub(r"(?m)^# (\w+ = )", r"\1", text)
    assert tomllib.loads(shown).keys() == {"hostname", "ssh_authorized_key", "radio_port"}
    settings, problems = read_settings(shown.encode())
    assert (settings.hostname, settings.radio_port) == ("rahi", "/dev/ttyUSB0")
    assert len(problems) == 1  # the key is only shown in outline


def test_the_radio_is_put_on_the_port_that_the_card_names(tmp_path: Path) -> None:
    rover = load_rover("open_source_rover")
    text = (files("flight") / "rovers/open_source_rover.toml").read_bytes()
    entries = by_path(list(rover_entries(rover, text)))
    for name in ("rover-built-in.toml", "rover-other-radio.toml"):
        data = (entries[f"etc/rahi/{name}"].data or b"").replace(b"/etc/rahi/", b"%s/" % os.fsencode(tmp_path))
        (tmp_path / name).write_bytes(data)
    assert entries["etc/rahi/rover.toml"].link == "/run/rahi-first-boot/rover.toml"

    chosen, problems = rover_text(Settings(radio_port="/dev/ttyS0"), tmp_path)
    (tmp_path / "chosen.toml").write_bytes(chosen)
    found = load_rover(str(tmp_path / "chosen.toml"))

    assert problems == []
    assert found.hardware.buses["modem"].url == "serial:///dev/ttyS0?baud=57600"
    assert found.hardware.buses["motors"] == rover.hardware.buses["motors"]
    assert found.name == rover.name
    assert rover_text(Settings(), tmp_path) == ((tmp_path / "rover-built-in.toml").read_bytes(), [])


def test_a_rover_without_a_serial_radio_keeps_its_file_and_says_so(tmp_path: Path) -> None:
    rover = load_rover("south_pole")
    entries = by_path(list(rover_entries(structs.replace(rover, hardware=NOT_FITTED), b"name = 'x'\n")))
    assert "etc/rahi/rover-other-radio.toml" not in entries
    (tmp_path / "rover-built-in.toml").write_bytes(b"name = 'x'\n")

    chosen, problems = rover_text(Settings(radio_port="/dev/ttyS0"), tmp_path)

    assert chosen == b"name = 'x'\n"
    assert problems == ["radio_port is not used: this rover has no radio on a serial port"]


def firmware() -> dict[str, bytes]:
    names = (
        "start.elf",
        "bootcode.bin",
        "fixup.dat",
        "vmlinuz-6.1",
        "initrd.img-6.1",
        "bcm2837-rpi-3-b.dtb",
        "config.txt",
    )
    return {name: name.encode() for name in names}


def test_the_boot_partition_has_fixed_names_and_changed_device_trees() -> None:
    def change(path: Path) -> bool:
        path.write_bytes(path.read_bytes() + b"!")
        return True

    found = boot_files(firmware(), change)

    assert found["vmlinuz"] == b"vmlinuz-6.1"
    assert found["bcm2837-rpi-3-b.dtb"] == b"bcm2837-rpi-3-b.dtb!"
    assert b"kernel=vmlinuz\ninitramfs initrd.img\n" in found["config.txt"]
    assert found["cmdline.txt"].decode() == COMMAND_LINE
    assert "root=PARTUUID=52414849-02 rootfstype=squashfs ro" in COMMAND_LINE
    assert COMMAND_LINE.count("\n") == 1  # the firmware reads one line


@pytest.mark.parametrize(
    ("without", "words"), [("vmlinuz-6.1", "one vmlinuz-"), ("start.elf", "no Raspberry Pi firmware")]
)
def test_a_root_without_kernel_or_firmware_is_told(without: str, words: str) -> None:
    found = {name: data for name, data in firmware().items() if name != without}

    with pytest.raises(ImageError, match=words):
        boot_files(found, lambda _path: True)


def test_a_new_phandle_is_one_that_nobody_has() -> None:
    assert next_phandle("a { phandle = <0x1f>; x-phandle = <0x99>; };\nb { phandle = <0x02>; };") in (0x20, 0x9A)
    assert next_phandle("a {};") == 1
