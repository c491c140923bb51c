"""The same deployment over the OpenSSH client, to a server on loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sil.cli.app import run
from sil.deploy.deployment import Deployment, Wishes
from sil.deploy.errors import BadRequest, DeployError, TargetLost
from sil.deploy.layout import Layout
from sil.deploy.transport import Ssh, locked
from tests.sil.deploy.rover_bench import HERE, ROVER, Folder, Ground, tree

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(shutil.which("ssh") is None, reason="needs the OpenSSH client"),
]
OPTIONS = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes")


@dataclass(frozen=True)
class Served:
    """A rover in a folder and how to reach it."""

    rover: Folder
    port: int
    identity: Path

    def ssh(self) -> Ssh:
        return Ssh("pi@127.0.0.1", self.port, self.identity, OPTIONS)

    def deploy(self, ground: Ground, wishes: Wishes) -> bool:
        ground.said.clear()
        ground.sent_bytes = 0
        with self.ssh() as target:
            return Deployment(target, Layout(str(self.rover.root)), wishes, ground.desk()).run()

    def wait_for_end_of_upload(self) -> None:
        """The far end of a cut connection has seen that."""
        end_s = time.monotonic() + 20.0
        while not (self.rover.root / "cut-ended").exists():
            assert time.monotonic() < end_s
            time.sleep(0.02)

    def command(self, *arguments: str) -> int:
        """`rahi deploy` as typed."""
        way = ["--port", str(self.port), "--identity", str(self.identity), "--prefix", str(self.rover.root)]
        options = [part for option in OPTIONS for part in ("--ssh-option", option)]
        return run(["deploy", "pi@127.0.0.1", *way, *options, *arguments])


@pytest.fixture
def served(rover: Folder, tmp_path: Path) -> Iterator[Served]:
    keys = tmp_path / "keys"
    command = [sys.executable, str(HERE / "ssh_server.py"), str(rover.root), str(keys)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            yield Served(rover, int(server.stdout.readline()), keys / "client")
        finally:
            server.terminate()


def test_install_update_and_roll_back(served: Served, ground: Ground) -> None:
    assert served.deploy(ground, Wishes(ground.sources("1"), ROVER))
    assert served.deploy(ground, Wishes(ground.sources("2")))
    assert not served.deploy(ground, Wishes(ground.sources("3", "sys.exit(3)")))

    assert "rolled back: slot a never got ready; b runs again" in ground.said
    assert (served.rover.root / "etc/rahi/flight.log").read_text().splitlines()[-1] == "2 name = 'one'"


def test_a_cut_upload_goes_on_where_it_was(served: Served, ground: Ground) -> None:
    wishes = Wishes(ground.sources("1"), ROVER)
    (served.rover.root / "cut-after").write_text("50000")
    with pytest.raises(TargetLost, match=r"pi@127\.0\.0\.1: connection lost"):
        served.deploy(ground, wishes)
    served.wait_for_end_of_upload()
    incoming = served.rover.root / "opt/rahi/a/.incoming"
    parts = [path.stat().st_size for path in incoming.glob("*.part")]
    whole = [path.stat().st_size for path in incoming.iterdir() if not path.suffix]
    assert len(parts) == 1
    assert 30_000 < sum(whole) + parts[0] <= 50_000
    assert not (served.rover.root / "opt/rahi/slots.json").exists()

    assert served.deploy(ground, wishes)

    sent_before = sum(whole) + parts[0]
    total = sum({sha: path.stat().st_size for sha, path in _contents(served).items()}.values())
    assert ground.sent_bytes == total - sent_before


def _contents(served: Served) -> dict[str, Path]:
    from sil.deploy.target.manifest import Manifest

    slot = served.rover.root / "opt/rahi/a"
    manifest = Manifest.from_json((slot / "manifest.json").read_bytes())
    return {sha256: slot / "lib" / path for path, (sha256, _) in manifest.files.items()}


def test_a_second_deployment_meanwhile_is_refused(served: Served, ground: Ground) -> None:
    with (
        served.ssh() as target,
        locked(target, sys.executable, served.rover.lock),
        pytest.raises(DeployError, match="another deployment"),
    ):
        served.deploy(ground, Wishes(ground.sources("1"), ROVER))


def test_words_reach_the_target_as_they_are(served: Served) -> None:
    """No shell in between makes anything of them."""
    words = ["a b", "$(touch /tmp/x)", "'", '"', "*", "", "-n", "ü\n;"]
    with served.ssh() as target:
        ran = target.run(["printf", "%s|", *words])
        assert target.run(["sh", "-c", "cat; exit 7"], [b"in", b"put"]).status == 7

    assert ran.out == "".join(word + "|" for word in words)


@pytest.mark.soak  # gathers the real packages five times over, half a minute of it
def test_the_command_line_looks_and_changes_nothing(
    served: Served, ground: Ground, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the real packages, since nothing of them is started."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(ground.folder / "cache"))
    before = tree(served.rover.root)

    assert served.command("--status") == 2
    assert "rahi: pi@127.0.0.1 has no Rahi yet" in capsys.readouterr().err
    assert served.command("--dry-run", "--wheels", str(ground.wheels)) == 2
    assert "give --rover NAME or FILE" in capsys.readouterr().err
    assert (
        served.command("--dry-run", "--wheels", str(ground.wheels), "--rover", "south_pole", "--with-sim") == 1
    )  # the folder has no wheel of the ephemeris
    assert "No matching distribution found for astronomy-engine" in capsys.readouterr().err
    assert tree(served.rover.root) == before

    served.deploy(ground, Wishes(ground.sources("1"), ROVER))
    before = tree(served.rover.root)
    assert served.command("--dry-run", "--wheels", str(ground.wheels)) == 0
    assert "would verify all" in capsys.readouterr().out
    assert {**tree(served.rover.root), "systemctl.log": b""} == {**before, "systemctl.log": b""}
    assert served.command("--status") == 0
    assert "a        rahi 1" in capsys.readouterr().out
    assert served.command("--rollback") == 0
    assert capsys.readouterr().out.endswith("it runs\n")


def test_a_host_that_does_not_answer_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = str(closed.getsockname()[1])

        assert run(["deploy", "pi@127.0.0.1", "--port", port, "--status"]) == 1

    assert capsys.readouterr().err.startswith("rahi: pi@127.0.0.1: ssh: connect to host 127.0.0.1")


@pytest.mark.parametrize("host", ["-oProxyCommand=touch /tmp/x", "", "a b", "pi@", "pi@-x", "pi@h;ls", "$(x)@h", "h\n"])
def test_no_host_is_taken_for_an_option_or_a_command(host: str) -> None:
    with pytest.raises(BadRequest, match=r"expected \[USER@\]HOST"):
        Ssh(host)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--status", "--rollback"], "exclude each other"),
        (["--port", "0"], "--port = 0: expected a whole number from 1 to 65535"),
        (["--rover", "nowhere"], "nowhere: no such rover; shipped: "),
        (["--rover", "south_pole"], "board = 'sim' needs sim_hal: give --with-sim"),
        (["--wheels", "/nowhere"], "does not exist"),
        (["--ssh-option", "foo"], "--ssh-option 'foo': expected KEY=VALUE as in ssh_config(5)"),
        (["--ssh-option", "User=pi", "--ssh-option", "Foo=bar"], "'Foo=bar': expected KEY=VALUE as in ssh_config(5)"),
        (["--prefix", "x"], "--prefix: expected an absolute path"),
    ],
)
def test_bad_options_are_refused_before_anybody_connects(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["deploy", "pi@127.0.0.1", *arguments]) == 2
    err = capsys.readouterr().err
    assert problem in err
    assert err.count("\n") == 1
