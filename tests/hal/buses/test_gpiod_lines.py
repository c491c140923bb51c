"""The kernel's GPIO lines over a fake gpiod: requests, levels, labels, errors."""

from __future__ import annotations

import errno
import sys
from types import ModuleType, SimpleNamespace, TracebackType
from typing import Any

import gpiod
import pytest

from hal.buses.api import BusLost
from hal.buses.gpiod_lines import GpiodLines, find_chip, open_gpiod
from hal.buses.url import parse_url
from tests.fakes.context import FakeClock

Value = gpiod.line.Value


class FakeRequest:
    """One line of the fake kernel."""

    def __init__(self, kernel: FakeKernel, line: int) -> None:
        self._kernel = kernel
        self._line = line

    def set_value(self, line: int, value: Value) -> None:
        assert line == self._line
        self._kernel.check()
        self._kernel.drive(line, value)

    def get_value(self, line: int) -> Value:
        self._kernel.check()
        return self._kernel.logical(line)

    def release(self) -> None:
        del self._kernel.settings[self._line]


class FakeKernel:
    """Physical levels of the lines that are requested; `labels` by path."""

    def __init__(self) -> None:
        self.settings: dict[int, gpiod.LineSettings] = {}
        self.high: dict[int, bool] = {}
        self.moves: list[tuple[int, bool]] = []
        self.busy: set[int] = set()
        self.error: int | None = None
        self.labels = {"/dev/gpiochip0": "raspberrypi-exp-gpio", "/dev/gpiochip1": "pinctrl-bcm2711"}
        self.module = SimpleNamespace(
            LineSettings=gpiod.LineSettings, line=gpiod.line, request_lines=self.request_lines, Chip=self.chip
        )

    def check(self) -> None:
        if self.error is not None:
            raise OSError(self.error, "told by the kernel")

    def request_lines(self, path: str, *, consumer: str, config: dict[int, gpiod.LineSettings]) -> FakeRequest:
        ((line, settings),) = config.items()
        self.check()
        if line in self.busy or line in self.settings:
            raise OSError(errno.EBUSY, "Device or resource busy")
        assert (path, consumer) == ("/dev/gpiochip1", "rahi")
        assert settings.direction is gpiod.line.Direction.OUTPUT
        self.settings[line] = settings
        self.drive(line, settings.output_value)
        return FakeRequest(self, line)

    def drive(self, line: int, value: Value) -> None:
        self.high[line] = (value is Value.ACTIVE) is not self.settings[line].active_low
        self.moves.append((line, self.high[line]))

    def logical(self, line: int) -> Value:
        return Value.ACTIVE if self.high[line] is not self.settings[line].active_low else Value.INACTIVE

    def chip(self, path: str) -> FakeChip:
        label = self.labels.get(path)
        if label is None:
            raise OSError(errno.ENOENT, "No such file or directory")
        return FakeChip(label)


class FakeChip:
    """Has a label and closes."""

    def __init__(self, label: str) -> None:
        self._label = label

    def __enter__(self) -> FakeChip:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def get_info(self) -> SimpleNamespace:
        return SimpleNamespace(label=self._label)


@pytest.fixture
def kernel() -> FakeKernel:
    return FakeKernel()


@pytest.fixture
def lines(kernel: FakeKernel) -> GpiodLines:
    return GpiodLines("gpio", "/dev/gpiochip1", kernel.module)


@pytest.mark.parametrize("active_low", [False, True])
def test_a_line_begins_with_its_value_and_follows(lines: GpiodLines, kernel: FakeKernel, active_low: bool) -> None:
    """Logical values; never another level in between."""
    lines.claim(23, False, active_low=active_low)
    assert lines.get(23) is False
    lines.set(23, True)
    assert lines.get(23) is True
    assert kernel.moves == [(23, active_low), (23, not active_low)]


def test_claimed_again_it_is_only_set(lines: GpiodLines, kernel: FakeKernel) -> None:
    """The other way round it is requested anew."""
    lines.claim(23, True)
    lines.claim(23, True)
    lines.claim(23, True, active_low=True)
    assert kernel.moves == [(23, True), (23, True), (23, False)]


def test_a_line_in_use_elsewhere_is_lost_alone(lines: GpiodLines, kernel: FakeKernel) -> None:
    """The others work."""
    kernel.busy.add(24)
    with pytest.raises(BusLost, match=r"gpio: line 24 of /dev/gpiochip1: .*busy"):
        lines.claim(24, False)
    lines.claim(25, True)
    assert lines.get(25)


def test_a_line_that_was_not_claimed_is_not_there(lines: GpiodLines) -> None:
    """Neither driven nor read."""
    with pytest.raises(BusLost, match="line 5 is not claimed"):
        lines.set(5, True)
    with pytest.raises(BusLost):
        lines.get(5)


def test_a_kernel_that_fails_is_told_and_the_line_may_be_claimed_again(lines: GpiodLines, kernel: FakeKernel) -> None:
    """The request is given back, so that it is free."""
    lines.claim(23, False)
    kernel.error = errno.EIO
    with pytest.raises(BusLost, match="line 23"):
        lines.set(23, True)
    kernel.error = None
    lines.claim(23, True)
    kernel.error = errno.EIO
    with pytest.raises(BusLost, match="line 23"):
        lines.get(23)
    assert kernel.settings == {}


def test_closing_gives_every_line_back(lines: GpiodLines, kernel: FakeKernel) -> None:
    """Twice is legal."""
    lines.claim(23, False)
    lines.claim(24, False)
    lines.close()
    lines.close()
    assert kernel.settings == {}


def test_a_chip_is_found_by_its_label(kernel: FakeKernel) -> None:
    """Whatever its number; upper and lower case do not count in a URL's host."""
    paths = ["/dev/gpiochip0", "/dev/gpiochip1", "/dev/gpiochip9"]
    assert find_chip("gpio", parse_url("gpio://pinctrl-bcm2711"), kernel.module, paths) == "/dev/gpiochip1"
    assert find_chip("gpio", parse_url("gpio://PINCTRL-bcm2711"), kernel.module, paths) == "/dev/gpiochip1"
    assert find_chip("gpio", parse_url("gpio:///dev/gpiochip0"), kernel.module, []) == "/dev/gpiochip0"


def test_a_chip_that_is_not_there_is_told_with_those_that_are(kernel: FakeKernel) -> None:
    """Also what could not be looked at."""
    with pytest.raises(BusLost, match=r"no GPIO chip 'pinctrl-rp1' \(have raspberrypi-exp-gpio, /dev/gpiochip9: "):
        find_chip("gpio", parse_url("gpio://pinctrl-rp1"), kernel.module, ["/dev/gpiochip0", "/dev/gpiochip9"])
    with pytest.raises(BusLost, match="/dev/gpiochip9: "):
        find_chip("gpio", parse_url("gpio:///dev/gpiochip9"), kernel.module, [])


@pytest.mark.parametrize("text", ["gpio:///", "gpio://label/dev/gpiochip0", "gpio://label:5", "gpio://label?x=1"])
def test_urls_that_name_no_chip(text: str) -> None:
    """Said with the URL."""
    with pytest.raises(ValueError, match="gpio:"):
        open_gpiod("gpio", parse_url(text), FakeClock())


@pytest.mark.parametrize("module", [None, ModuleType("gpiod")])
def test_without_gpiod_2_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
    module: Any,  # Any: None stands for a module that cannot be imported
) -> None:
    """Absent, or version 1 under the same name."""
    monkeypatch.setitem(sys.modules, "gpiod", module)
    with pytest.raises(BusLost, match=r"needs gpiod 2: pip install 'rahi\[pi\]'"):
        open_gpiod("gpio", parse_url("gpio://pinctrl-bcm2711"), FakeClock())


def test_the_real_gpiod_says_that_there_is_no_such_chip() -> None:
    """Nothing here has one of that name."""
    with pytest.raises(BusLost, match="no GPIO chip 'nobody'"):
        open_gpiod("gpio", parse_url("gpio://nobody"), FakeClock())
