"""A bad table is refused when the rover file is read, in one line that names the file, the key and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from flight.rover_file import load_rover
from hal.api.config import ConfigError

SHIPPED = Path("flight/rovers/south_pole.toml")
MONITOR = 'id = 90\nname = "mine"\nvalue = "power.hk.soc"\nlow = 0.3\n'
ACTION = 'id = 90\nname = "mine"\nmonitor = "soc_safe"\nmode = "SAFE"\n'


def complaint(tmp_path: Path, kind: str, lines: str) -> str:
    """What loading says of a rover file with one more entry."""
    path = tmp_path / "rover.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8") + f"\n[[{kind}]]\n{lines}", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_rover(str(path))
    text = str(refused.value)
    assert text.startswith(str(path))
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (MONITOR.replace("power.hk.soc", "power.hk.sok"), "power.hk.sok"),
        (MONITOR.replace("power.hk.soc", "mobility.hk.wheel_current_a"), "mobility.hk.wheel_current_a"),
        (MONITOR.replace("power.hk.soc", "mobility.hk.wheel_current_a[6]"), "wheel_current_a[6]"),
        (MONITOR.replace("0.3", '"system.nonsense"'), "system.nonsense"),
        (MONITOR.replace("low = 0.3", ""), "needs low or high"),
        (MONITOR.replace("id = 90", "id = 1"), "id = 1 is given 2 times"),
        (MONITOR.replace("mine", "soc_safe"), "name = 'soc_safe' is given 2 times"),
        (MONITOR.replace("id = 90", "id = 128"), "127"),
        (MONITOR + "high = 0.2\n", "leave nothing between them"),
        (MONITOR + "ease = -1.0\n", "ease"),
        (MONITOR + "persistence = 0\n", "persistence"),
        (MONITOR + "every_s = 0\n", "every_s"),
        (MONITOR + 'modes = ["PARTY"]\n', "'PARTY' is no mode; there are"),
        (MONITOR + 'state = "ON"\n', "state"),
        (MONITOR + 'event = "system.boot"\n', "is no event of a monitor; there are"),
        (MONITOR + 'event = "monitors.cleared"\n', "is no event of a monitor; there are"),
        (MONITOR + 'event = "power.nothing"\n', "power.nothing"),
        (MONITOR + "expected = 1.0\n", "do not go with kind = 'limit'"),
        (MONITOR + 'kind = "expected"\n', "lacks the key 'expected'"),
        (MONITOR + 'kind = "expected"\nexpected = 1.0\n', "low, high and ease do not go with"),
        (MONITOR.replace("low = 0.3", 'kind = "expected"\nexpected = 4.0\nmask = 3\n'), "outside mask = 3"),
        (MONITOR + 'kind = "delta"\nease = 0.1\n', "ease does not go with kind = 'delta'"),
        (MONITOR + "limit = 3\n", "limit"),
    ],
)
def test_a_bad_monitor_is_refused(tmp_path: Path, lines: str, says: str) -> None:
    assert says in complaint(tmp_path, "monitor", lines)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (ACTION.replace("soc_safe", "sock"), "monitor = 'sock' is no monitor; there are soc_safe"),
        (ACTION.replace('monitor = "soc_safe"\n', ""), "needs one of monitor and event"),
        (ACTION + 'event = "system.boot"\n', "needs one of monitor and event"),
        (ACTION.replace('monitor = "soc_safe"', 'event = "system.lunch"'), "system.lunch"),
        (ACTION.replace('monitor = "soc_safe"', 'event = "monitors.violated"'), "starts nothing"),
        (ACTION.replace('"SAFE"', '"PARTY"'), "'PARTY' is no mode; there are"),
        (ACTION + 'command = "system.ping"\n', "needs one of command, sequence and mode"),
        (ACTION.replace('mode = "SAFE"\n', ""), "needs one of command, sequence and mode"),
        (ACTION + "args = { x = 1 }\n", "args do not go without command"),
        (ACTION.replace('mode = "SAFE"', 'command = "system.dance"'), "system.dance"),
        (ACTION.replace('mode = "SAFE"', 'command = "system.arm"'), "works on reception only"),
        (ACTION.replace('mode = "SAFE"', 'command = "system.set_mode"\nargs = { mode = "PARTY" }'), "PARTY"),
        (ACTION.replace('mode = "SAFE"', 'command = "system.set_mode"'), "mode"),
        (ACTION.replace('mode = "SAFE"', 'command = "system.ping"\nargs = { x = 1 }'), "no argument 'x'"),
        (ACTION.replace('mode = "SAFE"', "sequence = 0"), "sequence"),
        (ACTION.replace('mode = "SAFE"', "sequence = 63"), "sequence = 63 does not ship; there are 1"),
        (ACTION + "repeat_s = -1.0\n", "repeat_s"),
        (ACTION.replace("id = 90", "id = 1"), "id = 1 is given 2 times"),
    ],
)
def test_a_bad_action_is_refused(tmp_path: Path, lines: str, says: str) -> None:
    assert says in complaint(tmp_path, "action", lines)


def test_good_entries_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "rover.toml"
    more = f"\n[[monitor]]\n{MONITOR}\n[[action]]\n{ACTION.replace('soc_safe', 'mine')}"
    path.write_text(SHIPPED.read_text(encoding="utf-8") + more, encoding="utf-8")
    rover = load_rover(str(path))

    assert rover.monitor[-1].name == "mine"
    assert rover.action[-1].monitor == "mine"
