"""A GX bridged into Home Assistant's broker: asked when somebody listens, and once."""

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.victron.coordinator import VictronCoordinator
from tests.victron.case_driver import Player
from tests.victron.case_variants import case


def bridged(
    hass: HomeAssistant,
    client: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
    *,
    prefix: str = "van",
    portal: str = "c0619ab0beef",
    soc: float = 55,
) -> Player:
    freezer.move_to("2026-10-14 10:00:00+00:00")
    start = {"battery/512/Soc": soc, "battery/512/Dc/0/Power": 100.0}
    return Player(
        hass, client, freezer, {**case(start, expect=[]), "portal": portal}, prefix=prefix
    )


def coordinator_of(player: Player) -> VictronCoordinator:
    assert player.entry is not None
    coordinator = player.entry.runtime_data
    assert isinstance(coordinator, VictronCoordinator)
    return coordinator


async def test_nothing_is_asked_before_the_subscription_stands(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    order: list[str] = []
    subscribe = mqtt_mock._mqttc.subscribe.side_effect
    publish = mqtt_mock._mqttc.publish.side_effect

    def subscribed(*topics: object, **more: object) -> object:
        order.append(f"subscribe {topics}")
        return subscribe(*topics, **more)

    def published(topic: str, *rest: object, **more: object) -> object:
        order.append(f"publish {topic}")
        return publish(topic, *rest, **more)

    mqtt_mock._mqttc.subscribe.side_effect = subscribed
    mqtt_mock._mqttc.publish.side_effect = published
    player = bridged(hass, mqtt_mock, freezer)
    await player.set_up({})
    assert player.full_publishes == 1
    places = {
        word: next(number for number, one in enumerate(order) if all(map(one.__contains__, word)))
        for word in (("subscribe", "van/N/"), ("publish", "/keepalive"))
    }
    assert places["subscribe", "van/N/"] < places["publish", "/keepalive"]


@pytest.mark.parametrize("prefix", ["", "van", "boats/aurora", "N"])
async def test_below_any_prefix(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory, prefix: str
) -> None:
    player = bridged(hass, mqtt_mock, freezer, prefix=prefix)
    await player.set_up({})
    assert player.full_publishes == 1
    assert player.state("battery_512_soc").state == "55"


async def test_two_gx_on_one_broker_mind_their_own_business(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    van = bridged(hass, mqtt_mock, freezer, prefix="van")
    await van.set_up({})
    boat = bridged(hass, mqtt_mock, freezer, prefix="boat", portal="c0619ab0feed", soc=81)
    await boat.set_up({})
    # The same portal id below another prefix is somebody else's.
    van.publish("battery/512/Soc", b'{"value":56}')
    boat.publish("battery/512/Soc", b'{"value":82}')
    await van.pass_time(70)
    assert van.state("battery_512_soc").state == "56"
    assert boat.state("battery_512_soc").state == "82"
    assert (van.full_publishes, boat.full_publishes) == (1, 1)


async def test_a_broker_that_comes_and_goes_is_asked_once_each_time(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    player = bridged(hass, mqtt_mock, freezer)
    await player.set_up({})
    link = coordinator_of(player).link
    for turn in range(1, 4):
        player.values["battery/512/Soc"] = {"value": 55 + turn}
        link._set_connected(False)
        await player.pass_time(2)
        assert player.state("battery_512_soc").state == STATE_UNAVAILABLE
        asked = player.full_publishes
        await player.pass_time(20)
        assert player.full_publishes == asked
        link._set_connected(True)
        await player.asked_for_everything(1 + turn)
        await player.pass_time(4)
        assert player.state("battery_512_soc").state == str(55 + turn)
        await player.pass_time(12)
        assert player.full_publishes == 1 + turn


@pytest.mark.parametrize("off", [*range(60, 100, 3)])
async def test_a_gx_that_reboots_behind_the_bridge(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory, off: int
) -> None:
    player = bridged(hass, mqtt_mock, freezer)
    await player.set_up({})
    await player.pass_time(4)
    player.on = False
    await player.pass_time(25)
    assert player.state("battery_512_soc").state == STATE_UNAVAILABLE
    await player.pass_time(off, step=1)
    # What it was asked while it was off it never hears, whenever that was.
    player._fresh_calls()
    player.values["battery/512/Soc"] = {"value": 30}
    player.on = True
    before = player.full_publishes
    await player.pass_time(15)
    assert player.state("battery_512_soc").state == "30"
    assert player.full_publishes - before == 1
