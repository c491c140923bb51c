"""XMODEM: the published check value, and both implementations the same."""

from hypothesis import given, strategies as st

from hal.crc import crcmod_xmodem, stdlib_xmodem, xmodem


def test_check_value() -> None:
    """CRC-16/XMODEM of "123456789" is 0x31C3."""
    assert xmodem(b"123456789") == crcmod_xmodem()(b"123456789") == stdlib_xmodem()(b"123456789") == 0x31C3


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_both_implementations_agree_and_go_on_from_a_part(first: bytes, second: bytes) -> None:
    """Whichever is chosen, the result is the same."""
    for function in (crcmod_xmodem(), stdlib_xmodem()):
        assert function(first + second) == function(second, function(first)) == xmodem(first + second)


@given(st.binary(min_size=1, max_size=60))
def test_data_with_its_crc_leaves_nothing(data: bytes) -> None:
    """How answers are checked in one step."""
    assert xmodem(data + xmodem(data).to_bytes(2, "big")) == 0
