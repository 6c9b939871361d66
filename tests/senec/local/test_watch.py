"""What is watched over years: modules that drift apart, meters that are swapped, charging limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.common.value import Value
from custom_components.hausstrom.senec.local.protocol import drift
from custom_components.hausstrom.senec.local.protocol.codec import Answer, Section
from custom_components.hausstrom.senec.local.protocol.drift import LASTING, DriftWatch
from custom_components.hausstrom.senec.local.protocol.hold import (
    LONGEST,
    Means,
    SenecHold,
    reserve_for,
)
from custom_components.hausstrom.senec.local.protocol.limits import DEFAULT, LOWEST, limit_points
from custom_components.hausstrom.senec.local.protocol.meters import CALM, SwappedMeters


def modules(
    voltage: tuple[float, ...] = (),
    charge: tuple[float, ...] = (),
    temperature: tuple[float, ...] = (),
) -> dict[str, Value]:
    return {
        f"module_{name}_{index}": value
        for name, values in (
            ("voltage", voltage),
            ("charge", charge),
            ("temperature", temperature),
        )
        for index, value in enumerate(values)
    }


def test_a_module_that_drifts_is_told_when_it_lasts_and_untold_well_below() -> None:
    watch = DriftWatch()
    apart = modules(voltage=(52.7, 52.8, 55.2))
    assert [watch.look(apart) for _ in range(LASTING)] == [*[False] * (LASTING - 1), True]
    (found,) = watch.drifts
    assert (found.letter, found.text) == ("C", "+2.4 V")
    assert watch.look(modules(voltage=(52.7, 52.8, 54.3))) is True  # below warn, above calm
    assert watch.look(modules(voltage=(52.7, 52.8, 53.9))) is False
    assert watch.look(apart) is False  # it has to last anew
    assert watch.drifts == ()


@pytest.mark.parametrize(
    "readings",
    [
        modules(charge=(50, 51, 30)),
        modules(temperature=(25, 26, 40)),
        modules(charge=(50, 80)),
        modules(voltage=(48.0, 52.8, 52.9, 52.7)),
    ],
)
def test_every_quantity_is_watched(readings: dict[str, Value]) -> None:
    watch = DriftWatch()
    assert [watch.look(readings) for _ in range(LASTING)][-1] is True


def test_what_flickers_is_no_drift() -> None:
    watch = DriftWatch()
    for _ in range(20):
        assert watch.look(modules(voltage=(52.7, 52.8, 55.2))) is False
        assert watch.look(modules(voltage=(52.7, 52.8, 53.0))) is False


def test_one_module_and_missing_values_are_no_drift() -> None:
    watch = DriftWatch()
    assert watch.look(modules(voltage=(52.7,))) is None
    assert watch.look({"module_voltage_0": None, "module_voltage_1": 52.0}) is None
    assert watch.look(modules(voltage=(52.7, 0.0))) is None  # a module that has not reported
    apart = modules(voltage=(52.7, 52.8, 56.0))
    for _ in range(LASTING):
        watch.look(apart)
    assert watch.look({}) is None
    assert watch.drifts  # nothing to compare is no all-clear


def test_inner_points_read_nothing_while_the_battery_is_offline() -> None:
    bms: Section = {"MODULES_CONFIGURED": 0, "VOLTAGE": [0.0] * 4, "SOC": [0] * 4}
    answer = Answer({"BMS": bms})
    assert {point.read(answer) for point in drift.module_points()} == {None}
    bms["MODULES_CONFIGURED"] = 2
    bms["VOLTAGE"] = [52.0, 52.5, 0.0, 0.0]
    readings: dict[str, Value] = {p.key: p.read(answer) for p in drift.module_points()}
    readings["house_power"] = 1
    taken = drift.taken_out(readings, 2)
    assert taken is not None
    assert set(taken) == {f"module_{n}_{i}" for n in drift.QUANTITIES for i in range(2)}
    assert readings == {"house_power": 1}
    assert drift.taken_out(readings, 2) is None


def test_a_house_that_gives_power_for_long_has_swapped_meters() -> None:
    watch = SwappedMeters()
    seconds = range(0, 1000, 10)
    told = [second for second in seconds if watch.look(-400, second)]
    assert told[0] == 900
    assert watch.look(None, 1010)
    assert watch.look(300, 1020)  # it stands until it has been well for long
    assert watch.look(300, 990 + CALM - 1)
    assert not watch.look(300, 1000 + CALM)


def test_a_moment_below_zero_is_no_swapped_meter() -> None:
    watch = SwappedMeters()
    for second in range(0, 100_000, 10):
        power = -3000 if second % 600 < 300 else 200
        assert not watch.look(power, second)
        assert not watch.look(-20, second + 5)


@pytest.mark.parametrize(
    ("rated", "allowed", "limit"),
    [(16, 16, 16), (32, 20, 20), (0, 0, DEFAULT), (0, 13, 13), (16, 0, 16), (4, 4, LOWEST)],
)
def test_the_limit_of_a_wallbox(rated: float, allowed: float, limit: float) -> None:
    box: Section = {
        "MAX_CHARGING_CURRENT_RATED": [0.0, rated, 0.0, 0.0],
        "MAX_CHARGING_CURRENT_ICMAX": [0.0, allowed, 0.0, 0.0],
    }
    assert limit_points()[1].read(Answer({"WALLBOX": box})) == limit
    assert limit_points()[1].read(Answer({})) == DEFAULT


def test_a_hold_outlives_a_stop_and_ends() -> None:
    hold = SenecHold(Means.RESERVE, 10, 1000.0)
    assert SenecHold.restored(hold.stored()) == hold
    assert SenecHold.restored(hold.ended().stored()) == hold.ended()
    assert not hold.is_over(1000 + LONGEST, holds=True)
    assert hold.is_over(1001 + LONGEST, holds=True)
    assert not hold.is_over(1100, holds=False)  # it may not show it yet
    assert hold.is_over(1300, holds=False)
    assert not hold.is_over(1300, holds=None)
    assert not SenecHold(Means.FORCED_CHARGE, 1, 0).changes_anything


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.dictionaries(
            st.sampled_from(["means", "before", "since", "ending"]), inner
        ),
        max_leaves=5,
    )
)
def test_what_is_no_hold_is_none(stored: object) -> None:
    restored = SenecHold.restored(stored)
    assert restored is None or restored.means in set(Means)


def test_the_reserve_that_holds() -> None:
    assert reserve_for(41.2, 50) == 42
    assert reserve_for(50.0, 50) == 50
    assert reserve_for(50.1, 50) is None
    assert reserve_for(None, 50) is None
