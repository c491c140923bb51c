"""A live session in one process: real sockets, simulated time as fast as it goes."""

import contextlib
import json
import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ground.errors import GroundError
from ground.station import Station
from sil.live.connection import MAX_UNSENT_BYTES
from sil.live.log import LiveLog, read_log
from sil.live.ports import Ports
from sil.live.replay import Replay
from sil.live.server import LiveServer
from sil.live.session import LiveSession, open_ended
from sil.loader import load_scenario
from sil.mission import Mission
from telemetry_defs.framing import encode_frame
from telemetry_defs.packets import build_tc

pytestmark = pytest.mark.process

FREE = {"control": 0, "local": 0, "relay": 0}


class Client:
    """A TCP client that never blocks; works between the cycles of a session in the same thread."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 5.0)
        self.socket.setblocking(False)
        self.received = bytearray()
        self.unsent = bytearray()

    def send(self, data: bytes) -> None:
        self.unsent += data
        self.pump()

    def pump(self) -> None:
        if self.socket.fileno() < 0:
            return
        with contextlib.suppress(BlockingIOError):
            while self.unsent:
                del self.unsent[: self.socket.send(self.unsent)]
        with contextlib.suppress(BlockingIOError):
            while data := self.socket.recv(1 << 16):
                self.received += data

    def close(self) -> None:
        self.socket.close()

    def take(self) -> bytes:
        self.pump()
        data = bytes(self.received)
        self.received.clear()
        return data


class Bench:
    """A session of the `live` scenario with a script that is called between cycles."""

    def __init__(self, folder: Path, replay: Replay | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.log_path = folder / "live.jsonl"
        self.log = LiveLog(self.log_path)
        self.clients: list[Client] = []
        self.mission = Mission(open_ended(load_scenario("hello")))
        self.session = LiveSession(
            mission=self.mission, log=self.log, ports=Ports("127.0.0.1", FREE), speed=0.0, replay=replay
        )

    def client(self, name: str) -> Client:
        self.clients.append(Client(self.session.server.ports[name]))
        return self.clients[-1]

    def run(self, script: Callable[[float], None], limit_s: float) -> None:
        def pace(now_ns: int) -> None:
            script(now_ns / 1e9)
            if now_ns >= limit_s * 1e9:
                self.session.end()
            self.session.pace(now_ns)

        try:
            self.mission.run(pace)
        finally:
            self.session.close()
            for client in self.clients:
                client.pump()
                client.close()
            self.log.__exit__(None, None, None)
            self.mission.archive.close()

    @property
    def sha256(self) -> str:
        return self.mission.recorder.sha256


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "session")


class Operator:
    """A station at one end of a client's socket."""

    def __init__(self, client: Client, source_id: int = 2) -> None:
        self.client = client
        self.station = Station(send=lambda _, data: client.send(data), source_id=source_id)

    def listen(self, t_s: float) -> None:
        self.station.receive("local", self.client.take(), int(t_s * 1e9))


def test_telemetry_goes_to_all_and_telecommands_come_from_each(bench: Bench) -> None:
    """Two operators: each sees both pings answered."""
    operators = [Operator(bench.client("local"), source) for source in (2, 3)]

    def script(t_s: float) -> None:
        for number, operator in enumerate(operators):
            operator.listen(t_s)
            if t_s == 2.0 + number:
                operator.station.send_command("system.ping", {}, int(t_s * 1e9))

    bench.run(script, 8.0)
    for operator in operators:
        assert operator.station.commands[0].completed
        assert operator.station.bad_frames == 0
    assert bytes(operators[0].client.received) == bytes(operators[1].client.received)


def test_a_session_repeats_byte_for_byte(bench: Bench, tmp_path: Path) -> None:
    """The log alone makes the same downlink; also the second repetition, from the log of the first."""
    operator = Operator(bench.client("local"))
    noise = random.Random(5)

    def script(t_s: float) -> None:
        operator.listen(t_s)
        if t_s == 2.0:
            arguments = {"x_m": 1.0, "y_m": 0.0, "speed_m_s": 0.05, "timeout_s": 60.0}
            operator.station.send_command("mobility.drive_to", arguments, 0)
        if 3.0 <= t_s < 6.0:
            operator.client.send(noise.randbytes(noise.randrange(40)))
        if t_s == 8.0:
            operator.station.send_command("system.stop", {}, 0)

    bench.run(script, 12.0)
    folder, sums = bench.log_path.parent, [bench.sha256]
    for number in range(2):
        again = Bench(tmp_path / f"again{number}", Replay(read_log(folder / "live.jsonl")))
        again.run(lambda _: None, 1e6)
        folder = again.log_path.parent
        sums.append(again.sha256)
    assert sums[0] == sums[1] == sums[2]
    assert bench.mission.elapsed_s == again.mission.elapsed_s


def test_what_clients_send_to_a_repetition_goes_nowhere(bench: Bench, tmp_path: Path) -> None:
    """They may watch."""
    bench.run(lambda _: None, 4.0)
    again = Bench(tmp_path / "again", Replay(read_log(bench.log_path)))
    operator = Operator(again.client("local"))

    def script(t_s: float) -> None:
        operator.listen(t_s)
        if t_s == 1.0:
            operator.station.send_command("system.ping", {}, 0)

    again.run(script, 1e6)
    assert again.sha256 == bench.sha256
    assert again.mission.uplinked == bench.mission.uplinked


def test_garbage_and_half_packets_are_counted_and_commands_still_work(bench: Bench) -> None:
    """No crash, no overrun; the rover's counter says how many were no packets."""
    operator, stranger = Operator(bench.client("local")), bench.client("local")
    noise = random.Random(1)
    packet = encode_frame(build_tc(0x100, 17, 1, 9, 7, b""))

    def script(t_s: float) -> None:
        operator.listen(t_s)
        if 1.0 <= t_s < 4.0:
            stranger.send(noise.randbytes(noise.randrange(1, 3000)))
        if t_s == 4.0:
            stranger.send(packet[: len(packet) // 2])
        if t_s == 5.0:
            stranger.close()
        if t_s == 6.0:
            operator.station.send_command("system.ping", {}, 0)
            operator.station.send_command("system.report_hk", {"structure_id": "system.hk"}, 0)

    bench.run(script, 10.0)
    hk = operator.station.latest("system.hk")
    assert all(command.completed for command in operator.station.commands)
    assert hk is not None
    assert hk.fields["bad_packets"] > 50
    assert hk.fields["slots_missed"] == hk.fields["row_failures"] == 0


def test_a_burst_of_100_000_telecommands_is_survived(bench: Bench) -> None:
    """Accepted, refused or dropped and counted; afterwards a ping is answered at once."""
    operator, stranger = Operator(bench.client("local")), bench.client("local")
    frames = b"".join(encode_frame(build_tc(0x100, 17, 1, count, 7, b"")) for count in range(10_000))
    ended_s: list[float] = []

    def script(t_s: float) -> None:
        operator.listen(t_s)
        stranger.take()
        if t_s == 1.0:
            stranger.send(frames * 10)
        link = bench.mission.simulation.links["local"]
        if t_s > 1.0 and not stranger.unsent and not link.uplink_queued_bytes and not link.rx and not ended_s:
            ended_s.append(t_s + 5.0)
        if ended_s and t_s == pytest.approx(ended_s[0]):
            operator.station.send_command("system.ping", {}, 0)
            operator.station.send_command("system.report_hk", {"structure_id": "system.hk"}, 0)
        if ended_s and t_s > ended_s[0] + 4.0:
            bench.session.end()

    bench.run(script, 300.0)
    link, hk = bench.mission.simulation.links["local"], operator.station.latest("system.hk")
    assert all(command.completed for command in operator.station.commands)
    assert hk is not None
    assert hk.fields["accepted"] > 1000
    assert link.rx_overflow_bytes > 0
    assert bench.session.received_bytes >= len(frames) * 10
    assert hk.fields["slots_missed"] == hk.fields["row_failures"] == 0


def test_the_control_line_pauses_steps_and_runs(bench: Bench) -> None:
    """Each order is answered by one line of JSON; nonsense by one that says what there is."""
    control = bench.client("control")
    orders = iter(["speed 0", "pause", "step 3", "nonsense", "until 2.5", "speed -1", "end"])
    answers: list[str] = []
    order = "status"
    control.send(b"status\n")
    server_wait = bench.session.server.wait

    def wait(timeout_s: float) -> None:
        nonlocal order
        control.pump()
        server_wait(0.0)
        control.pump()
        if control.received.endswith(b"\n"):
            answers.append(order + " " + control.take().decode().strip())
            order = next(orders, "")
            if order:
                control.send(order.encode() + b"\n")

    bench.session.server.wait = wait  # type: ignore[method-assign]  # a paused session would wait for the wall clock
    bench.run(lambda _: None, 1e6)
    by_order = dict(answer.split(" {", 1) for answer in answers if "{" in answer)
    assert json.loads("{" + by_order["pause"])["paused"] is True
    assert [answer.split(" error")[0] for answer in answers if "error" in answer] == ["nonsense", "speed -1"]
    assert json.loads(control.received)["ended"] is True


@pytest.fixture
def server() -> Iterator[LiveServer]:
    made = LiveServer(
        ports=Ports("127.0.0.1", FREE),
        uplink=lambda *_: None,
        queued_bytes=lambda _: 0,
        control=lambda line: line,
    )
    yield made
    made.close()


def test_a_slow_client_is_dropped_and_the_others_stay(server: LiveServer) -> None:
    """One that never reads may not fill the memory."""
    slow, good = Client(server.ports["local"]), Client(server.ports["local"])
    for _ in range(4):
        server.wait(0.1)
    sent = 0
    while server.dropped == 0 and sent < 100 * MAX_UNSENT_BYTES:
        server.broadcast("local", b"\x02x\x00" * 20_000)
        sent += 60_000
        for _ in range(4):
            server.wait(0.0)
            good.pump()

    assert server.dropped == 1
    for _ in range(200):
        server.wait(0.0)
        good.pump()
    assert len(good.received) == sent
    slow.close()
    good.close()


def test_a_full_uplink_holds_clients_back() -> None:
    """They are not read while the radio's transmitter is behind: TCP tells them to wait."""
    taken: list[bytes] = []
    queued = [0]
    server = LiveServer(
        ports=Ports("127.0.0.1", FREE),
        uplink=lambda _, data: taken.append(data),
        queued_bytes=lambda radio: queued[0] if radio == "local" else 0,
        control=lambda line: line,
    )
    client = Client(server.ports["local"])
    server.wait(0.1)
    queued[0] = 1 << 20
    client.send(b"\x02a\x00")
    for _ in range(3):
        server.wait(0.01)
    assert taken == []
    queued[0] = 0
    server.wait(0.1)
    assert taken == [b"\x02a\x00"]
    client.close()
    server.close()


def test_a_port_that_is_taken_is_told(server: LiveServer) -> None:
    """Which one, and why."""
    ports = {**FREE, "relay": server.ports["relay"]}
    with pytest.raises(GroundError, match=f"relay port 127.0.0.1:{server.ports['relay']}: .*use"):
        Ports("127.0.0.1", ports)
