"""What falls and first telegrams leave in Home Assistant's long-term statistics: nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN

from .cases import START, Player, Step, read_case
from .stories import USUAL, story, with_restart
from .test_variants import FALLS, FIRSTS, damaged_first, played

ENERGIES = ("energy_import", "energy_export")


@pytest.fixture(autouse=True)
def with_recorder(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Keep what is shown, as in every home."""


async def gained(hass: HomeAssistant, player: Player, key: str) -> list[float]:
    """Return what each five minutes add to the statistics of a register (Wh)."""
    assert player.entry is not None
    entity_id = er.async_get(hass).async_get_entity_id(
        "sensor", DOMAIN, f"{player.entry.unique_id}_{key}"
    )
    assert entity_id is not None
    await async_wait_recording_done(hass)
    slot = START
    while slot <= dt_util.utcnow():
        do_adhoc_statistics(hass, start=slot)
        slot += timedelta(minutes=5)
    await async_wait_recording_done(hass)
    rows = await hass.async_add_executor_job(
        lambda: statistics_during_period(
            hass,
            datetime(2000, 1, 1, tzinfo=UTC),
            None,
            {entity_id},
            "5minute",
            {"energy": "Wh"},
            {"change"},
        )
    )
    return [float(row["change"] or 0.0) for row in rows[entity_id]]


async def check(hass: HomeAssistant, player: Player, most: float = 60) -> None:
    for key in ENERGIES:
        changes = await gained(hass, player, key)
        values = [value for _, value in player.values[key]]
        assert sum(changes) == pytest.approx(values[-1] - values[0], abs=0.5)
        # 400 W are 33 Wh in five minutes; a false stand is thousands.
        assert all(0 <= change <= most for change in changes), (key, changes)


@pytest.mark.parametrize("reload", [None, 11])
@pytest.mark.parametrize("name", FALLS)
async def test_a_fall_adds_nothing(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    name: str,
    reload: int | None,
) -> None:
    case = with_restart(story(FALLS[name], count=70), reload)
    player = await played(hass, freezer, case)
    await check(hass, player)


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("name", FIRSTS)
async def test_a_damaged_first_telegram_adds_nothing(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    name: str,
    restart: bool,
) -> None:
    player = await played(hass, freezer, damaged_first(name, restart=restart, count=70))
    # A power of 4 MW for five seconds is energy, which the telegrams after it tell.
    await check(hass, player, 5_900 if "power" in name else 60)


@pytest.mark.parametrize("name", ["registers_zero_15s", "first_telegram_damaged"])
async def test_the_cases_add_nothing(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    player = await played(hass, freezer, read_case(name))
    await check(hass, player)


async def test_what_flowed_while_nobody_listened_is_counted_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient
) -> None:
    """Ten minutes without the reader, and a restart in the middle of them."""
    case = story(lambda _: USUAL, count=200)
    gone = [step for step in case.steps if not 300 < step.at < 900]
    restart = Step(600, None, restart=True)
    steps = [one for one in gone if one.at <= 300] + [restart] + [s for s in gone if s.at >= 900]
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play(steps)
    changes = await gained(hass, player, "energy_import")
    values = [value for _, value in player.values["energy_import"]]
    assert sum(changes) == pytest.approx(values[-1] - values[0], abs=0.5)
    # 400 W: 67 Wh in ten minutes, and 11 in the rest of the test.
    assert max(changes) == pytest.approx(67 + 11, abs=2), "the outage is one step of its energy"
