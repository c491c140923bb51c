"""Two battery sensors, three questions.

May it charge: the colder answers.  Is it too hot: the warmer answers.  Does it need heat: the colder, or where both
disagree, the one nearer to the electronics web beside the battery.
"""

from __future__ import annotations

import msgspec


class BatteryTemperature(msgspec.Struct, frozen=True, gc=False):
    """The answers, degrees Celsius; None when no sensor is left."""

    coldest_c: float | None
    warmest_c: float | None
    control_c: float | None
    disagree: bool


NOTHING = BatteryTemperature(None, None, None, False)


def vote(a_c: float | None, b_c: float | None, web_c: float | None, disagree_k: float) -> BatteryTemperature:
    """Combine the sensors; `disagree_k` is the difference from which they disagree."""
    if a_c is None or b_c is None:
        only_c = b_c if a_c is None else a_c
        return NOTHING if only_c is None else BatteryTemperature(only_c, only_c, only_c, False)
    coldest_c, warmest_c = min(a_c, b_c), max(a_c, b_c)
    disagree = warmest_c - coldest_c > disagree_k
    control_c = coldest_c
    if disagree and web_c is not None:
        control_c = min(max(web_c, coldest_c), warmest_c)  # the median of the three
    return BatteryTemperature(coldest_c, warmest_c, control_c, disagree)
