"""Back-off: later each time, never later than its limit, afresh after a success."""

from __future__ import annotations

from hal.backoff import Backoff


def tries(backoff: Backoff, until_ns: int) -> list[int]:
    """Times at which a caller that always fails tries."""
    times = []
    for now_ns in range(until_ns):
        if backoff.due(now_ns):
            times.append(now_ns)
            backoff.failed(now_ns)
    return times


def test_pauses_double_up_to_the_longest() -> None:
    """First at once."""
    assert tries(Backoff(2, 8), 40) == [0, 2, 6, 14, 22, 30, 38]


def test_a_success_starts_afresh() -> None:
    """The next failure waits as long as the first one did."""
    backoff = Backoff(2, 8)
    tries(backoff, 20)
    backoff.succeeded()
    assert backoff.due(0)
    assert tries(backoff, 7) == [0, 2, 6]
