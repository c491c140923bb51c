"""What a live session is made of, without sockets and without a wall clock."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from hal.api.config import ConfigError
from sil.live.connection import Alignment, FrameGate
from sil.live.injection import Injection
from sil.live.keys import REPEAT_S, DeadMan, Key, parse_keys
from sil.live.log import LiveLog, LogEntry, read_log
from sil.live.pacing import FOREVER_S, Pacer
from sil.live.replay import Replay
from telemetry_defs.framing import MAX_FRAME_BYTES, FrameDecoder, encode_frame

CYCLE_NS = 100_000_000


class Wall:
    """A wall clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


# ---- pacing ------------------------------------------------------------------------------------------------------


def test_a_cycle_waits_for_its_time_on_the_wall() -> None:
    """At twenty times real time a cycle of 0.1 s is due every 5 ms."""
    wall = Wall()
    pacer = Pacer(20.0, wall)

    assert pacer.wait_s(CYCLE_NS) == pytest.approx(0.005)
    wall.now_s += 0.005
    assert pacer.wait_s(CYCLE_NS) == pytest.approx(0.0, abs=1e-9)


def test_speed_zero_never_waits() -> None:
    """As fast as it goes."""
    assert Pacer(0.0, Wall()).wait_s(1_000_000 * CYCLE_NS) == 0.0


def test_lost_time_is_not_made_up_in_a_burst() -> None:
    """After two seconds away the schedule starts again from now."""
    wall = Wall()
    pacer = Pacer(1.0, wall)
    wall.now_s += 2.0

    assert pacer.wait_s(CYCLE_NS) < 0.0
    assert pacer.wait_s(2 * CYCLE_NS) == pytest.approx(0.1)


def test_a_pause_holds_until_resumed() -> None:
    """And the time of the pause is not made up."""
    wall = Wall()
    pacer = Pacer(1.0, wall)
    pacer.pause()
    assert pacer.wait_s(CYCLE_NS) == FOREVER_S
    wall.now_s += 100.0
    pacer.resume(CYCLE_NS)

    assert pacer.wait_s(2 * CYCLE_NS) == pytest.approx(0.1)


@given(st.integers(1, 50))
def test_steps_let_so_many_cycles_pass(steps: int) -> None:
    """Then it holds again."""
    pacer = Pacer(0.0, Wall())
    pacer.pause()
    pacer.step(steps, 0)
    passed, now_ns = 0, 0
    while pacer.wait_s(now_ns) != FOREVER_S:
        passed, now_ns = passed + 1, now_ns + CYCLE_NS
        pacer.new_cycle(now_ns)

    assert passed == steps


@given(st.integers(0, 5_000_000_000))
def test_run_until_holds_at_the_first_cycle_not_before_the_time(stop_ns: int) -> None:
    """Also where the time has passed already."""
    pacer = Pacer(0.0, Wall())
    pacer.run_until(stop_ns, 0)
    now_ns = 0
    pacer.new_cycle(now_ns)
    while pacer.wait_s(now_ns) != FOREVER_S:
        now_ns += CYCLE_NS
        pacer.new_cycle(now_ns)

    assert now_ns - CYCLE_NS < stop_ns <= now_ns or (stop_ns == now_ns == 0)


# ---- frames ------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=40)), max_size=12), st.integers(1, 9))
def test_frames_of_two_clients_never_mix(packets: list[tuple[bool, bytes]], piece: int) -> None:
    """However their bytes interleave, every packet of each arrives whole and in its order."""
    gates = (FrameGate(), FrameGate())
    streams = [b"".join(encode_frame(data) for which, data in packets if which is bool(one)) for one in (0, 1)]
    decoder, arrived = FrameDecoder(), []
    while any(streams):
        for one in (0, 1):
            arrived += decoder.feed(gates[one].take(streams[one][:piece]))
            streams[one] = streams[one][piece:]

    assert decoder.bad_frames == decoder.overlong == 0
    assert sorted(arrived) == sorted(data for _, data in packets)


@given(st.lists(st.binary(max_size=700), max_size=20))
def test_the_gate_holds_little_and_loses_nothing(pieces: list[bytes]) -> None:
    """Bytes leave in order; only ends of frames are added."""
    gate = FrameGate()
    passed = b"".join(gate.take(piece) for piece in pieces)
    held = gate.end()

    assert len(held) <= MAX_FRAME_BYTES + 1
    assert (passed + held).replace(b"\x00", b"") == b"".join(pieces).replace(b"\x00", b"")


def test_a_half_frame_is_ended_when_its_client_goes() -> None:
    """So that the rover counts it and the next client's frame stays whole."""
    gate = FrameGate()

    assert gate.take(b"\x05abc") == b""
    assert gate.end() == b"\x05abc\x00"
    assert gate.end() == b""


def test_a_client_that_joins_within_a_frame_sees_the_next_one() -> None:
    """And one that joins between two frames sees all."""
    assert Alignment(aligned=True).take(b"\x02a\x00") == b"\x02a\x00"
    late = Alignment(aligned=False)
    assert [late.take(data) for data in (b"rest", b" of it\x00\x02b\x00", b"\x02c\x00")] == [
        b"",
        b"\x02b\x00",
        b"\x02c\x00",
    ]


# ---- log ---------------------------------------------------------------------------------------------------------


def test_the_log_gives_back_what_was_received(tmp_path: Path) -> None:
    """Times, radios, bytes, in order; and the end."""
    with LiveLog(tmp_path / "live.jsonl") as log:
        log.received(5, "local", b"\x00\xff")
        log.received(5, "relay", b"")
        log.injected(6, Injection(device="imu", kind="silent", for_s=2.0))
        log.injected(6, Injection(device="imu", kind="silent", end=True))
        log.ended(7)

    assert read_log(tmp_path / "live.jsonl") == [
        LogEntry(t_ns=5, radio="local", hex="00ff"),
        LogEntry(t_ns=5, radio="relay"),
        LogEntry(t_ns=6, fault={"device": "imu", "kind": "silent", "for_s": 2.0}),
        LogEntry(t_ns=6, fault={"device": "imu", "kind": "silent", "end": True}),
        LogEntry(t_ns=7, end=True),
    ]


def test_a_log_cut_short_is_read_up_to_its_last_whole_line(tmp_path: Path) -> None:
    """A killed session can be repeated."""
    path = tmp_path / "live.jsonl"
    path.write_bytes(b'{"t_ns":5,"radio":"local","hex":"00"}\n{"t_ns":6,"ra')

    assert read_log(path) == [LogEntry(t_ns=5, radio="local", hex="00")]


@pytest.mark.parametrize(
    "text",
    [
        b"nonsense\n",
        b'{"t_ns":5,"hex":"0"}\n',
        b'{"t_ns":"x"}\n',
        b'{"t_ns":1,"to":2}\n',
        b'{"t_ns":1,"fault":{"device":"imu","kind":"dead"}}\n',
    ],
)
def test_a_damaged_log_is_refused(text: bytes, tmp_path: Path) -> None:
    """With the number of the line."""
    path = tmp_path / "live.jsonl"
    path.write_bytes(b'{"t_ns":0,"end":true}\n' + text)
    with pytest.raises(ConfigError, match="line 2"):
        read_log(path)


def _passed_on(replay: Replay, now_ns: int, passed: list[tuple[str, bytes]]) -> bool:
    return replay.between_cycles(now_ns, lambda radio, data: passed.append((radio, data)), lambda _: None)


def test_a_replay_sends_at_the_logged_times_and_ends_where_the_session_did() -> None:
    """Between the same two cycles."""
    replay = Replay(
        [
            LogEntry(t_ns=1, radio="local", hex="01"),
            LogEntry(t_ns=2, radio="relay", hex="02"),
            LogEntry(t_ns=9, end=True),
        ]
    )
    sent: list[tuple[int, str, bytes]] = []
    goes_on = []
    for now_ns in (0, 1, 2, 5, 9):
        passed: list[tuple[str, bytes]] = []
        goes_on.append(_passed_on(replay, now_ns, passed))
        sent += [(now_ns, *item) for item in passed]

    assert goes_on == [True, True, True, True, False]
    assert sent == [(1, "local", b"\x01"), (2, "relay", b"\x02")]


# ---- keys --------------------------------------------------------------------------------------------------------


def test_keys_are_read_from_what_terminals_send() -> None:
    """Both kinds of arrow codes; anything else is skipped."""
    assert parse_keys(b"\x1b[A\x1bOBx\x1b[Z \x1b[D\x1b[Cq\x03") == [
        Key.FORWARD, Key.BACK, Key.STOP, Key.LEFT, Key.RIGHT, Key.QUIT, Key.QUIT,
    ]  # fmt: skip


@given(st.binary(max_size=30))
def test_no_input_breaks_the_keyboard(data: bytes) -> None:
    """Whatever a terminal sends."""
    assert all(isinstance(key, Key) for key in parse_keys(data))


def test_a_held_key_is_told_again_and_a_new_one_at_once() -> None:
    """Key repeat comes thirty times a second; the rover hears it five times."""
    dead_man = DeadMan()
    told = [dead_man.press(Key.FORWARD, 0.03 * n) is not None for n in range(34)]

    assert sum(told) == 5
    assert told[0]
    assert dead_man.press(Key.LEFT, 1.0) == (0.0, 1.0)
    assert dead_man.press(Key.STOP, 1.01) is None
    assert dead_man.press(Key.LEFT, 1.02) == (0.0, 1.0)


def test_the_dead_man_time_covers_two_repeats() -> None:
    """One lost telecommand does not make the rover stutter."""
    from sil.live.keys import VALID_FOR_S

    assert 2 * REPEAT_S < VALID_FOR_S == 0.5
