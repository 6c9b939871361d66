"""What the planner has to know, as a person enters it; and what the form knows already."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from homeassistant.components.energy.data import async_get_manager
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.loader import Integration
from homeassistant.util import dt as dt_util

from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.planning.prices import Prices
from custom_components.hausstrom.senec.cloud import planner_inputs
from custom_components.hausstrom.senec.cloud.planner_needs import NoForecastError
from custom_components.hausstrom.senec.cloud.prices import prices_of

from ..local.conftest import Site
from .conftest import Home
from .planning import BERLIN, CLEAR, name_forecasts

pytestmark = pytest.mark.usefixtures("recorder_mock")

NUMBER = "123456789012345678900301"  # the cloud writes an S before it


@pytest.fixture
def devices(home: Home) -> Iterator[Site]:
    made = Site(home.hass, home.freezer)
    yield made
    made.close()


async def form(home: Home, entry: HausstromConfigEntry) -> dict[str, Any]:
    """Open the options, and return what each field suggests."""
    flow = await home.hass.config_entries.options.async_init(entry.entry_id)
    assert flow["type"] is FlowResultType.FORM
    schema = flow["data_schema"]
    assert schema is not None
    home.hass.config_entries.options.async_abort(flow["flow_id"])
    return {
        str(marker): (marker.description or {}).get("suggested_value") for marker in schema.schema
    }


async def test_the_peak_power_is_suggested_by_the_same_system_in_the_local_network(
    home: Home, devices: Site
) -> None:
    entry = await home.add()
    assert (await form(home, entry))["pv_peak_power"] is None
    device = devices.device(device_id=NUMBER)
    local = await devices.add(device)
    assert (await form(home, entry))["pv_peak_power"] == 9.5
    # What was entered counts.
    home.hass.config_entries.async_update_entry(
        entry, options={**entry.options, "pv_peak_power": 8.0}
    )
    assert (await form(home, entry))["pv_peak_power"] == 8.0
    home.hass.config_entries.async_update_entry(entry, options={})
    await home.hass.config_entries.async_unload(local.entry_id)
    assert (await form(home, entry))["pv_peak_power"] is None


@pytest.mark.parametrize("fault", ["another", "silent", "nonsense"])
async def test_nothing_is_suggested_that_is_not_known(
    home: Home, devices: Site, fault: str
) -> None:
    entry = await home.add()
    device = devices.device(device_id="2000000000000000000000001" if fault == "another" else NUMBER)
    await devices.add(device)
    made = device.simulator.device
    if fault == "silent":
        device.simulator.faults.dropped = True
    elif fault == "nonsense":
        made.table["WIZARD"]["PWRCFG_PEAK_PV_POWER"] = ("fl", 0.0)
    assert (await form(home, entry))["pv_peak_power"] is None


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        ({"sell_price": 0.4}, "sell_price"),
        ({"buy_price": 0.05}, "buy_price"),
        ({"buy_price": 0.2, "sell_price": 0.2}, "sell_price"),
    ],
)
async def test_prices_with_which_storing_never_pays_are_refused(
    home: Home, entered: dict[str, float], field: str
) -> None:
    entry = await home.add()
    flow = await home.hass.config_entries.options.async_init(entry.entry_id)
    data = {"scan_interval": 300}
    flow = await home.hass.config_entries.options.async_configure(
        flow["flow_id"], {**data, **entered}
    )
    assert flow["errors"] == {field: "sell_price_too_high"}
    flow = await home.hass.config_entries.options.async_configure(
        flow["flow_id"], {**data, "buy_price": 0.29, "sell_price": 0.11}
    )
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert prices_of(entry.options) == Prices(0.29, 0.11)


def test_what_is_left_empty_is_as_usual_in_germany() -> None:
    assert prices_of({}) == Prices(0.32, 0.08)


async def test_a_forecast_is_chosen_where_the_energy_dashboard_names_none(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    now = datetime(2026, 6, 10, 6, 25, tzinfo=BERLIN)
    home.freezer.move_to(now)

    async def answer(_hass: object, entry_id: str) -> dict[str, dict[str, float]]:
        asked.append(entry_id)
        return {
            "wh_hours": {
                now.replace(hour=hour, minute=0).isoformat(): wh for hour, wh in CLEAR.items()
            }
        }

    entry = await home.add()
    assert "forecasts" not in await form(home, entry)  # nothing to choose from
    first, second = await name_forecasts(home.hass, answer)
    monkeypatch.setattr(Integration, "platforms_exists", lambda _self, names: list(names))
    fields = await form(home, entry)
    assert "forecasts" in fields
    noon = dt_util.as_utc(now.replace(hour=12, minute=0))
    # The energy dashboard comes first: it names both roofs.
    both = await planner_inputs.async_forecast(home.hass, now, [first])
    assert set(asked) == {first, second}
    assert both[noon] == 2 * CLEAR[12]
    manager = await async_get_manager(home.hass)
    await manager.async_update(
        {"energy_sources": [], "device_consumption": [], "device_consumption_water": []}
    )
    with pytest.raises(NoForecastError, match="no_forecast_named"):
        await planner_inputs.async_forecast(home.hass, now)
    one = await planner_inputs.async_forecast(home.hass, now, [first])
    assert one[noon] == CLEAR[12]
