"""The pack and the bus: curve, cold, limits, cut-off, and where every watt goes."""

import pytest
from hypothesis import given, strategies as st

from sim_hal.world.array import SolarArray
from sim_hal.world.battery import OCV_SOC, OCV_V, Battery
from sim_hal.world.power_bus import PowerBus
from sim_hal.world.vehicle_file import load_vehicle

VEHICLE = load_vehicle("south_pole")
SOCS = st.floats(0.0, 1.0)
TEMPERATURES = st.floats(-150.0, 60.0)


def pack(soc: float = 0.8, temperature_c: float = 20.0) -> Battery:
    """The reference pack."""
    return Battery(VEHICLE.battery, soc, temperature_c)


def bus(soc: float = 0.8, temperature_c: float = 20.0, array_w: float = 0.0) -> PowerBus:
    """The reference bus with so much array power."""
    array = SolarArray(VEHICLE.array)
    array.face_w, array.available_w = (array_w, 0.0, 0.0), array_w
    return PowerBus(VEHICLE.battery, pack(soc, temperature_c), array)


def test_the_pack_holds_its_rated_energy() -> None:
    """Discharged slowly when warm it gives 506 Wh within 5 %."""
    battery = pack(1.0)
    joule = 0.0
    while battery.connected:
        joule += -battery.step(60.0, -10.0) * 60.0
    assert joule / 3600.0 == pytest.approx(506.0, rel=0.05)
    assert battery.soc < 0.06


@pytest.mark.parametrize(("soc", "cell_v"), list(zip(OCV_SOC, OCV_V, strict=True)))
def test_rest_voltage_follows_the_cell_curve(soc: float, cell_v: float) -> None:
    """Chen et al. 2020 at 25 C, seven cells in series."""
    assert pack(soc, 25.0).ocv_v() == pytest.approx(7 * cell_v)


@pytest.mark.parametrize(("temperature_c", "share"), [(20.0, 1.0), (0.0, 0.85), (-20.0, 0.70)])
def test_cold_locks_charge_away(temperature_c: float, share: float) -> None:
    """The charge that a slow discharge finds shrinks with the cold as published for such cells."""
    battery = pack(1.0, temperature_c)
    coulomb = 0.0
    while battery.connected:
        battery.step(60.0, -5.0)
        coulomb -= battery.current_a * 60.0
    rated = 6 * 3.35 * 3600.0
    assert coulomb / rated == pytest.approx(share, abs=0.07)


def test_resistance_grows_in_the_cold() -> None:
    """x1.7 at 0 C, x5 at -20 C of the 0.1 ohm at 25 C."""
    assert pack(0.5, 25.0).resistance_ohm == pytest.approx(0.0992, rel=0.01)
    assert pack(0.5, 0.0).resistance_ohm == pytest.approx(1.7 * 0.0992, rel=0.01)
    assert pack(0.5, -20.0).resistance_ohm == pytest.approx(5.0 * 0.0992, rel=0.01)


def test_charging_is_limited_and_tapers_at_the_top() -> None:
    """0.3 C in the middle, less and less near full, never above 29.4 V."""
    assert pack(0.5).charge_limit_w() == pytest.approx(0.3 * 20.1 * (26.25 + 0.6), rel=0.02)
    battery = pack(0.95)
    last = battery.charge_limit_w()
    for _ in range(2000):
        battery.step(60.0, battery.charge_limit_w())
        assert battery.voltage_v <= 29.4 + 1e-9
        assert battery.charge_limit_w() <= last + 1e-6
        last = battery.charge_limit_w()
    assert battery.soc == pytest.approx(1.0, abs=0.01)


def test_charging_below_zero_is_possible_and_counted_as_damage() -> None:
    """The pack does not protect itself; the count is what expectations look at."""
    warm, cold = pack(0.5, 1.0), pack(0.5, -1.0)
    warm.step(10.0, 20.0)
    cold.step(10.0, 20.0)
    assert warm.charge_below_zero_c_as == 0.0
    assert cold.charge_below_zero_c_as == pytest.approx(cold.current_a * 10.0)
    cold.step(10.0, -20.0)
    assert cold.charge_below_zero_c_as == pytest.approx(20.0 / 26.0 * 10.0, rel=0.1)


def test_frozen_cells_carry_nothing_until_warm() -> None:
    """Below -30 C no current either way; warmed up, all is as before; below -60 C they are lost."""
    battery = pack(0.8, -31.0)
    assert battery.step(1.0, -5.0) == battery.charge_limit_w() == 0.0
    battery.set_temperature(-10.0)
    assert battery.step(1.0, -5.0) == -5.0
    battery.set_temperature(-70.0)
    battery.set_temperature(20.0)
    assert battery.destroyed
    assert battery.step(1.0, -5.0) == 0.0


def test_an_overload_opens_the_protection() -> None:
    """More power than the pack can give disconnects it instead of giving nonsense."""
    battery = pack(0.5, -20.0)
    assert battery.step(1.0, -5000.0) == 0.0
    assert not battery.connected


def test_a_shorted_group_takes_its_voltage_away() -> None:
    """Six of seven groups are left."""
    battery = pack(0.6)
    before = battery.ocv_v()
    battery.shorted_groups = 1
    assert battery.ocv_v() == pytest.approx(before * 6 / 7)


@given(SOCS, TEMPERATURES, st.lists(st.floats(-3000.0, 3000.0), max_size=20))
def test_any_use_keeps_the_pack_in_bounds(soc: float, temperature_c: float, powers: list[float]) -> None:
    """Charge stays within 0..1, voltage within its curve, energy out of the cells is never more than was in."""
    battery = pack(soc, temperature_c)
    for power in powers:
        carried = battery.step(10.0, power)
        assert carried in (power, 0.0)
        assert 0.0 <= battery.soc <= 1.0
        assert battery.heat_w >= 0.0
        assert battery.voltage_v * battery.current_a == pytest.approx(carried, abs=1e-6)
        # Terminal power is cell power less the heat.
        assert carried - battery.heat_w == pytest.approx(
            battery.current_a * (battery.voltage_v - battery.current_a * battery.resistance_ohm), abs=1e-6
        )


@given(SOCS, st.floats(-29.0, 45.0))
def test_rest_voltage_rises_with_charge(soc: float, temperature_c: float) -> None:
    """At any temperature."""
    assert pack(soc, temperature_c).ocv_v() <= pack(min(1.0, soc + 0.02), temperature_c).ocv_v() + 1e-9


@given(SOCS, st.floats(-25.0, 40.0), st.floats(0.0, 200.0), st.floats(0.0, 80.0), st.floats(0.0, 20.0), st.booleans())
def test_every_watt_is_accounted_for(
    soc: float, temperature_c: float, array_w: float, load_w: float, offered_w: float, charge: bool
) -> None:
    """Used from array and lander = load + battery + converter heat, or the bus is dead and all is zero."""
    power = bus(soc, temperature_c, array_w)
    power.step(1.0, load_w, charge, offered_w)
    used_w = sum(v * i for v, i in zip(power.array.voltage_v, power.array.current_a, strict=True)) + power.outside_w
    battery_w = power.battery.voltage_v * power.battery.current_a

    assert used_w == pytest.approx(power.load_w + battery_w + power.converter_heat_w, abs=1e-6)
    assert used_w <= array_w + offered_w + 1e-9
    assert power.converter_heat_w >= 0.0
    if not charge:
        assert power.battery.current_a <= 0.0
    if power.dead:
        assert power.load_w == power.voltage_v == 0.0
    else:
        assert power.load_w == load_w


def test_a_full_round_trip_costs_what_both_converters_take() -> None:
    """0.95 in, 0.95 out, and a little more in the cells' resistance."""
    power = bus(0.5, 25.0, 30.0)
    for _ in range(100):
        power.step(36.0, 0.0)
    stored = power.battery.soc
    power.array.face_w, power.array.available_w = (0.0, 0.0, 0.0), 0.0
    hours = 0.0
    while power.battery.soc > 0.5:
        power.step(36.0, 30.0)
        hours += 0.01
    assert stored > 0.54
    assert hours == pytest.approx(0.95 * 0.95, rel=0.03)


def test_an_empty_battery_kills_the_bus_and_sunlight_revives_it() -> None:
    """Dead until the array offers enough to start the converters; then the battery charges again."""
    power = bus(0.06)
    for _ in range(2000):
        power.step(60.0, 0.0 if power.dead else 9.0)
    states = [power.dead]
    assert not power.battery.connected
    dead_soc = power.battery.soc

    power.array.face_w, power.array.available_w = (5.0, 0.0, 0.0), 5.0
    power.step(60.0, 0.0)
    states.append(power.dead)
    power.array.face_w, power.array.available_w = (40.0, 0.0, 0.0), 40.0
    for _ in range(60):
        power.step(60.0, 9.0)
    states.append(power.dead)
    assert states == [True, True, False]
    assert power.battery.soc > dead_soc


def test_the_bus_lives_on_the_array_alone_while_cells_are_frozen() -> None:
    """Enough Sun serves the loads without a battery; too little, and the bus dies at once."""
    power = bus(0.8, -35.0, 40.0)
    power.step(1.0, 30.0)
    states = [power.dead]
    assert power.voltage_v == 21.0
    power.step(1.0, 45.0)
    assert [*states, power.dead] == [False, True]


def test_a_short_dark_spell_with_a_disconnected_battery_recovers_when_cells_do() -> None:
    """Cells that only the cold had emptied carry the bus again once warm, without any Sun."""
    power = bus(0.3, -25.0)
    power.step(1.0, 60.0)
    power.step(1.0, 60.0)
    states = [power.dead]
    power.battery.set_temperature(20.0)
    power.step(1.0, 0.0)
    assert [*states, power.dead] == [True, False]
