"""One deployment at a time, and what a look at a target and going back on it do."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from sil.deploy.deployment import Wishes
from sil.deploy.errors import BadRequest, DeployError
from sil.deploy.inspection import roll_back, status_lines
from sil.deploy.layout import Layout
from sil.deploy.transport import BEAT_S, IDLE_S, locked
from tests.sil.deploy.rover_bench import ROVER, Folder, Ground

pytestmark = pytest.mark.process


@contextmanager
def lock(rover: Folder, idle_s: float = IDLE_S, beat_s: float = BEAT_S) -> Iterator[None]:
    """Somebody else's, tried for while there is another."""
    end_s = time.monotonic() + 10.0
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(locked(rover, sys.executable, rover.lock, idle_s, beat_s))
                break
            except DeployError:
                assert time.monotonic() < end_s
                time.sleep(0.05)
        yield


def test_a_second_deployment_meanwhile_is_refused(rover: Folder, ground: Ground) -> None:
    with (
        lock(rover),
        pytest.raises(DeployError, match="another deployment to rover is running"),
    ):
        ground.deploy(rover, Wishes(ground.sources("1"), ROVER))

    assert ground.deploy(rover, Wishes(ground.sources("1"), ROVER))


def test_a_lock_whose_owner_is_not_heard_any_more_is_dropped(rover: Folder) -> None:
    with lock(rover, idle_s=0.1, beat_s=60.0), lock(rover):  # waits until the first one has given up
        pass


def test_a_lock_is_kept_while_its_owner_is_heard(rover: Folder) -> None:
    with lock(rover, idle_s=1.0, beat_s=0.05):
        time.sleep(2.0)
        with pytest.raises(DeployError, match="another deployment"), locked(rover, sys.executable, rover.lock):
            pass


def test_status_shows_slots_versions_and_the_unit(installed: Folder, ground: Ground) -> None:
    layout = Layout(str(installed.root))
    ground.deploy(installed, Wishes(ground.sources("2")))

    a, b, factory, unit = status_lines(installed, layout)

    assert a.startswith("a        rahi 1 (")
    assert a.endswith("was good before")
    assert b.startswith("b        rahi 2 (")
    assert b.endswith("active, running")
    assert factory.endswith("last resort")
    assert unit == "unit     ActiveState=active"


def test_nothing_installed_is_told(rover: Folder) -> None:
    with pytest.raises(BadRequest, match="has no Rahi yet: rahi deploy rover --rover NAME or FILE"):
        list(status_lines(rover, Layout(str(rover.root))))


def test_going_back_starts_what_was_good_before(installed: Folder, ground: Ground) -> None:
    layout = Layout(str(installed.root))
    ground.deploy(installed, Wishes(ground.sources("2")))

    assert list(roll_back(installed, layout))[-1] == "it runs"

    assert next(status_lines(installed, layout)).endswith("active, running")
