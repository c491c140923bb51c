"""The jitter benchmark's own arithmetic, and what it says when its witness is missing."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from benchmarks.jitter import MISSING, Distribution, main, read_histogram

HISTOGRAM = """# /dev/cpu_dma_latency set to 0us
# Histogram
000000 000000
000026 000002
000044 000001
# Total: 000000003
# Min Latencies: 00026
# Avg Latencies: 00104
# Max Latencies: 03648
# Histogram Overflows: 00002
# Histogram Overflow at cycle number:
# Thread 0: 00013 00111
"""


def test_a_histogram_of_cyclictest_becomes_latencies() -> None:
    """As version 2.40 prints it; the two beyond the histogram count as the worst."""
    assert read_histogram(HISTOGRAM) == [26, 26, 44, 3648, 3648]


@given(late_us=st.lists(st.integers(0, 10**6), min_size=1, max_size=300), share=st.floats(0.01, 1.0))
def test_at_least_that_share_of_the_cycles_was_no_later(late_us: list[int], share: float) -> None:
    found = Distribution("x", sorted(late_us)).at(share)
    assert sum(value <= found for value in late_us) >= int(share * 1_000_000) / 1_000_000 * len(late_us)
    assert Distribution("x", sorted(late_us)).at(1.0) == max(late_us)


def test_without_cyclictest_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main([]) == 2
    assert capsys.readouterr() == ("", MISSING + "\n")
