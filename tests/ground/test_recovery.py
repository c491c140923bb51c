"""Asking again: in the end the archive holds what the rover has recorded, each packet once; then it is quiet."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st

from ground.recovery import TRIES
from tests.ground.storing_rover import StoringRover, check_archive

SETTLED_S = 40_000
STEPS = st.one_of(
    st.tuples(st.just("run"), st.integers(1, 200)),
    st.tuples(st.just("gap"), st.integers(1, 400)),
    st.tuples(st.just("cut"), st.integers(1, 4)),
    st.tuples(st.just("cut in a gap"), st.integers(20, 200)),
    st.tuples(st.just("beacon"), st.integers(1, 3)),
)


def take_step(bench: StoringRover, kind: str, number: int) -> None:
    if kind == "run":
        bench.run(number)
    elif kind == "gap":
        gap(bench, number)
    elif kind == "cut":
        bench.cut(2, number)
    elif kind == "cut in a gap":
        bench.open = False
        bench.run(number // 2)
        bench.cut(2, 2)
        bench.run(number)
        bench.open = True
    else:
        for _ in range(number):
            bench.beacon()


def gap(bench: StoringRover, duration_s: int) -> None:
    bench.open = False
    bench.run(duration_s)
    bench.open = True


@settings(max_examples=5)
@given(st.lists(STEPS, max_size=6), st.integers(0, 10_000), st.sampled_from((0.0, 0.01, 0.1, 0.3)))
def test_what_was_recorded_comes_down_exactly_once(steps: list[tuple[str, int]], seed: int, loss: float) -> None:
    """Counts that jump, gaps, cuts, a channel that loses, repeats and reorders; and it never asks for ever."""
    bench = StoringRover(seed, loss)
    bench.run(10)
    for kind, number in steps:
        take_step(bench, kind, number)
    bench.run(60)
    bench.loss = 0.0  # else something new is lost for ever, and asked for again
    requests = bench.settle(SETTLED_S)
    check_archive(bench)
    if loss == 0.0:
        assert requests <= TRIES * (1 + len(steps) * 5)
