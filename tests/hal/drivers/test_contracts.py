"""The contract suites of the device interfaces, run over the chip drivers on simulated wires.

A test imported here takes the fixture of this module: the same sentences hold for a driver as for a device.
"""

from __future__ import annotations

import pytest

from hal.api.devices import ArrayMonitor, PowerMonitor, Steering, SwitchBank
from hal.api.errors import NotReady
from hal.api.wiring import SwitchesWiring
from hal.drivers.gpio_switches import GpioSwitches
from tests.contract.rigs import Rig
from tests.contract.test_motion_outputs import (  # noqa: F401  # pytest collects what is imported
    test_corners_made_safe_stay_where_they_are,
    test_corners_not_refreshed_stop_on_the_way,
    test_corners_reach_their_angles_and_keep_them,
)
from tests.contract.test_sensors import (
    test_a_power_monitor_reads_a_live_bus as power_contract,
    test_an_array_lists_its_faces_in_order as array_contract,
)
from tests.contract.test_switch_bank import (  # noqa: F401  # as above
    test_a_refreshed_switch_stays,
    test_every_switch_follows_its_command_while_held,
    test_make_safe_acts_at_once_on_all,
    test_no_hold_is_longer_than_the_board_allows,
)
from tests.hal.drivers.test_gpio_switches import WIRED, SwitchBench
from tests.hal.drivers.test_power_monitors import BATTERY, LEFT, REAR, RIGHT, MonitorBench
from tests.hal.drivers.test_servo_steering import SteeringBench


@pytest.fixture
def rig() -> Rig[SwitchBank]:
    bench = SwitchBench()
    wiring = SwitchesWiring(bus="gpio", max_hold_s=60.0, lines=WIRED)
    return Rig(GpioSwitches(bench.port, wiring, bench.plug), bench.plug)


@pytest.fixture
def steering() -> Rig[Steering]:
    """Corners that have been brought straight, as a rover does before it can know where they are."""
    bench = SteeringBench(rate=0.3)
    bench.start()
    bench.steer((0.0,) * 4, 20.0)
    return Rig(bench.steering, bench.plug)


def _power() -> Rig[PowerMonitor]:
    bench = MonitorBench()
    with pytest.raises(NotReady):
        bench.monitor.read()
    assert bench.volts[BATTERY] > 0.0
    return Rig(bench.monitor, bench.plug)


def _array() -> Rig[ArrayMonitor]:
    bench = MonitorBench()
    bench.amps |= {LEFT: 0.0, RIGHT: 2.0, REAR: 0.0}
    with pytest.raises(NotReady):
        bench.array.read()
    return Rig(bench.array, bench.plug)


def test_power_monitor_contract() -> None:
    """As the simulated front end."""
    power_contract(_power)


def test_array_contract() -> None:
    """As the simulated front end."""
    array_contract(_array)
