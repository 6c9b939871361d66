"""Whether consumption holds the wallbox: the energy balance says it, live, of the day and the past."""

from datetime import UTC, datetime

import pytest
from homeassistant.helpers import entity_registry as er
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.senec.cloud.protocol.balance import Sums, holds_wallbox, house_of
from simulators.senec_cloud_day import energies

from .conftest import ANNA, BERT, Home
from .recording import KEYS, truth

LEAST = 1000.0
flows = st.floats(0, 60_000)


def sums(house: float, wallbox: float, *, holds: bool, error: float = 0.0) -> Sums:
    """Return a day's flows that are in balance, but for an error of the meter."""
    generation, charge, discharge = 21_000.0, 4_000.0, 3_500.0
    used = house + wallbox
    grid = used - generation + charge - discharge
    consumption = used if holds else house
    return Sums(
        generation, consumption + error, max(0.0, -grid), max(0.0, grid), charge, discharge, wallbox
    )


@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("error", [-0.2, 0.0, 0.2])
@given(house=flows, wallbox=st.floats(LEAST, 60_000))
def test_the_balance_tells(holds: bool, error: float, house: float, wallbox: float) -> None:
    told = holds_wallbox(sums(house, wallbox, holds=holds, error=error * wallbox), LEAST)
    assert told is holds


@given(house=flows, wallbox=st.floats(0, LEAST - 1), holds=st.booleans())
def test_little_tells_nothing(house: float, wallbox: float, holds: bool) -> None:
    assert holds_wallbox(sums(house, wallbox, holds=holds), LEAST) is None


@pytest.mark.parametrize("error", [-0.5, 0.5, 2.0])
def test_what_fits_neither_way_tells_nothing(error: float) -> None:
    right = sums(9_000, 8_000, holds=True, error=error * 8_000)
    # Half of the wallbox too little lies between the two possibilities.
    assert holds_wallbox(right, LEAST) is None


@pytest.mark.parametrize("missing", range(7))
def test_a_flow_that_is_missing_tells_nothing(missing: int) -> None:
    values = list(sums(9_000, 8_000, holds=True))
    values[missing] = None
    assert holds_wallbox(Sums(*values), LEAST) is None


def test_the_house_is_never_negative_and_never_guessed() -> None:
    assert house_of(500.0, 700.0, holds=True) == 0.0
    assert house_of(500.0, None, holds=True) is None
    assert house_of(500.0, None, holds=False) == 500.0
    assert house_of(None, 1.0, holds=True) is None


@pytest.mark.parametrize("holds", [True, False])
async def test_it_is_seen_and_remembered(home: Home, holds: bool) -> None:
    """House energy is the house's alone, whichever way SENEC counts, and stays so after a reload."""
    home.freezer.move_to("2026-06-10T11:00:00+00:00")  # an hour into charging
    system = home.cloud.system(100301)
    system.consumption_holds_wallbox = holds
    entry = await home.add()
    midnight = datetime(2026, 6, 9, 22, tzinfo=UTC)

    def check() -> None:
        now = datetime.fromtimestamp(home.freezer().timestamp(), UTC)
        flowed = energies(system.home, midnight, now)
        house = (flowed["consumption"] - flowed["wallbox"]) / 1000
        shown = float(home.state(entry, "sensor", "house_energy").state)
        assert shown == pytest.approx(house, abs=0.05)
        # A vehicle charges with 3.7 kW; the house has 0.3.
        assert float(home.state(entry, "sensor", "house_power").state) < 500

    check()
    assert entry.data.get("consumption_holds_wallbox") is (None if holds else False)
    for _ in range(6):
        await home.wait(minutes=5)
    check()
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.settle()
    check()
    # At night nothing tells; what was seen by day goes on.
    home.freezer.move_to("2026-06-11T01:00:00+00:00")
    await home.wait(minutes=5)
    await home.wait(minutes=5)
    assert float(home.state(entry, "sensor", "house_energy").state) < 3
    assert entry.data.get("consumption_holds_wallbox") is (None if holds else False)


async def test_a_p4_that_counts_otherwise_than_its_generation(home: Home) -> None:
    home.freezer.move_to("2026-06-10T11:30:00+00:00")
    system = home.cloud.system(400204)
    system.consumption_holds_wallbox = False
    entry = await home.add(BERT, "400204")
    await home.wait(minutes=2)
    assert entry.data.get("consumption_holds_wallbox") is False
    assert float(home.state(entry, "sensor", "house_power").state) < 700


@pytest.mark.parametrize("holds", [True, False])
async def test_energies_of_the_whole_life(home: Home, holds: bool) -> None:
    system = home.cloud.system(100301)
    system.consumption_holds_wallbox = holds
    entry = await home.add(ANNA)
    await home.wait(minutes=5)
    # Since the first measurement that SENEC has, in its own years.
    first, now = datetime(2024, 5, 1, tzinfo=UTC), datetime(2026, 6, 10, 10, tzinfo=UTC)
    for key in KEYS:
        shown = home.state(entry, "sensor", f"{key}_total")
        assert float(shown.state) == pytest.approx(truth(system, key, first, now), rel=1e-4), key
        assert shown.attributes["state_class"] == "total"
        assert "last_reset" not in shown.attributes
    before = float(home.state(entry, "sensor", "inverter_energy_total").state)
    for _ in range(26):
        await home.wait(minutes=5)
    assert float(home.state(entry, "sensor", "inverter_energy_total").state) > before


@pytest.mark.parametrize("status", [403, 404, 400])
async def test_a_system_without_such_energies(home: Home, status: int) -> None:
    home.cloud.fail("/app-measurements", ending="/timespan", status=status)
    entry = await home.add()
    await home.wait(minutes=5)
    registry = er.async_get(home.hass)
    unique_id = f"{entry.unique_id}_inverter_energy_total"
    assert registry.async_get_entity_id("sensor", DOMAIN, unique_id) is None
    home.cloud.forget()
    for _ in range(30):
        await home.wait(minutes=5)
    assert home.cloud.count("/timespan") == 0
    # What is not there today may be there tomorrow, and hourly from then on.
    home.cloud.heal()
    for _ in range(23 * 4):
        await home.wait(minutes=15)
    assert registry.async_get_entity_id("sensor", DOMAIN, unique_id) is not None
    home.cloud.forget()
    for _ in range(25):
        await home.wait(minutes=5)
    assert home.cloud.count("100301/measurements") == 2


async def test_a_correction_downwards_is_followed(home: Home) -> None:
    entry = await home.add()
    await home.wait(minutes=5)
    before = float(home.state(entry, "sensor", "grid_export_energy_total").state)
    rows = (
        '{"timeSeries": [{"date": "2026-01-01T00:00:00Z", "measurements":'
        ' {"durationInSeconds": 31536000, "values": [12.5]}}], "measurements": ["GRID_EXPORT"]}'
    )
    home.cloud.fail("/app-measurements", ending="/measurements", status=200, text=rows)
    for _ in range(14):
        await home.wait(minutes=5)
    assert before > 12.5
    assert float(home.state(entry, "sensor", "grid_export_energy_total").state) == 12.5
