"""Hypothesis profiles: `ci` (the default) repeats exactly, `soak` searches long and afresh."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,  # a wall-clock limit would fail on a busy machine
    max_examples=60,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],  # measures wall time too
)
settings.register_profile("soak", derandomize=False, deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
