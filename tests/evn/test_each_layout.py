"""What users of Netz NÖ lived through, with the meters of every other layout, through Home Assistant."""

from collections.abc import Callable
from copy import replace
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from simulators.evn_meters import BY_NAME, Meter, expected, play
from simulators.evn_telegram import MeterState

from .cases import START, Case, Player, Step
from .stories import with_restart
from .texts import issue_says

LAYOUTS = [
    "tirol",
    "graz",
    "burgenland",
    "klagenfurt",
    "wien",
    "kaernten",
    "wels",
    "steiermark",
    "ooe",
]
SOME = ["tirol", "graz", "burgenland", "wien", "steiermark"]
"""One of each framing and kind of check."""
type Change = Callable[[int, MeterState], MeterState]


def house(meter: Meter, number: int, energy: float) -> MeterState:
    phases = meter.model.phases
    return MeterState(
        energy_import=int(energy),
        energy_export=812_345,
        power_import=1060 + number % 3,
        power_export=0,
        voltages=(2338 + number % 2, 2340, 2347)[:phases],
        currents=(160, 152 + number % 2, 149)[:phases],
        power_factor=990,
        reactive_import=77_001 + number,
        reactive_export=55_002,
    )


def steps_of(
    name: str,
    change: Change,
    count: int,
    *,
    publish: Callable[[int, bytes], bytes] = lambda _, raw: raw,
    told: Callable[[int], bool] = lambda _: True,
) -> Case:
    meter = BY_NAME[name]
    steps, energy = [], 4_112_944.0
    for number in range(count):
        at = 5.0 * (number + 1)
        usual = house(meter, number, energy)
        state = change(number, usual)
        energy += state.power_import * 5 / 3600
        raw = play(meter, state, START + timedelta(seconds=at), 9000 + number)
        sent: dict[str, Any] = expected(meter, state)
        steps.append(Step(at, publish(number, raw).hex().encode(), sent if told(number) else None))
    model = meter.model
    case = Case(name, model.key.hex(), model.system_title.hex(), model.meter_number, steps)
    case.expect = {
        "follows": ["energy_import", "power_import", "power_export"],
        "longest_gap_s": 20,
        "only_sent": ["energy_import", "power_import"],
        "never_falls": ["energy_import", "energy_export"],
    }
    return case


ODD: dict[str, Callable[[MeterState], MeterState]] = {
    "both directions": lambda state: replace(state, power_import=5000, power_export=5200),
    "a lost phase": lambda state: replace(
        state, voltages=(state.voltages[0], 412, *state.voltages[2:])[: len(state.voltages)]
    ),
    "250 A": lambda state: replace(
        state, power_import=165_000, currents=(25_000, 25_100, 24_900)[: len(state.currents)]
    ),
    "feeding in": lambda state: replace(state, power_import=0, power_export=7400),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", SOME)
async def test_what_persists_is_shown(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    name: str,
    odd: str,
) -> None:
    case = steps_of(name, lambda n, state: ODD[odd](state) if n >= 4 else state, 24)
    player = Player(hass, freezer, with_restart(case, 16))
    await player.set_up()
    await player.play()
    player.check()
    assert not player.issues()


@pytest.mark.parametrize("reload", [None, 10])
@pytest.mark.parametrize("name", LAYOUTS)
async def test_registers_of_zero_are_never_shown(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    name: str,
    reload: int | None,
) -> None:
    def zeros(number: int, state: MeterState) -> MeterState:
        if 8 <= number < 14:
            return replace(
                state, energy_import=0, energy_export=0, reactive_import=0, reactive_export=0
            )
        return state

    case = steps_of(name, zeros, 26, told=lambda n: not 8 <= n < 14)
    case.expect["longest_gap_s"] = 60
    player = Player(hass, freezer, with_restart(case, reload))
    await player.set_up()
    await player.play()
    player.case.expect["only_sent"] = ["energy_import"]
    player.check()
    assert all(value > 4_000_000 for _, value in player.values["energy_import"])


DAMAGE: dict[str, Callable[[int, bytes], bytes]] = {
    "a bit": lambda n, raw: raw[: 60 + n] + bytes((raw[60 + n] ^ 4,)) + raw[61 + n :],
    "a byte less": lambda n, raw: raw[: 60 + n] + raw[61 + n :],
    "cut off": lambda n, raw: raw[: len(raw) // 2 + n],
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", [*SOME, "ooe"])
async def test_damage_is_heard_and_named(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    name: str,
    damage: str,
) -> None:
    case = steps_of(
        name,
        lambda _, state: state,
        40,
        publish=lambda n, raw: DAMAGE[damage](n, raw) if 6 <= n < 30 else raw,
        told=lambda n: not 6 <= n < 30,
    )
    player = Player(hass, freezer, case)
    await player.set_up()
    await player.play(case.steps[:30])
    ((issue_id, issue),) = player.issues().items()
    assert issue_id.startswith("telegrams_damaged")
    assert issue_says(issue)
    assert not hass.config_entries.flow.async_progress_by_handler("hausstrom")
    await player.play(case.steps[30:])
    assert not player.issues()
    player.case.expect = {"follows": ["energy_import"], "only_sent": ["energy_import"]}
    player.check()
