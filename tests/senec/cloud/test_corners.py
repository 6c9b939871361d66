"""Corners: time zones, places in lists, pages, locks, ranges, names of products; each as it says."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import entity_registry as er

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.senec.cloud.actions import PEAK_SHAVING_SCHEMA
from custom_components.hausstrom.senec.cloud.protocol.models import CloudSystem, Generation
from tests.repository.files import ROOT

from .cases import Driver
from .conftest import ANNA, BERT, Home, Stage
from .test_cases import case

V3 = 100301
V3_UNIT = "S123456789012345678900301"


def oddity(name: str) -> dict[str, Any]:
    """Return one of the corners of the case beside the repository."""
    (found,) = [one for one in case("oddities")["values"] if one["id"] == name]
    assert isinstance(found, dict)
    return found


def test_all_corners_of_the_case_are_played() -> None:
    assert {one["id"] for one in case("oddities")["values"]} == {
        "timezone",
        "plants_beyond",
        "sign_in_page_title",
        "locked_account",
        "import_429",  # test_import.py, test_filling.py
        "reserve_range",
        "timespan",
        "capacity_limit",
    }


async def zone_of(home: Home, text: str | None) -> str:
    home.cloud.system(V3).zone_text = text
    await home.hass.config.async_set_time_zone("Europe/Vienna")
    entry = await home.add()
    assert entry.state is ConfigEntryState.LOADED
    return str(entry.runtime_data.diagnostics()["time_zone"])


async def test_time_zone_of_the_case(home: Home) -> None:
    text = oddity("timezone")["systems"]["timezoneText"]
    # The installer's, which the details tell, or Home Assistant's.
    assert await zone_of(home, text) in {"Europe/Berlin", "Europe/Vienna"}


@pytest.mark.parametrize("text", ["CET", "MESZ", "UTC+2", "Europe/Berlin\n", "\u0000"])
async def test_time_zones_that_are_none(home: Home, text: str) -> None:
    assert await zone_of(home, text) in {"CET", "Europe/Berlin", "Europe/Vienna"}


@pytest.mark.parametrize(("beyond", "count"), [(500, 2), (500, None), (404, 0), (404, 99)])
async def test_plants_beyond_the_end(stage: Stage, beyond: int, count: int | None) -> None:
    stage.cloud.web.beyond_the_end = beyond
    if count is None:
        stage.cloud.fail("/web/endkunde/api/context/getEndkunde", status=500)
    else:
        text = json.dumps({"devNumber": "0", "anzahlAnlagen": count})
        stage.cloud.fail("/web/endkunde/api/context/getEndkunde", status=200, text=text)
    plant = await stage.account().portal.find(V3_UNIT)
    assert plant is not None
    assert plant.number == 1


async def test_plants_of_the_case(stage: Stage) -> None:
    found = oddity("plants_beyond")
    text = json.dumps({"anzahlAnlagen": found["anzahlAnlagen"]})
    stage.cloud.web.beyond_the_end = found["navigation"]["2..14"]
    stage.cloud.fail("/web/endkunde/api/context/getEndkunde", status=200, text=text)
    plant = await stage.account().portal.find(V3_UNIT)
    assert plant is not None
    assert stage.cloud.count("getAnlageBasedNavigationViewModel") <= found["anzahlAnlagen"]


@pytest.mark.parametrize("title", ["", "Anmelden - SENEC", "Accedi", "Willkommen zurück"])
async def test_a_sign_in_page_under_any_title(stage: Stage, title: str) -> None:
    account = stage.account()
    plant = await account.portal.find(V3_UNIT)
    assert plant is not None
    stage.clock.turn(minutes=30)
    stage.cloud.web.says_ended_with, stage.cloud.web.login_title = "login", title
    stage.cloud.web.end_sessions()
    stage.cloud.forget()
    assert (await account.portal.peak_shaving(plant)).mode is not None
    assert stage.cloud.count("/web/login") == 1


async def test_a_sign_in_page_of_the_case(stage: Stage) -> None:
    title = oddity("sign_in_page_title")["portal"]["title"]
    await test_a_sign_in_page_under_any_title(stage, title)


@pytest.mark.parametrize("hours", [30, 50, 80])
async def test_a_lock_that_has_ended_is_lifted_without_the_user(home: Home, hours: int) -> None:
    """At most a password a day, until one of them finds the account open again."""
    driver = Driver(home)
    await driver.play([{"do": "set_up"}, {"do": "wait", "minutes": 60}])
    assert driver.entry is not None
    account = home.cloud.account(ANNA.username)
    account.locked = True
    await driver.play([{"do": "sessions_end", "of": "all"}])
    for hour in range(hours + 26):
        if hour == hours:
            account.locked = False
        for _ in range(4):
            await home.wait(minutes=15)
        sent = home.cloud.sso.passwords - driver.passwords_before
        assert sent <= hour // 24 + 1, hour
        if hour == hours - 1:
            await driver.play(
                [
                    {"expect": {"user_is_told": True}},
                    {"expect": {"key": "house_power", "state": None}},
                ]
            )
    await driver.play(
        [
            {"expect": {"key": "house_power", "available": True}},
            {"expect": {"user_is_told": False}},
            {"expect": {"reauth": 0}},
        ]
    )


async def test_the_lock_of_the_case(stage: Stage) -> None:
    found = oddity("locked_account")
    assert "disabled" in found["page"]
    assert found["hours"] == 24


@pytest.mark.parametrize("beyond", [-1, 51, 100])
async def test_the_reserve_ends_where_senecs_slider_does(home: Home, beyond: float) -> None:
    entry = await home.add()
    state = home.state(entry, "number", "emergency_reserve")
    assert (state.attributes["min"], state.attributes["max"]) == (0, 50)
    call = {"do": "call", "action": "number.set_value", "key": "emergency_reserve"}
    driver = Driver(home)
    driver.entry = entry
    home.cloud.forget()
    await driver.play([{**call, "data": {"value": beyond}, "error": True}])
    assert not home.cloud.count("emergencypower?")


async def test_one_upper_end_of_the_capacity_limit(home: Home) -> None:
    entry = await home.add()
    highest = home.state(entry, "number", "peak_shaving_capacity_limit").attributes["max"]
    entry_id = {"config_entry_id": "an entry"}
    PEAK_SHAVING_SCHEMA({**entry_id, "capacity_limit": highest})
    with pytest.raises(Exception, match="value must be at most"):
        PEAK_SHAVING_SCHEMA({**entry_id, "capacity_limit": highest + 1})
    folder = ROOT / "blueprints" / "automation" / "hausstrom"
    text = (folder / "peak_shaving_by_forecast.yaml").read_text("utf-8")
    _, _, after = text.partition("capacity_limit:\n")
    assert f"max: {highest:.0f}\n" in after[: after.index("end_time:")]


@pytest.mark.parametrize(
    ("answer", "first"),
    [
        (
            {
                "periodEndDateInMilliseconds": 1764115200000,
                "periodStartDateInMilliseconds": 1650000000000,
            },
            datetime(2022, 4, 15, 5, 20, tzinfo=UTC),
        ),
        ({"periodStartDateInMilliseconds": 1}, datetime(1970, 1, 1, 0, 0, 0, 1000, UTC)),
        ({"periodEndDateInMilliseconds": 1764115200000}, None),
        ({"periodStartDateInMilliseconds": 1e30}, None),
        ({"periodStartDateInMilliseconds": -5}, None),
    ],
)
async def test_the_timespan_by_name(
    stage: Stage, answer: dict[str, float], first: datetime | None
) -> None:
    stage.cloud.fail("/app-measurements", status=200, text=json.dumps(answer))
    assert await stage.account().app.first_measurement(str(V3)) == first


async def test_the_timespan_of_the_case(stage: Stage) -> None:
    found = oddity("timespan")
    stage.cloud.fail("/app-measurements", status=200, text=json.dumps(found["answer"]))
    first = await stage.account().app.first_measurement(str(V3))
    assert first is not None
    assert first.date().isoformat() in found["expect"]


@pytest.mark.parametrize(
    ("product", "generation"),
    [
        ({"name": "SENEC.Home E4"}, Generation.V4),
        ({"name": "SENEC.Home E4 hybrid / 10", "generation": "E4"}, Generation.V4),
        ({"name": "SENEC.Home P4 hybrid"}, Generation.V4),
        ({"name": "SENEC.Home 4 hybrid / 11.8"}, Generation.V4),
        ({"productFamily": "HOME_4", "name": "Speicher"}, Generation.V4),
        ({"name": "SENEC.Home V3 hybrid duo"}, Generation.V123),
        ({"name": "SENEC.Home V2.1", "generation": "V2"}, Generation.V123),
        ({}, Generation.V123),
    ],
)
def test_names_of_products(product: dict[str, str], generation: Generation) -> None:
    system = CloudSystem.from_json({"id": 1, "controlUnitNumber": "S1", "product": product})
    assert system is not None
    assert system.generation is generation


async def test_an_e4_is_read_every_minute(home: Home) -> None:
    system = home.cloud.system(400204)
    system.name, system.generation = "SENEC.Home E4 hybrid / 10", "E4"
    entry = await home.add(BERT, "400204")
    assert entry.title == "SENEC.Home E4 hybrid / 10"
    home.cloud.forget()
    for _ in range(10):
        await home.wait(minutes=1)
    assert home.cloud.count("/dashboard") == 10


@pytest.mark.parametrize("wait", ["0", "7200", "999999999999", "-5", "soon", ""])
async def test_a_retry_after_of_any_size_is_bounded(home: Home, wait: str) -> None:
    entry = await home.add()
    home.cloud.fail("/app-measurements", status=429, retry_after=wait)
    await home.wait(minutes=5)
    home.cloud.heal()
    for _ in range(14):
        await home.wait(minutes=5)
    assert home.state(entry, "sensor", "house_power").state != "unavailable"


async def test_what_of_a_p4_depends_on_its_tariff(home: Home) -> None:
    registry = er.async_get(home.hass)
    entry = await home.add(BERT, "400204")
    keys = {"switch": "solar_dynamic_tariffs", "number": "solar_price_limit"}
    for mode in ("solar", "comfort"):
        assert home.state(entry, "switch", f"wallbox_0_{mode}_dynamic_tariffs").state == "off"
        entity_id = registry.async_get_entity_id(
            "number", DOMAIN, f"{entry.unique_id}_wallbox_0_{mode}_price_limit"
        )
        # -99 ct/kWh is SENEC's way to say that there is none: no value, and no entity yet.
        assert entity_id is None
    driver = Driver(home)
    driver.entry, driver.system = entry, home.cloud.system(400204)
    await driver.play(
        [
            {
                "do": "call",
                "action": "switch.turn_on",
                "key": f"wallbox_0_{keys['switch']}",
                "data": {},
                "error": False,
            },
            {"expect": {"key": f"wallbox_0_{keys['switch']}", "state": "on"}},
        ]
    )
    box = home.cloud.system(400204).wallboxes[0]["chargingMode"]["solarOptimizeSettings"]
    assert box["useDynamicTariffs"] is True
    # The price that somebody enters in the app comes as an entity, off at first.
    box["priceLimitInCtPerKwh"] = 12.5
    for _ in range(35):
        await home.wait(minutes=1)
    entity_id = registry.async_get_entity_id(
        "number", DOMAIN, f"{entry.unique_id}_wallbox_0_{keys['number']}"
    )
    assert entity_id is not None
    assert (found := registry.async_get(entity_id)) is not None
    assert found.disabled
    # A V3 tells nothing of tariffs: null is no value.
    other = await home.add()
    assert not registry.async_get_entity_id(
        "switch", DOMAIN, f"{other.unique_id}_wallbox_0_{keys['switch']}"
    )


@pytest.mark.parametrize(
    ("word", "shown"),
    [("SOLAR_OPTIMIZED", "solar_optimized"), ("DYNAMIC_TARIFF", "dynamic_tariff"), (None, None)],
)
async def test_forecast_charging(home: Home, word: str | None, shown: str | None) -> None:
    home.cloud.system(400204).forecast_charging = word
    entry = await home.add(BERT, "400204")
    registry = er.async_get(home.hass)
    unique_id = f"{entry.unique_id}_forecast_charging_mode"
    entity_id = registry.async_get_entity_id("sensor", DOMAIN, unique_id)
    if shown is None:
        assert entity_id is None
        home.cloud.forget()
        for _ in range(6 * 60 // 5):
            await home.wait(minutes=5)
        assert home.cloud.count("forecast-charging") == 0  # a system without it is asked daily
    else:
        assert home.state(entry, "sensor", "forecast_charging_mode").state == shown
        home.cloud.system(400204).forecast_charging = None
        home.freezer.tick(timedelta(hours=3))
        for _ in range(12):
            await home.wait(minutes=10)
        assert home.state(entry, "sensor", "forecast_charging_mode").state == "unknown"
