"""The first hour of a new user, in order: nothing, every device, the dashboard, the energy."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from simulators.browser import Browser
from simulators.devices import DEVICES
from simulators.home_assistant_client import AttentiveSteps, HomeAssistantError
from tests.repository.files import translation
from tests.waiting import until

from .conftest import BOARD, Home

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

DOMAIN: Final = "hausstrom"
SUBMIT: Final = {"en": "Submit", "de": "OK"}
# What a kind shows before it adds the device, to be submitted as it is.
CONFIRMED: Final = {"smartlog": "smartlog_found"}
POWER: Final = re.compile(r"[\d.,]+\u202fk?W")
SLOW: Final = 0.5
"""Seconds between two questions to a busy Home Assistant."""
# A device that has to be told what the flow shows, like a webhook's address, is a case of its own.
CLICKABLE: Final = [device.name for device in DEVICES if "webhook" not in device.name]


async def state_of(home: Home, entity_id: str) -> str:
    answer = await home.client.request("GET", f"/api/states/{entity_id}")
    return str(answer["state"])


async def entity_with(home: Home, unique_id_end: str) -> str:
    entities = await home.client.command("config/entity_registry/list")
    return next(
        str(entity["entity_id"])
        for entity in entities
        if entity["platform"] == DOMAIN and entity["unique_id"].endswith(unique_id_end)
    )


async def test_without_a_device_the_dashboard_says_how_to_add_one(home: Home) -> None:
    # The module comes with the first entry; until then there is nothing to show it with.
    assert await home.client.command("lovelace/resources") == []
    await home.client.command(
        "lovelace/dashboards/create", url_path=BOARD, title="Hausstrom", mode="storage"
    )
    await home.client.command(
        "lovelace/config/save",
        url_path=BOARD,
        config={"strategy": {"type": "custom:hausstrom"}},
    )


@pytest.mark.parametrize(
    ("name", "language"),
    [(name, ("en", "de")[number % 2]) for number, name in enumerate(CLICKABLE)],
)
async def test_a_device_is_added_by_clicking(home: Home, name: str, language: str) -> None:
    steps = home.steps[name]
    assert not isinstance(steps, AttentiveSteps)
    texts = translation(language)
    before = {entry.entry_id for entry in await home.client.entries(DOMAIN)}
    path = f"/config/integrations/dashboard/add?domain={DOMAIN}"
    async with home.browser(path, language=language) as browser:
        await browser.settle("Hausstrom")
        await browser.click("OK")
        menu = texts["config"]["step"]["user"]
        await browser.settle(menu["title"])
        kind = next(step for step in steps if step in menu["menu_options"])
        await browser.click(menu["menu_options"][kind])
        for step, fields in steps.items():
            if step in texts["config"]["step"] and step != "user":
                await enter(browser, texts["config"]["step"][step], fields, language)
        if confirmed := CONFIRMED.get(kind):
            await browser.settle(texts["config"]["step"][confirmed]["title"], patience=150)
            await browser.click(SUBMIT[language])

        async def added() -> str | None:
            entries = await home.client.entries(DOMAIN)
            new = [entry for entry in entries if entry.entry_id not in before]
            return new[0].state if new and new[0].state == "loaded" else None

        assert await until(added, every=SLOW, told=browser.text) == "loaded"


async def enter(
    browser: Browser, step: Mapping[str, Any], fields: Mapping[str, object], language: str
) -> None:
    """Fill in and submit one form, knowing only what a person sees."""
    await browser.settle(step.get("title", ""))
    labels = dict(step.get("data", {}))
    for section in step.get("sections", {}).values():
        labels |= section.get("data", {})
    for field, value in fields.items():
        if field in {"source", "transport", "system_id", "portal_id"}:
            await browser.choose(str(value))
        elif not isinstance(value, bool):
            await browser.fill(labels[field], str(value))
    await browser.click(SUBMIT[language])


async def test_it_is_among_the_community_dashboards(home: Home) -> None:
    async with home.browser("/config/lovelace/dashboards") as browser:
        await browser.settle("Add dashboard")
        await browser.click("Add dashboard")
        text = await browser.settle("Hausstrom", patience=20)
        said = "No configuration needed"
        assert said in await until_text(browser, said) + text


async def until_text(browser: Browser, expected: str, patience: float = 30) -> str:
    async def shown() -> str | None:
        text = await browser.text()
        return text if expected in text else None

    return await until(shown, patience, every=SLOW, told=browser.text)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Power flow", "Today", "Self-sufficiency", "Not in the energy dashboard")),
        ("de", ("Energiefluss", "Heute", "Autarkie", "Noch nicht im Energie-Dashboard")),
        ("it", ("Flusso", "Oggi", "Autosufficienza")),
        ("ro", ("Flux", "Azi", "Autosuficiență")),
    ],
)
async def test_the_dashboard_speaks_the_users_language(
    home: Home, language: str, words: tuple[str, ...]
) -> None:
    async with home.browser(f"/{BOARD}/now", language=language) as browser:
        text = await browser.settle(words[0])
        for word in words:
            assert word in text


async def test_the_dashboard_shows_living_values(home: Home) -> None:
    async with home.browser(f"/{BOARD}/now") as browser:
        first = await browser.settle("Grid")
        watts = POWER.findall(first)
        assert len(watts) >= 3

        async def changed() -> str | None:
            text = await browser.text()
            return text if POWER.findall(text) != watts else None

        await until(changed, every=SLOW)


async def test_every_view_can_be_seen(home: Home) -> None:
    async with home.browser(f"/{BOARD}/now", width=400, height=900) as browser:
        await browser.settle("Grid")
        for view in ("curves", *(f"device-{number}" for number in range(1, len(CLICKABLE) + 1))):
            await browser.goto(f"{home.hass.url}/{BOARD}/{view}")
            text = await browser.settle()
            for fault in ("Configuration error", "Error loading", "Entity not found", "Unknown"):
                assert fault not in text, f"{view}: {text}"


async def test_peak_shaving_is_changed_by_clicking(home: Home) -> None:
    entity = await entity_with(home, "_peak_shaving_mode")
    assert await state_of(home, entity) != "manual"
    device = await device_of(home, entity)
    async with home.browser(f"/{BOARD}/now") as browser:
        await browser.settle("Grid")
        await browser.click(device)
        await browser.settle("Peak shaving")
        await browser.click("Deactivated")
        await browser.settle("Manual")
        await browser.click("Manual")

        async def taken() -> bool:
            return await state_of(home, entity) == "manual"

        await until(taken, 30, every=SLOW)


async def device_of(home: Home, entity_id: str) -> str:
    entities, devices = await home.client.commands(
        [{"type": "config/entity_registry/list"}, {"type": "config/device_registry/list"}]
    )
    device_id = next(one["device_id"] for one in entities if one["entity_id"] == entity_id)
    device = next(one for one in devices if one["id"] == device_id)
    name: str = device["name_by_user"] or device["name"]
    return name


async def test_the_energy_dashboard_is_offered_and_filled(home: Home) -> None:
    async def offered() -> bool:
        issues = (await home.client.command("repairs/list_issues"))["issues"]
        return any(issue["issue_id"] == "energy_dashboard" for issue in issues)

    await until(offered, 90, every=SLOW)
    async with home.browser(f"/{BOARD}/now") as browser:
        await browser.settle("Add to energy dashboard")
        await browser.click("Add to energy dashboard")
        await until_text(browser, "to the energy dashboard?")
        await browser.click("OK")

        async def filled() -> Any:
            try:
                return await home.client.command("energy/get_prefs")
            except HomeAssistantError:  # there are none yet
                return None

        preferences = await until(filled, every=SLOW)
    types = {source["type"] for source in preferences["energy_sources"]}
    assert {"grid", "solar", "battery"} <= types
    meter = await entity_with(home, "_energy_import")
    grids = [one for one in preferences["energy_sources"] if one["type"] == "grid"]
    assert [grid["stat_energy_from"] for grid in grids] == [meter]
    groups = (await home.client.command("energy/validate")).values()
    faults = [fault for group in groups for source in group for fault in source]
    # Statistics are made every five minutes; Home Assistant says so until then.
    assert [fault for fault in faults if fault["type"] != "statistics_not_defined"] == []
    assert not await offered()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Solar", "Grid", "Battery")), ("de", ("Netz", "Batterie"))],
)
async def test_the_energy_dashboard_shows_the_sources(
    home: Home, language: str, words: tuple[str, ...]
) -> None:
    async with home.browser("/energy", language=language) as browser:
        for word in words:
            await until_text(browser, word)


async def test_the_last_device_takes_the_module_with_it(home: Home) -> None:
    async with home.browser(f"/{BOARD}/now") as browser:
        await browser.settle("Grid")
        for entry in await home.client.entries(DOMAIN):
            await home.client.request(
                "DELETE", f"/api/config/config_entries/entry/{entry.entry_id}"
            )
        # The page follows each of some hundred entities that go, one after the other.
        await until_text(browser, "Hausstrom is no longer installed", 120)
    assert await home.client.command("lovelace/resources") == []
    # So it is for whoever comes later, too.
    async with home.browser(f"/{BOARD}/0") as browser:
        await browser.settle("Hausstrom is no longer installed")
