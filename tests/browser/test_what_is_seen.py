"""Three households, as they are seen: at a desk and on a phone, in two languages, by day and night."""

import json
import re
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final

import pytest

from simulators.browser import DEEP_JS, Browser
from tests.repository.files import translation
from tests.waiting import until

from .conftest import BOARD, Home
from .page import CONFIG_LINKS_JS, DRAW_PLAN_JS, UNIT_ALONE, complaints, labels, own_text

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

FIRST: Final = {"family": "now", "victron": "now", "building": "building", "home": "now"}
HEADINGS: Final = {
    language: dict.fromkeys(("family", "victron", "home"), flow) | {"building": building}
    for language, flow, building in (
        ("en", "Power flow", "Consumption"),
        ("de", "Energiefluss", "Verbrauch"),
    )
}
IDLE_BELOW: Final = 15 + 60
"""W; with what may change from the look at the page to the look at the states."""
NUMBER: Final = re.compile(r"([\d.,]+) (k?W)\b")


async def open_first(home: Home, browser: Browser, language: str = "en") -> str:
    return await browser.settle(HEADINGS[language][home.name], patience=60)


@pytest.mark.parametrize("seconds", [0, 10, 60])
async def test_the_first_minute_is_true(household: Home, seconds: int) -> None:
    await until(lambda: monotonic() >= household.complete + seconds, patience=seconds + 10)
    async with household.browser(f"/{BOARD}/{FIRST[household.name]}") as browser:
        await open_first(household, browser)
        text = await own_text(browser)
        assert UNIT_ALONE.search(text) is None, text
        assert await complaints(browser) == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("width", [1400, 390])
async def test_nothing_is_cut_off(household: Home, width: int, language: str, dark: bool) -> None:
    path = f"/{BOARD}/{FIRST[household.name]}"
    async with household.browser(path, language=language, width=width, dark=dark) as browser:
        await open_first(household, browser, language)
        assert await complaints(browser) == []
        assert UNIT_ALONE.search(await own_text(browser)) is None


@pytest.mark.parametrize("language", ["en", "de", "it", "ro"])
@pytest.mark.parametrize("width", [390, 320])
async def test_the_drawing_fits_in_every_language(
    household: Home, width: int, language: str
) -> None:
    if household.name == "building":
        pytest.skip("has no power flow")
    async with household.browser(f"/{BOARD}/now", language=language, width=width) as browser:
        await browser.settle()
        assert await complaints(browser) == []


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("width", [1400, 390])
async def test_every_view_can_be_read(household: Home, width: int, language: str) -> None:
    path = f"/{BOARD}/{FIRST[household.name]}"
    async with household.browser(path, language=language, width=width) as browser:
        await open_first(household, browser, language)
        for view in ("curves", *(f"device-{number}" for number in range(1, 5))):
            await browser.goto(f"{household.hass.url}/{BOARD}/{view}")
            await browser.settle()
            assert (view, await complaints(browser)) == (view, [])


LIMIT: Final = {"en": "Limit 45", "de": "Grenze 45", "it": "45", "ro": "45"}


@pytest.mark.parametrize("language", list(LIMIT))
@pytest.mark.parametrize("width", [1400, 390, 320])
async def test_no_label_lies_over_a_curve(household: Home, width: int, language: str) -> None:
    if household.name != "family":
        pytest.skip("one home is enough: the plan is made up")
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    series = [
        {
            "time": (midnight + timedelta(minutes=15 * quarter)).isoformat(),
            "forecast": 9_900 * (quarter % 12) / 12,
            "load": 100 * quarter,
            "level": quarter % 101,
        }
        for quarter in range(96)
    ]
    plan = {"series": series, "mode": "manual", "reason": "planned", "explanation": "Why."}
    async with household.browser(f"/{BOARD}/now", language=language, width=width) as browser:
        await browser.settle(translation(language)["common"]["dashboard_flow"], patience=60)
        for limit, end in ((45, "12:00:00"), (95, "23:30:00"), (5, "01:00:00")):
            drawn = plan | {"capacity_limit": limit, "end_time": end}
            await browser.evaluate(f"{DRAW_PLAN_JS}({json.dumps(drawn)})")
        # All three are drawn one above the other.
        await browser.settle(LIMIT[language], patience=60)
        assert await complaints(browser) == []
        text = (await own_text(browser)).replace("\u202f", " ")
        assert all(f"{limit} %" in text for limit in (45, 95, 5)), text


CHARTS_JS: Final = (
    "(() => {" + DEEP_JS + "return [...deep(document)]"
    ".filter((one) => one.tagName === 'HA-CHART-BASE' && one.data)"
    ".flatMap(({data}) => data).map(({id, name, data}) => [id, name, data]); })()"
)


async def test_a_curve_has_one_sign(household: Home) -> None:
    if household.name not in {"victron", "home"}:
        pytest.skip("has no GX")

    async def entities_of_the_battery() -> list[str]:
        entities = await household.client.command("config/entity_registry/list")
        return [
            one["entity_id"]
            for one in entities
            if re.search(r"_system_0_dc_battery_power$", one["unique_id"])
        ]

    # Services of a GX become entities when they are heard.
    (battery,) = await until(entities_of_the_battery, every=0.5)
    begin = datetime.now(UTC) - timedelta(hours=3)
    async with household.browser(f"/{BOARD}/curves", width=1400) as browser:
        await browser.settle("Power", patience=60)

        async def curves() -> list[tuple[str, list[float]]]:
            own = [
                (name, [float(point[1]) for point in data if point[1] is not None])
                for id_, name, data in await browser.evaluate(CHARTS_JS)
                if battery in str(id_)
            ]
            return own if own and any(own[0][1]) else []

        own = await until(curves, every=0.5)
    shown = await household.client.command(
        "history/history_during_period",
        start_time=begin.isoformat(),
        entity_ids=[battery],
        minimal_response=True,
        no_attributes=True,
    )
    ((name, drawn),) = own
    assert "Battery" in name
    # A GX counts the charge as positive; on the page it is the discharge that lies above zero.
    assert any(drawn), drawn
    numbers = [float(one["s"]) for one in shown[battery] if re.fullmatch(r"-?[\d.]+", one["s"])]
    assert [one for one in drawn if -one not in numbers] == [], (drawn, numbers)


async def test_words_change_with_the_direction(household: Home) -> None:
    if household.name == "building":
        pytest.skip("has no power flow")
    async with household.browser(f"/{BOARD}/now") as browser:
        await open_first(household, browser)
        said = await labels(browser)
    assert re.fullmatch(r"Grid: (Idle|(Importing|Exporting) [\d.,]+ k?W)", said["grid"]), said
    assert re.match(r"Battery: (Idle|(Charging|Discharging) [\d.,]+ k?W)", said["battery"]), said
    assert re.search(r" \d+ %$", said["battery"])
    assert not any("-" in text for text in said.values())


async def test_a_gx_says_how_it_uses_its_battery(household: Home) -> None:
    if household.name != "victron":
        pytest.skip("has no ESS")
    async with household.browser(f"/{BOARD}/now", language="de") as browser:
        await open_first(household, browser, "de")
        assert "ESS: Optimiert ohne BatteryLife" in await own_text(browser)


# What the sums are made of: begin of the unique id, translation key, and the sign in which it counts.
TRUTH: Final[dict[str, dict[str, list[tuple[str, str, int]]]]] = {
    "family": {
        "solar": [("senec_1", "inverter_power", 1)],
        "house": [("senec_1", "house_power", 1)],
        "battery": [("senec_1", "bat_power", 1)],
        "grid": [("evn_", "power", 1)],
    },
    "victron": {
        "solar": [(r"victron_\w+_system_0_", "gx_pv_power", 1)],
        "battery": [(r"victron_\w+_system_0_", "gx_battery_power", -1)],
    },
    "home": {
        "solar": [("senec_1", "inverter_power", 1), (r"victron_\w+_system_0_", "gx_pv_power", 1)],
        "battery": [
            ("senec_1", "bat_power", 1),
            (r"victron_\w+_system_0_", "gx_battery_power", -1),
        ],
        "grid": [("evn_", "power", 1)],
    },
}


async def test_the_numbers_are_true(household: Home) -> None:
    if household.name == "building":
        pytest.skip("has no power flow")
    async with household.browser(f"/{BOARD}/now") as browser:
        await open_first(household, browser)
        said = await labels(browser)
        states: list[dict[str, Any]] = await household.client.command("get_states")
    entities = await household.client.command("config/entity_registry/list")
    watts = {one["entity_id"]: one["state"] for one in states}

    def value(begin: str, key: str, sign: int) -> float:
        (ours,) = (
            one["entity_id"]
            for one in entities
            if re.match(begin, one["unique_id"]) and one["translation_key"] == key
        )
        return sign * float(watts[ours])

    for role, parts in TRUTH[household.name].items():
        true = sum(value(*part) for part in parts)
        if "Idle" in said[role]:
            assert abs(true) < IDLE_BELOW, (role, said)
            continue
        found = NUMBER.search(said[role])
        assert found, said
        shown = float(found[1].replace(",", "")) * (1000 if found[2] == "kW" else 1)
        assert shown == pytest.approx(abs(true), rel=0.12, abs=60), (role, said)
        if role in {"grid", "battery"} and abs(true) > IDLE_BELOW:
            assert ("Importing" in said[role] or "Discharging" in said[role]) == (true > 0), said


async def test_a_guest_meets_no_locked_door(household: Home) -> None:
    path = f"/{BOARD}/{FIRST[household.name]}"
    async with household.browser(path, username="guest") as browser:
        text = await open_first(household, browser)
        assert "energy dashboard" not in text
        for view in (FIRST[household.name], "curves", "device-1"):
            await browser.goto(f"{household.hass.url}/{BOARD}/{view}")
            await browser.settle()
            assert await browser.evaluate(CONFIG_LINKS_JS) == []


async def test_a_tap_shows_more(household: Home) -> None:
    if household.name == "building":
        pytest.skip("has no power flow")
    async with household.browser(f"/{BOARD}/now", username="guest") as browser:
        await open_first(household, browser)
        said = await labels(browser)
        await browser.click(said["grid"].replace(" W", "\u202fW").replace(" kW", "\u202fkW"))

        async def shows_more() -> bool:
            return "History" in await browser.text()

        await until(shows_more, 10, every=0.25, told=browser.text)


async def test_a_building_shows_consumption_not_readings(household: Home) -> None:
    if household.name != "building":
        pytest.skip("no meters")
    async with household.browser(f"/{BOARD}/building") as browser:
        await browser.settle("Flat 1", patience=60)
        text = (await own_text(browser)).replace("\u202f", " ")
        cubic = [float(found.replace(",", "")) for found in re.findall(r"([\d.,]+) m³", text)]
        assert all(value < 10 for value in cubic)
        assert re.search(r"\d+ L\b", text)
        assert re.search(r"Last report \d", text)
        await browser.click("Flat 1")
        reading = re.compile(r"[\d,]{3,}\.\d{3} m³")

        async def with_readings() -> str:
            shown = (await own_text(browser)).replace("\u202f", " ")
            return shown if reading.search(shown) else ""

        shown = await until(with_readings, 10, every=0.25, told=browser.text)
        assert re.search(r"Billing date \d\d/\d\d/\d{4}", shown), shown
