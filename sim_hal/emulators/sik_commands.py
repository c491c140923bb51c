"""The AT commands and settings of a SiK modem, as at.c of the firmware has them; remote commands (RT) do nothing."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 16
LEAST_AIR_SPEED: Final = 2
"""kbit/s, the slowest that the firmware has."""
STAYS: Final = "stays"
MODE_LEFT: Final = "left"
REBOOT: Final = "reboot"

_DEFAULTS: Final = (
    ("FORMAT", 26), ("SERIAL_SPEED", 57), ("AIR_SPEED", 64), ("NETID", 25), ("TXPOWER", 20), ("ECC", 0),
    ("MAVLINK", 0), ("OPPRESEND", 0), ("MIN_FREQ", 915_000), ("MAX_FREQ", 928_000), ("NUM_CHANNELS", 50),
    ("DUTY_CYCLE", 100), ("LBT_RSSI", 0), ("MANCHESTER", 0), ("RTSCTS", 0), ("MAX_WINDOW", 131),
)  # fmt: skip
_AIR_SPEED: Final = 2
_SETTING: Final = re.compile(r"ATS(\d{1,2})(\?|=(\d{1,9}))")


class SikCommands:
    """Takes characters, echoes and answers; `stored` is what a reboot brings back."""

    def __init__(self) -> None:
        self.stored = [value for _, value in _DEFAULTS]
        self._settings = list(self.stored)
        self._line = ""

    @property
    def air_bit_s(self) -> float:
        """Rate on the air, from what was stored at the last boot; never none at all."""
        return max(LEAST_AIR_SPEED, self.stored[_AIR_SPEED]) * 1000.0

    def reload(self) -> None:
        """A reboot."""
        self._settings = list(self.stored)
        self._line = ""

    def begin(self) -> None:
        """The mode has just been entered."""
        self._line = ""

    def take(self, data: bytes, rssi_dbm: float) -> tuple[bytes, str]:
        """Echo and answer to `data`, and whether the mode stays; bytes behind its end are lost."""
        said = ""
        for character in data.decode("latin-1"):
            if character == "\r":
                answer, outcome = self._answer(self._line, rssi_dbm)
                self._line = ""
                said += "\r\n" + answer
                if outcome != STAYS:
                    return said.encode(), outcome
            elif len(self._line) >= LONGEST:
                self._line = ""
                return said.encode(), MODE_LEFT
            elif " " <= character <= "~":
                self._line += character.upper()
                said += character.upper()
        return said.encode(), STAYS

    def _answer(self, line: str, rssi_dbm: float) -> tuple[str, str]:
        if line == "ATO":
            return "", MODE_LEFT
        if line == "ATZ":
            return "", REBOOT
        if not line.startswith("AT"):
            return "", STAYS
        if line.startswith("ATI"):
            return self._information(line[3:], rssi_dbm), STAYS
        if line in ("AT", "AT&W", "AT&F"):
            self._store(line)
            return "OK\r\n", STAYS
        return self._setting(line), STAYS

    def _store(self, line: str) -> None:
        if line == "AT&W":
            self.stored = list(self._settings)
        elif line == "AT&F":
            self._settings = [value for _, value in _DEFAULTS]

    def _setting(self, line: str) -> str:
        found = _SETTING.fullmatch(line)
        if found is None or int(found[1]) >= len(_DEFAULTS):
            return "ERROR\r\n"
        number = int(found[1])
        if found[3] is None:
            return f"{self._settings[number]}\r\n"
        if number == 0:
            return "ERROR\r\n"
        self._settings[number] = int(found[3])
        return "OK\r\n"

    def _information(self, which: str, rssi_dbm: float) -> str:
        if which == "5":
            rows = zip(_DEFAULTS, self._settings, strict=True)
            return "".join(f"S{number}:{name}={value}\r\n" for number, ((name, _), value) in enumerate(rows))
        if which == "7":
            raw = max(0, min(255, round((rssi_dbm + 127.0) * 1.9)))
            return f"L/R RSSI: {raw}/{raw}  L/R noise: 40/41 pkts: 0  txe=0 rxe=0 stx=0 srx=0 ecc=0/0 temp=21 dco=0\r\n"
        known = {"": "SiK 2.2 on HM-TRP", "0": "SiK 2.2 on HM-TRP", "1": "2.2", "2": "77", "3": "145", "4": "1"}
        return f"{known.get(which, 'ERROR')}\r\n"
