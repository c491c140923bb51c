"""URLs of links, what a command line refuses about them, and the link over pipes that misbehave."""

import errno
from typing import cast

import pytest
from hypothesis import given, strategies as st

from ground.errors import GroundError
from ground.verification import CommandRecord, CommandState
from hal.api.clock import seconds
from sil.cli.app import run
from sil.cli.send import follow, patience_s
from sil.live.desk import LinkDesk
from sil.live.link_url import LEAST_BAUD, MOST_BAUD, SerialUrl, TcpUrl, parse_link
from sil.live.links import MAX_UNSENT_BYTES, Link
from sil.live.pipes import refusal

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
HOSTS = (
    st.lists(LABELS, min_size=1, max_size=4).map(".".join)
    | st.ip_addresses(v=4).map(str)
    | st.ip_addresses(v=6).map(str)
)
PATHS = st.from_regex(r"/[A-Za-z0-9_.:+/ -]{1,60}", fullmatch=True)
URLS = st.builds(SerialUrl, PATHS, st.integers(LEAST_BAUD, MOST_BAUD)) | st.builds(
    TcpUrl, HOSTS, st.integers(1, 65_535)
)


@given(URLS)
def test_a_url_says_what_it_was_made_of(url: SerialUrl | TcpUrl) -> None:
    """Written and read again it is the same."""
    assert parse_link(str(url)) == url


PIECES = st.sampled_from(
    [
        "serial",
        "tcp",
        "://",
        "/dev/ttyUSB0",
        "?",
        "baud",
        "=",
        "57600",
        "&",
        ":",
        "[",
        "]",
        "::1",
        "@",
        "\n",
        "é",
        "host",
    ]
)


@given(st.text(max_size=80) | st.lists(PIECES, max_size=10).map("".join))
def test_any_text_is_a_url_or_is_refused_in_one_line(text: str) -> None:
    """And what is taken is in range."""
    try:
        url = parse_link(text)
    except GroundError as error:
        assert str(error).isprintable()
        assert len(str(error)) < 400
    else:
        assert parse_link(str(url)) == url
        assert 1 <= url.port <= 65_535 if isinstance(url, TcpUrl) else LEAST_BAUD <= url.baud <= MOST_BAUD


def test_the_rate_may_be_left_out() -> None:
    """57,600 is what the usual telemetry radios have."""
    assert parse_link("serial:///dev/ttyUSB0") == SerialUrl("/dev/ttyUSB0", 57_600)
    assert parse_link("tcp://[::1]:7401") == TcpUrl("::1", 7401)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "expected serial:///dev/ttyUSB0?baud=57600 or tcp://host:port"),
        ("/dev/ttyUSB0", "expected serial:///dev/ttyUSB0"),
        ("serail:///dev/ttyUSB0", "did you mean 'serial'?"),
        ("udp://host:1", "known: serial, tcp"),
        ("SERIAL:///dev/ttyUSB0", "unknown scheme 'SERIAL'"),
        ("serial://dev/ttyUSB0", "begins with /"),
        ("serial:///", "begins with /"),
        ("serial:///dev/ttyUSB0?", "unknown key ''"),
        ("serial:///dev/ttyUSB0?bauds=9600", "unknown key 'bauds'; did you mean 'baud'?"),
        ("serial:///dev/ttyUSB0?parity=even", "unknown key 'parity'; known: baud"),
        ("serial:///dev/ttyUSB0?baud=9600&baud=9600", "baud is given twice"),
        ("serial:///dev/ttyUSB0?baud=299", "baud = '299': expected a whole number from 300 to 4000000"),
        ("serial:///dev/ttyUSB0?baud=4000001", "from 300 to 4000000"),
        ("serial:///dev/ttyUSB0?baud=-9600", "from 300 to 4000000"),
        ("serial:///dev/ttyUSB0?baud=9_600", "from 300 to 4000000"),
        ("serial:///dev/ttyUSB0?baud=٩٦٠٠", "from 300 to 4000000"),
        ("serial:///dev/tty\x00USB0", "expected serial"),
        ("tcp://host", "no port"),
        ("tcp://host:", "port = ''"),
        ("tcp://host:0", "from 1 to 65535"),
        ("tcp://host:65536", "from 1 to 65535"),
        ("tcp://:7401", "'' is no host"),
        ("tcp://::1:7401", "'::1' is no host"),
        ("tcp://me@host:7401", "'me@host' is no host"),
        ("tcp://host/x:7401", "'host/x' is no host"),
        ("tcp://[host]:7401", "is no host"),
        ("tcp://" + "a" * 64 + ":1", "is no host"),
    ],
)
def test_a_bad_url_is_refused_with_what_is_wrong(text: str, named: str) -> None:
    """Scheme, path, rate, key, host or port, and the range or the nearest name."""
    with pytest.raises(GroundError) as caught:
        parse_link(text)
    assert named in str(caught.value)


def test_why_a_port_cannot_be_opened_is_said_in_an_operators_words() -> None:
    """What to do where there is something to do; the system's words for the rest and for TCP."""
    port, server = SerialUrl("/dev/ttyUSB0"), TcpUrl("rover", 7401)
    assert "group dialout" in refusal(port, PermissionError(errno.EACCES, "Permission denied"))
    assert refusal(port, OSError(errno.EBUSY, "Device or resource busy")) == "in use by another program"
    assert refusal(port, OSError(errno.EIO, "Input/output error")) == "Input/output error"
    assert refusal(port, ValueError("rate")) == "rate"
    assert refusal(server, PermissionError(errno.EACCES, "Permission denied")) == "Permission denied"
    assert refusal(server, TimeoutError("timed out")) == "no answer within 3 s"


# ---- the command line --------------------------------------------------------------------------------------------

LINK = ["--link", "tcp://127.0.0.1:1"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["send", "system.ping", *LINK, "--port", "7400"], "--link and --port"),
        (["send", *LINK, "system.ping", "--host", "127.0.0.1"], "--link and --host"),
        (["send", "--port", "7400", "system.ping", *LINK], "--link and --port"),
        (["send", "system.ping", *LINK, "--radio", "relay"], "--radio relay: a link is one radio, local"),
        (["send", "--radio", "relay", *LINK, "comms.set_rate", "--radio", "local", "--rate", "auto"], "--radio relay"),
        (["watch", *LINK, "--port", "7400"], "--link and --port"),
        (["watch", "--link", "tcp://x"], "tcp://x: no port"),
        (["drive", *LINK, "--radio", "relay"], "--radio relay"),
        (["drive", *LINK, "--host", "localhost"], "--link and --host"),
        (["record", *LINK, "--port", "7400"], "--link and --port"),
        (["record", *LINK, "--for", "0"], "--for = 0: expected a number above 0"),
        (["record", "--link", "serial:///dev/x?baud=1"], "from 300 to 4000000"),
        (["report", *LINK], "--for S"),
        (["report", "runs/x", *LINK, "--for", "1"], "a folder or of a link"),
        (["report", "runs/x", "--for", "1"], "go with --link"),
        (["report"], "FOLDER"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anybody_connects(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line; exit code 2."""
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert named in captured.err
    assert "refused" not in captured.err


# ---- a link over a pipe that misbehaves --------------------------------------------------------------------------


class StubbornPipe:
    """Takes `room` bytes in all; gives what it is told to."""

    name = "the pipe"
    ended = "the pipe: gone"

    def __init__(self, room: int = 0) -> None:
        self.room = room
        self.taken = b""
        self.gives: list[bytes | OSError] = []
        self.closed = False

    def fileno(self) -> int:
        return -1

    def receive(self) -> bytes:
        given = self.gives.pop(0) if self.gives else BlockingIOError()
        if isinstance(given, OSError):
            raise given
        return given

    def send(self, data: bytes) -> int:
        if not self.room:
            raise BlockingIOError
        size = min(3, self.room, len(data))
        self.room -= size
        self.taken += data[:size]
        return size

    def close(self) -> None:
        self.closed = True


def test_what_a_pipe_does_not_take_at_once_leaves_later_in_order() -> None:
    """Three bytes at a time, then none, then the rest."""
    pipe = StubbornPipe(room=4)
    link = Link(pipe)
    link.write(b"first")
    link.write(b"second")
    assert (pipe.taken, link.wants_to_write) == (b"firs", True)
    pipe.room = 100
    link.flush()
    assert (pipe.taken, link.wants_to_write) == (b"firstsecond", False)


def test_a_pipe_that_takes_nothing_is_told_before_the_memory_is_full() -> None:
    """What fits is kept, what does not is refused."""
    pipe = StubbornPipe()
    link = Link(pipe)
    link.write(bytes(MAX_UNSENT_BYTES))
    with pytest.raises(GroundError, match=r"the pipe: takes no more \(65536 bytes are waiting\)"):
        link.write(b"x")
    pipe.room = 2 * MAX_UNSENT_BYTES
    link.write(b"y")
    assert pipe.taken == bytes(MAX_UNSENT_BYTES) + b"y"


@pytest.mark.parametrize(
    ("last", "lost"),
    [(b"", "the pipe: gone"), (OSError(errno.EIO, "Input/output error"), "the pipe: gone (Input/output error)")],
)
def test_a_pipe_that_ends_is_lost_once_and_says_why(last: bytes | OSError, lost: str) -> None:
    """What came before is read; afterwards nothing can be sent."""
    pipe = StubbornPipe(room=100)
    pipe.gives = [b"data", BlockingIOError(), last]
    link = Link(pipe)
    assert [link.read(), link.read()] == [b"data", b""]
    assert link.lost == ""
    assert link.read() == b""
    assert link.lost == lost
    with pytest.raises(GroundError, match="the pipe: gone"):
        link.write(b"x")
    link.close()
    assert (pipe.taken, pipe.closed) == (b"", True)


# ---- how long `rahi send` waits ----------------------------------------------------------------------------------


class SilentDesk:
    """Sends into the void; waiting passes its time."""

    closed = False
    ending = ""

    def __init__(self) -> None:
        self.time_ns = 0

    def now_ns(self) -> int:
        return self.time_ns

    def poll(self, timeout_s: float) -> None:
        self.time_ns += seconds(timeout_s)


def test_a_telecommand_over_a_link_is_not_waited_for_for_ever(capsys: pytest.CaptureFixture[str]) -> None:
    """It was accepted, then the link fell silent: ten minutes beyond its own time, then one line."""
    desk = SilentDesk()
    record = CommandRecord(number=0, name="mobility.arc", args={}, raw=bytes(12), sent_ns=0, radio="local")
    record.state = CommandState.ACCEPTED
    link = {"link": parse_link("tcp://rover:7001"), "timeout": None}
    patience = patience_s(link, {"timeout_s": 30.0})
    assert not follow(cast(LinkDesk, desk), record, patience)
    assert desk.time_ns == pytest.approx(seconds(630.0), abs=seconds(1.0))
    assert capsys.readouterr().err == "gave up   mobility.arc is accepted: no answer for 630 s\n"


def test_a_time_that_is_said_holds_and_a_live_rover_is_waited_for() -> None:
    link = {"link": parse_link("tcp://rover:7001"), "timeout": 5.0}
    assert patience_s(link, {"timeout_s": 30.0}) == 5.0
    assert patience_s({"link": None, "timeout": None}, {}) is None
