"""The simulated device: a day that adds up, and answers as the device gives them."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.hausstrom.common.energy_counter import EnergyCounter
from custom_components.hausstrom.senec.local.protocol.codec import Answer
from custom_components.hausstrom.senec.local.protocol.points import Ref, number_at
from simulators.senec_local import Faults, Model, SenecDevice, typed, untyped
from simulators.senec_local_day import House

from .support import NOON, decoded, device

FLOW: dict[str, dict[str, object]] = {
    "ENERGY": {
        "GUI_GRID_POW": "",
        "GUI_HOUSE_POW": "",
        "GUI_INVERTER_POWER": "",
        "GUI_BAT_DATA_POWER": "",
    }
}


def _power(answer: Answer, name: str) -> float:
    number = number_at(answer, Ref("ENERGY", name))
    assert number is not None
    return number


@pytest.mark.parametrize("model", list(Model))
def test_the_day_balances_within_a_watt(model: Model) -> None:
    now = datetime(2026, 6, 21, tzinfo=UTC)
    senec = SenecDevice(model, clock=lambda: now)
    seen = set()
    for _ in range(1440):
        answer = decoded(senec.answer(FLOW, Faults()))
        house, pv, grid, battery = (
            _power(answer, name)
            for name in (
                "GUI_HOUSE_POW",
                "GUI_INVERTER_POWER",
                "GUI_GRID_POW",
                "GUI_BAT_DATA_POWER",
            )
        )
        assert abs(house - (pv + grid - battery)) < 1
        seen |= {("grid", grid > 0), ("battery", battery > 0), ("sun", pv > 0)}
        now += timedelta(minutes=1)
    assert len(seen) == 6


def test_energy_counted_every_10_seconds_is_right_to_half_a_percent() -> None:
    """The day's power at 1 s, summed, beside counters that see every tenth second of it."""
    house = House()
    day = NOON.toordinal()
    flows = [house.flow(day, second) for second in range(86_400)]
    series = {
        "grid_import_energy": [max(0.0, flow.grid) for flow in flows],
        "grid_export_energy": [max(0.0, -flow.grid) for flow in flows],
        "bat_charge_energy": [max(0.0, flow.battery) for flow in flows],
        "bat_discharge_energy": [max(0.0, -flow.battery) for flow in flows],
        "inverter_energy": [flow.pv for flow in flows],
        "house_energy": [flow.house for flow in flows],
        "wallbox_energy": [flow.wallbox for flow in flows],
    }
    signed = {
        "grid_import_energy": [flow.grid for flow in flows],
        "grid_export_energy": [-flow.grid for flow in flows],
        "bat_charge_energy": [flow.battery for flow in flows],
        "bat_discharge_energy": [-flow.battery for flow in flows],
    }
    for key, powers in series.items():
        true = sum(powers) / 3_600_000
        counter = EnergyCounter()
        for second in range(0, 86_400, 10):
            counter.integrate(signed.get(key, powers)[second], float(second))
        assert true > 1
        assert counter.total == pytest.approx(true, rel=0.005), key


def test_objects_variables_and_files_that_are_not_there() -> None:
    senec = device(Model.V2_1)
    faults = Faults(forbidden={("ENERGY", "STAT_STATE")})
    assert senec.answer(
        {"STECA": {"BAT": ""}, "ENERGY": {"X": "", "STAT_STATE": ""}, "FILE": {"A": ""}}, faults
    ) == {
        "STECA": {"OBJECT_NOT_FOUND": ""},
        "ENERGY": {"X": "VARIABLE_NOT_FOUND", "STAT_STATE": "FORBIDDEN"},
        "FILE": {"A": "FILE_VARIABLE_NOT_READABLE"},
    }


def test_the_forced_charge_takes_a_moment() -> None:
    now = NOON
    senec = SenecDevice(clock=lambda: now)
    senec.answer({"ENERGY": {"SAFE_CHARGE_FORCE": "u8_01"}}, Faults())
    assert not senec.is_force_charging
    now += timedelta(seconds=3)
    assert senec.is_force_charging
    assert senec.flow.battery == senec.house.charge_w
    senec.answer({"ENERGY": {"SAFE_CHARGE_PROHIBIT": "u8_01"}}, Faults())
    assert not senec.is_force_charging


def test_writes_of_the_wrong_width_are_not_taken() -> None:
    senec = device()
    for wrong in ("u8_1", "u1_0001", "zz_00", "fl_00000000"):
        senec.answer({"WALLBOX": {"ALLOW_INTERCHARGE": wrong}}, Faults())
        assert senec.table["WALLBOX"]["ALLOW_INTERCHARGE"] == ("u8", 0)
    senec.answer({"WALLBOX": {"ALLOW_INTERCHARGE": "u8_01"}}, Faults())
    assert senec.table["WALLBOX"]["ALLOW_INTERCHARGE"] == ("u8", 1)


def test_typed_values_come_back() -> None:
    for prefix, value in (("u8", 255), ("u1", 300), ("i3", -60), ("fl", 0.5), ("st", "a_b")):
        assert untyped(typed(prefix, value)) == (prefix, value)
    assert untyped("u8_zz") is None
    assert untyped("xx_00") is None


def test_the_battery_goes_on_over_midnight() -> None:
    for house in (House(), House(has_wallbox=False)):
        for day in range(NOON.toordinal(), NOON.toordinal() + 10):
            before = house.flow(day - 1, 86_399).charge_level
            after = house.flow(day, 0).charge_level
            assert before == pytest.approx(after, abs=0.2)
