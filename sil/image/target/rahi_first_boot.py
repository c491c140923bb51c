"""Apply `rahi.toml` of the card at each boot: host name, ssh key, radio port.  Standard library only.

A key that is wrong keeps its default and is told in one line on the console; the others hold, so a slip in one
cannot silence the radio.  No file: defaults, and no way in but the radio.  Flight's rover file is chosen here too: the
one built into the image, or one like it with its radio on the port that the card names.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import socket
import sys
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

MAX_FILE_BYTES = 65536
MAX_DOTS = 1000
"""Far above what host names, keys and ports need: a TOML key of thousands of dotted parts takes gigabytes to read."""
MAX_KEY_BYTES = 8192
MAX_TOLD = 10
"""Lines on a serial console, which takes its time for each."""
KEY_TYPES = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)
_HOSTNAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PORT = re.compile(r"/dev/(serial/by-(id|path)/[A-Za-z0-9_.:+@-]+|tty[A-Za-z0-9]+|serial[0-9]+)")


@dataclass(frozen=True)
class Settings:
    """What the file says, or what holds without it."""

    hostname: str = "rahi"
    ssh_authorized_key: str = ""
    radio_port: str = ""
    """Empty: as in the rover file."""


def read_settings(text: bytes) -> tuple[Settings, list[str]]:
    """The settings, and one line for each thing that is wrong."""
    try:
        if len(text) > MAX_FILE_BYTES:
            raise ValueError(f"larger than {MAX_FILE_BYTES} bytes")
        if text.count(b".") > MAX_DOTS:
            raise ValueError(f"more than {MAX_DOTS} dots")
        raw = tomllib.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Settings(), [printable(f"not valid TOML, nothing of it is used: {error}")]
    settings, problems = Settings(), []
    checks = {"hostname": hostname, "ssh_authorized_key": ssh_key, "radio_port": radio_port}
    for key, value in raw.items():
        check = checks.get(key)
        problem = f"is unknown, the keys are {', '.join(checks)}" if check is None else check(value)
        if problem:
            problems.append(printable(f"{key:.40} {problem}"))
        else:
            settings = replace(settings, **{key: value.strip()})
    left_out = [f"and {len(problems) - MAX_TOLD} more"] if len(problems) > MAX_TOLD else []
    return settings, problems[:MAX_TOLD] + left_out


def hostname(value: object) -> str:
    """What is wrong with a host name (RFC 1123, lower case); empty if nothing."""
    if isinstance(value, str) and _HOSTNAME.fullmatch(value):
        return ""
    return f"is {shown(value)}; allowed: 1 to 63 of a-z, 0-9 and -, no - at the ends"


def radio_port(value: object) -> str:
    """What is wrong with a serial port's name; empty if nothing."""
    if isinstance(value, str) and _PORT.fullmatch(value):
        return ""
    return f"is {shown(value)}; allowed: /dev/tty..., /dev/serialN or /dev/serial/by-id/..."


def ssh_key(value: object) -> str:
    """What is wrong with one line of an `authorized_keys` file; empty if nothing, or if it is left empty."""
    if value == "":
        return ""
    words = value.split() if isinstance(value, str) and len(value) <= MAX_KEY_BYTES else []
    if len(words) < 2 or not str(value).isprintable() or words[0] not in KEY_TYPES:
        return "is no public key; expected one line as in ~/.ssh/id_ed25519.pub, without options before it"
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        return "is damaged: its second word is not base64"
    kind = words[0].encode()
    if not blob.startswith(len(kind).to_bytes(4, "big") + kind) or len(blob) < len(kind) + 4 + 32:
        return f"is damaged: its second word holds no {words[0]} key"
    return ""


def shown(value: object) -> str:
    """A wrong value, short and printable."""
    try:
        return ascii(value)[:60]
    except ValueError:  # a hexadecimal number of thousands of digits
        return "an endless number"


def printable(text: str) -> str:
    """The same with control characters written out: it goes to a console."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def rover_text(settings: Settings, rovers: Path) -> tuple[bytes, list[str]]:
    """Flight's rover file, and what speaks against the port that the settings name.

    Raises:
        OSError: the image has no rover file.
    """
    built_in, other = rovers / "rover-built-in.toml", rovers / "rover-other-radio.toml"
    if not settings.radio_port:
        return built_in.read_bytes(), []
    if not other.exists():
        return built_in.read_bytes(), ["radio_port is not used: this rover has no radio on a serial port"]
    return other.read_bytes().replace(b"@PORT@", settings.radio_port.encode()), []


def apply(settings: Settings, run: Path) -> None:
    """Set the host name and leave the key where sshd looks for it.

    Raises:
        OSError: the kernel refuses.
    """
    socket.sethostname(settings.hostname)
    keys = run / "authorized_keys"
    keys.unlink(missing_ok=True)
    if settings.ssh_authorized_key:
        with open(os.open(keys, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(settings.ssh_authorized_key + "\n")


def main(arguments: list[str]) -> int:
    """Read the card's file, named first, and the image's folder of rover files, named second; write to the third."""
    file, rovers, run = (Path(word) for word in arguments)
    try:
        settings, problems = read_settings(file.read_bytes())
    except OSError as error:
        settings, problems = Settings(), [f"cannot be read ({error.strerror}), defaults hold"]
    run.mkdir(mode=0o755, exist_ok=True)
    rover, unused = rover_text(settings, rovers)
    (run / "rover.toml").write_bytes(rover)
    for problem in problems + unused:
        print(f"rahi: {file.name}: {problem}", flush=True)
    apply(settings, run)
    radio = settings.radio_port if settings.radio_port and not unused else "as in the rover file"
    access = "with the key of rahi.toml" if settings.ssh_authorized_key else "off"
    print(f"rahi: host {settings.hostname}, radio {radio}, ssh {access}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
