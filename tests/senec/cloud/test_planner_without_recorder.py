"""The planner where Home Assistant has neither a recorder nor an energy dashboard."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_integration,
    mock_platform,
)

from .conftest import Home
from .planning import LivingHome
from .test_planner import DAWN, get_plan, plan_of, switch


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load the integration."""


async def test_a_day_is_planned_all_the_same(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    hass = home.hass
    await hass.config.async_set_time_zone("Europe/Berlin")
    home.freezer.move_to(DAWN)
    living = LivingHome(home, home.cloud.system(100301), lived=DAWN - timedelta(minutes=5))
    living.system.wallboxes.clear()
    living.live(DAWN)
    monkeypatch.setattr("simulators.senec_cloud_services.step_at", living.step_at)
    mock_integration(hass, MockModule("sun_oracle"))
    mock_platform(hass, "sun_oracle.energy", Mock(async_get_solar_forecast=living.solar_forecast))
    hass.config.components.add("sun_oracle")
    roofs = [MockConfigEntry(domain="sun_oracle") for _ in range(2)]
    for roof in roofs:
        roof.add_to_hass(hass)
    entry = await home.add()
    options = {
        "pv_peak_power": 10.0,
        "export_limit": 60,
        "forecasts": [roof.entry_id for roof in roofs],
    }
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    assert "recorder" not in hass.config.components
    await switch(living, entry)
    await living.until(6, 40)
    assert plan_of(living, entry) == "planned"
    rows = (await get_plan(living, entry))["series"]
    assert {row["load"] for row in rows} == {500}  # nothing is known of the house
    await living.until(20)
    assert living.settings()[0] == "DEACTIVATED"
    assert living.lost < 2500
