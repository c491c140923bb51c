"""An ssh server on loopback that runs commands with a rover's own PATH, and can break off in the middle of an upload.

`python ssh_server.py ROOT KEYS` prints its port and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import asyncssh


class Server(asyncssh.SSHServer):
    """Remembers its connections, to break them."""

    connection: asyncssh.SSHServerConnection

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn


async def serve(root: Path, keys: Path) -> None:
    """Until standard input ends."""

    async def handle(process: asyncssh.SSHServerProcess[bytes]) -> None:
        environment = {"PATH": f"{root}/bin:{os.environ['PATH']}", "LANG": "C.UTF-8"}
        child = await asyncio.create_subprocess_exec(
            "sh", "-c", process.command or "", stdin=-1, stdout=-1, stderr=-1, env=environment
        )
        feeding = asyncio.create_task(feed(process, child))
        outputs = [pump(child.stdout, process.stdout), pump(child.stderr, process.stderr)]
        await asyncio.gather(*outputs)
        status = await child.wait()
        feeding.cancel()
        if " receive " in (process.command or "") and (root / "cut-now").exists():
            (root / "cut-now").rename(root / "cut-ended")
        process.exit(status)

    async def feed(process: asyncssh.SSHServerProcess[bytes], child: asyncio.subprocess.Process) -> None:
        cut = root / "cut-after"
        left = int(cut.read_text()) if cut.exists() and " receive " in (process.command or "") else None
        assert child.stdin is not None
        try:
            while data := await process.stdin.read(16_384):
                if left is not None and left < len(data):
                    cut.rename(root / "cut-now")
                    process.get_extra_info("connection").abort()
                    break
                left = None if left is None else left - len(data)
                child.stdin.write(data)
                await child.stdin.drain()
        except (asyncssh.Error, ConnectionError, BrokenPipeError):
            pass
        child.stdin.close()

    acceptor = await asyncssh.create_server(
        Server,
        "127.0.0.1",
        0,
        server_host_keys=[str(keys / "host")],
        authorized_client_keys=str(keys / "client.pub"),
        process_factory=handle,
        encoding=None,
    )
    print(acceptor.get_port(), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def pump(source: asyncio.StreamReader | None, sink: asyncssh.SSHWriter[bytes]) -> None:
    """Until the source ends."""
    assert source is not None
    try:
        while data := await source.read(16_384):
            sink.write(data)
            await sink.drain()
    except (asyncssh.Error, ConnectionError):
        pass


def make_keys(folder: Path) -> None:
    """Of the server and of the one user."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("host", "client"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(folder / name))
        key.write_public_key(str(folder / f"{name}.pub"))
        (folder / name).chmod(0o600)


if __name__ == "__main__":
    make_keys(Path(sys.argv[2]))
    asyncio.run(serve(Path(sys.argv[1]), Path(sys.argv[2])))
