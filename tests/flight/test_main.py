"""`rahi-flight`: options, exit status, messages in one line, what the board is told."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from flight.__main__ import EXIT_CODES, fly, main
from flight.check import ask_all
from flight.command_line import default_board, parse
from flight.executive import ExitReason
from flight.stop_signals import StopSignals
from hal.api.clock import NS_PER_S
from hal.api.errors import BadReading, DeviceTimeout, GettingReady, NotReady
from hal.api.process import Purpose
from hal.api.values import TemperatureReadings
from tests.flight.board_bench import NotedProcess, board, rover


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--hal", "moon"], "--hal moon: no such board, have "),
        (["--rover", "nope"], "nope: no such rover"),
        (["--config", "/nowhere/rover.toml"], "/nowhere/rover.toml: no such file"),
    ],
)
def test_what_cannot_be_started_is_said_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2, nothing on standard output."""
    assert main(arguments) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--priority", "0"], "--priority: '0' is not a whole number from 1 to 99"),
        (["--priority", "high"], "--priority: 'high' is not a whole number from 1 to 99"),
        (["--pin", "-1"], "--pin: '-1' is not a whole number from 0 to 1023"),
        (["--check", "--make-safe"], "--make-safe: not allowed with argument --check"),
        (["--rover", "a.toml", "--config", "b.toml"], "not allowed with argument"),
    ],
)
def test_a_bad_option_is_refused_by_name_and_range(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err.replace("--check: not allowed with argument --make-safe", said)


def test_the_supervisor_can_tell_every_end_from_every_other() -> None:
    """One exit status for each reason, zero only for a stop that was asked for."""
    assert set(EXIT_CODES) == set(ExitReason)
    assert len(set(EXIT_CODES.values())) == len(ExitReason)
    assert EXIT_CODES[ExitReason.STOPPED] == 0


def test_every_option_reaches_the_board() -> None:
    words = "--config=r.toml --trace=t --latencies=l --priority=50 --pin=3 --lock-memory --check --hal=pi"
    given = parse(words.split())
    options = given.options
    assert (given.rover, given.hal, options.source, options.purpose) == ("r.toml", "pi", "r.toml", Purpose.CHECK)
    assert (options.trace, options.latencies) == (Path("t"), Path("l"))
    assert (options.priority, options.pin, options.lock_memory) == (50, 3, True)
    assert parse([]).options.purpose is Purpose.FLY
    assert parse(["--make-safe"]).options.purpose is Purpose.MAKE_SAFE


def test_a_rover_file_without_hardware_flies_on_a_desktop() -> None:
    assert default_board(rover()) == "sim"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_flight_between_two_cycles_with_its_outputs_safe(number: signal.Signals) -> None:
    """It comes in the fifth cycle, while a heater is on; the board hears a clean end, last of all."""
    process = NotedProcess()
    hal = board(process=process)
    safe_when_ended: list[bool] = []

    def heat_and_interrupt() -> None:
        hal.heaters.set("battery", True, 60 * NS_PER_S)
        if len(process.slacks) == 5:
            signal.raise_signal(number)

    def ended() -> None:
        safe_when_ended.append(not hal.heaters.is_on("battery"))

    process.on_slack = heat_and_interrupt
    process.on_ended = ended
    with StopSignals() as signals:
        assert fly(hal, rover(), signals) == 0
    assert len(process.slacks) == 5
    assert process.told == ["settle", "ended 0"]
    assert safe_when_ended == [True]


def test_a_signal_that_comes_while_flight_is_being_built_counts() -> None:
    process = NotedProcess()
    with StopSignals() as signals:
        signal.raise_signal(signal.SIGTERM)
        assert fly(board(process=process), rover(), signals) == 0
    assert len(process.slacks) == 0
    assert process.told == ["settle", "ended 0"]


def test_signals_mean_what_they_meant_before_afterwards() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with StopSignals():
        assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] != before
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_a_flight_that_cannot_be_built_ends_as_a_crash_with_its_outputs_safe() -> None:
    """Whatever is wrong: the next start is to run the minimal set of rows."""

    class Broken:
        def __getattr__(self, name: str) -> object:
            raise ZeroDivisionError

    process = NotedProcess()
    hal = board(process=process, storage=Broken())
    hal.heaters.set("battery", True, 60 * NS_PER_S)
    with pytest.raises(ZeroDivisionError), StopSignals() as signals:
        fly(hal, rover(), signals)
    assert process.told == ["ended 70"]
    assert not hal.heaters.is_on("battery")


def test_a_check_lists_every_device(capsys: pytest.CaptureFixture[str]) -> None:
    """The simulated rover has every device that a board can have, some of them without power."""
    assert main(["--check", "--hal", "sim"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split() == ["power_monitor", "answers"] for line in lines)
    assert any(line.startswith("camera ") and "unpowered" in line for line in lines)
    assert any(line.split() == ["host", "not", "fitted"] for line in lines)


def test_a_device_that_does_not_answer_is_a_fault_and_one_that_is_not_ready_is_none() -> None:
    class Dead:
        def read(self) -> TemperatureReadings:
            raise DeviceTimeout("temperatures", "no answer")

    class Cold:
        def read(self) -> TemperatureReadings:
            raise NotReady("imu", "no power")

    answers = {answer.device: answer for answer in ask_all(board(temperatures=Dead(), imu=Cold()))}
    assert answers["temperatures"].fault
    assert "DeviceTimeout: temperatures: no answer" in answers["temperatures"].text
    assert not answers["imu"].fault
    assert answers["loads"].text == "answers"
    assert answers["storage"].text == "answers"


@pytest.mark.parametrize(("in_vain", "text"), [(9, "answers"), (1_000, "not ready: imu: is being set up")])
def test_a_check_asks_again_while_a_device_is_being_set_up(in_vain: int, text: str) -> None:
    """For five seconds; a device without power is not waited for."""

    class Slow:
        asked = 0

        def read(self) -> None:
            self.asked += 1
            if self.asked <= in_vain:
                raise GettingReady("imu", "is being set up")

    class Cold:
        def read(self) -> None:
            raise NotReady("steering", "unpowered")

    hal = board(imu=Slow(), steering=Cold())
    start_ns = hal.clock.now_ns()
    answers = {answer.device: answer for answer in ask_all(hal)}
    assert answers["imu"].text == text
    assert not answers["imu"].fault
    assert hal.clock.now_ns() - start_ns == (min(in_vain, 50) * NS_PER_S // 10)


def test_a_check_tells_of_a_failure_that_passes() -> None:
    """Two in a row are glitches, and said; the third is the answer."""

    class Flaky:
        def __init__(self, fails: int) -> None:
            self._fails = fails

        def read(self) -> None:
            self._fails -= 1
            if self._fails >= 0:
                raise BadReading("imu", f"glitch {self._fails}")

    cases = ((2, "answers, after BadReading: imu: glitch 1", False), (3, "BadReading: imu: glitch 2", True))
    for fails, text, fault in cases:
        answers = {answer.device: answer for answer in ask_all(board(imu=Flaky(fails)))}
        assert (answers["imu"].text, answers["imu"].fault) == (text, fault)


def test_making_safe_needs_no_flight(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--make-safe", "--hal", "sim"]) == 0
    assert capsys.readouterr() == ("", "")
