"""The command lines of QEMU, and the copy on which an image is started."""

from itertools import pairwise
from pathlib import Path

import pytest

from sil.image.boot import copy_card
from sil.image.errors import ImageError, Unusable
from sil.image.qemu import CARD_BYTES, MACHINES, Files, Lines, command

FILES = Files(card=Path("/c,d.img"), kernel=Path("/k"), initrd=Path("/i"), tree=Path("/t.dtb"))


def after(words: list[str], option: str) -> list[str]:
    return [two for one, two in pairwise(words) if one == option]


def test_virt_has_a_watchdog_and_its_radio_on_a_second_uart() -> None:
    words = command(MACHINES["virt"], FILES, Lines(radio=15551, console=15552), panic_s=0)

    assert {"i6300esb", "pci-serial,chardev=radio", "virtio-blk-pci,drive=card"} <= {*after(words, "-device")}
    assert "socket,id=radio,host=127.0.0.1,port=15551,server=on,wait=off" in after(words, "-chardev")
    assert after(words, "-serial") == ["chardev:console"]
    assert after(words, "-nic") == ["none"]
    assert after(words, "-drive") == ["if=none,id=card,file=/c,,d.img,format=raw"]
    (arguments,) = after(words, "-append")
    assert "root=PARTUUID=52414849-02 rootfstype=squashfs ro" in arguments
    assert "panic=0" in arguments
    assert "-dtb" not in words


def test_raspi3b_has_its_radio_on_the_pl011_and_an_unarmed_watchdog() -> None:
    words = command(MACHINES["raspi3b"], FILES, Lines(radio=15551, console=15552))

    assert after(words, "-serial") == ["chardev:radio", "chardev:console"]  # first the PL011, then the mini-UART
    assert after(words, "-dtb") == ["/t.dtb"]
    assert "systemd.watchdog_sec=0" in after(words, "-append")[0]
    assert after(words, "-drive")[0].startswith("if=sd,")


@pytest.mark.parametrize("machine", MACHINES)
def test_every_port_is_on_loopback(machine: str) -> None:
    words = command(MACHINES[machine], FILES, Lines(radio=1, console=2, ssh=3), log=Path("/l"))

    assert all("host=127.0.0.1" in word for word in words if word.startswith("socket,"))
    assert all("hostfwd=tcp:127.0.0.1:3-:22" in word for word in after(words, "-nic"))


def test_for_an_operator_the_console_is_the_terminal() -> None:
    words = command(MACHINES["virt"], FILES, Lines(radio=1))

    assert "stdio,mux=on,id=console" in after(words, "-chardev")
    assert after(words, "-mon") == ["console"]


@pytest.mark.process
def test_a_card_is_a_sparse_copy_of_a_full_size(tmp_path: Path) -> None:
    (tmp_path / "x.img").write_bytes(b"boot" + bytes(1 << 20))

    copy_card(tmp_path / "x.img", tmp_path / "card")

    assert (tmp_path / "card").stat().st_size == CARD_BYTES
    assert (tmp_path / "card").stat().st_blocks * 512 < 2 << 20
    assert (tmp_path / "x.img").stat().st_size == 4 + (1 << 20)


@pytest.mark.process
def test_an_image_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"x\.img: no such image"):
        copy_card(tmp_path / "x.img", tmp_path / "card")
    (tmp_path / "x.img.xz").write_bytes(b"no xz")
    with pytest.raises(ImageError, match=r"x\.img\.xz cannot be unpacked"):
        copy_card(tmp_path / "x.img.xz", tmp_path / "card")
