"""The app's services: what they say, as readings, and what they do when they fail."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.common.slug import slug
from custom_components.hausstrom.senec.cloud.protocol import readings
from custom_components.hausstrom.senec.cloud.protocol.models import (
    Abilities,
    CloudSystem,
    Dashboard,
    Details,
    Generation,
    Status,
)
from custom_components.hausstrom.senec.cloud.protocol.readings import WALLBOX_SETTINGS
from custom_components.hausstrom.senec.cloud.protocol.wallbox import (
    ChargingMode,
    Wallbox,
    WallboxSetting,
)
from custom_components.hausstrom.senec.cloud.protocol.web import SgReady, Socket
from custom_components.hausstrom.senec.protocol.amounts import flow_of, percent_of
from custom_components.hausstrom.senec.protocol.errors import SenecCloudError, ServiceReason
from custom_components.hausstrom.senec.protocol.state_words import (
    CODE_BY_WORD,
    slug_of_word,
)
from custom_components.hausstrom.senec.protocol.states import STATE_BY_CODE
from tests.senec.strategies import JSON_VALUES, objects_with

from .conftest import BERT, Stage

BERLIN = ZoneInfo("Europe/Berlin")
V3, P4 = "100301", "400204"


async def test_systems(stage: Stage) -> None:
    (v3,) = await stage.account().app.systems()
    assert v3 == CloudSystem(
        V3,
        "S123456789012345678900301",
        "SENEC.Home V3 hybrid duo",
        Generation.V123,
        "Europe/Berlin",
        ("1",),
    )
    stage.session.cookie_jar.clear()
    v21, p4 = await stage.account(BERT).app.systems()
    assert (v21.generation, p4.generation) == (Generation.V123, Generation.V4)


async def test_the_dashboard(stage: Stage) -> None:
    account = stage.account()
    dashboard = await account.app.dashboard(V3, ["1"])
    assert dashboard.measured == datetime(2026, 6, 10, 10, 0, tzinfo=UTC)
    values = readings.from_dashboard(dashboard, holds_wallbox=True)
    powers = {key: value for key, value in values.items() if isinstance(value, float)}
    balance = (
        powers["inverter_power"]
        + powers["grid_power"]
        + powers["bat_power"]
        - powers["house_power"]
        - powers["wallbox_charge_power"]
    )
    assert balance == pytest.approx(0, abs=0.01)
    assert powers["grid_power"] == powers["grid_power_plus"] - powers["grid_power_minus"]
    assert values["measured"] == dashboard.measured
    assert "wallboxIds=1" in stage.cloud.log[-1][1]


async def test_the_counters_begin_at_local_midnight(stage: Stage) -> None:
    account = stage.account()
    stage.clock.now = datetime(2026, 6, 10, 21, 56, tzinfo=UTC)  # 23:56 in Berlin
    evening = await account.app.dashboard(V3)
    stage.clock.turn(minutes=10)
    night = await account.app.dashboard(V3)
    assert readings.day_began(evening, BERLIN) == datetime(2026, 6, 9, 22, tzinfo=UTC)
    assert readings.day_began(night, BERLIN) == datetime(2026, 6, 10, 22, tzinfo=UTC)
    before = readings.from_dashboard(evening, holds_wallbox=True)["house_energy"]
    after = readings.from_dashboard(night, holds_wallbox=True)["house_energy"]
    assert isinstance(before, float)
    assert isinstance(after, float)
    assert after < 0.1 < before


@pytest.mark.parametrize(
    ("measured", "began"),
    [
        ("2026-03-29T00:30:00Z", "2026-03-28T23:00:00Z"),  # 01:30, the clocks go forward at 2
        ("2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z"),
        ("2026-03-29T22:30:00Z", "2026-03-29T22:00:00Z"),
        ("2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z"),
        ("2026-10-25T22:30:00Z", "2026-10-24T22:00:00Z"),
        ("2026-10-25T23:30:00Z", "2026-10-25T23:00:00Z"),
    ],
)
def test_local_midnight_on_both_changes_of_the_clock(measured: str, began: str) -> None:
    dashboard = Dashboard.from_json({"timestamp": measured, "currently": {}, "today": {}})
    assert dashboard is not None
    assert readings.day_began(dashboard, BERLIN) == datetime.fromisoformat(began)


async def test_silence_makes_values_stale(stage: Stage) -> None:
    account = stage.account()
    stage.cloud.system(100301).silent_since = stage.clock.now
    dashboard = await account.app.dashboard(V3)
    for minutes, stale in ((30, False), (31, True)):
        now = stage.clock.now + timedelta(minutes=minutes)
        assert readings.is_stale(dashboard, Generation.V123, now) is stale
    assert readings.is_stale(dashboard, Generation.V4, stage.clock.now + timedelta(minutes=16))
    assert readings.age(dashboard, stage.clock.now + timedelta(minutes=2)) == 120
    assert readings.age(dashboard, stage.clock.now - timedelta(minutes=2)) == 0


async def test_details(stage: Stage) -> None:
    account = stage.account(BERT)
    details = await account.app.details(P4)
    state = readings.from_state(details.state, details.state_ok)
    assert state["current_state"] == "run_grid"
    assert state["current_state_ok"] is None  # a P4 gives no severity
    values = readings.from_details(details)
    assert values["application_version"] == "SENEC_OS_V_4_3_2"
    assert values["case_temp"] == 31.25
    assert (values["bat_voltage"], values["bat_capacity"]) == (412.5, 17.75)
    assert (values["bat_health"], values["bat_modules"]) == (98.4, 5)
    assert values["bat_module_5_ok"] is True
    assert values["bat_module_1_temperature_max"] == 23.5
    assert values["inverter_temperature"] == 41.5
    assert "Solar GmbH" not in str(await account.app.details(P4))


async def test_abilities_and_state(stage: Stage) -> None:
    account = stage.account()
    assert "PEAK_SHAVING" in (await account.app.abilities(V3)).packages
    assert await account.app.is_online(V3) is True
    stage.cloud.fail("/app-systems/systems/api/v1/100301/online-state", status=404, times=1)
    assert await account.app.is_online(V3) is None
    stage.cloud.fail("/app-systems/systems/api/v1/100301/online-state", status=500, times=1)
    with pytest.raises(SenecCloudError):
        await account.app.is_online(V3)
    assert await account.app.first_measurement(V3) == datetime(2024, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "first"),
    [
        ('{"first": "2024-05-01T00:00:00Z"}', datetime(2024, 5, 1, tzinfo=UTC)),
        (
            json.dumps(
                {
                    "periodEndDateInMilliseconds": 1764115200000,
                    "periodStartDateInMilliseconds": 1600000000000,
                }
            ),
            datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC),
        ),
        ('{"first": 1e300}', None),
        ('{"first": null}', None),
        ("[]", None),
    ],
)
async def test_the_first_measurement(stage: Stage, answer: str, first: datetime | None) -> None:
    stage.cloud.fail("/app-measurements", status=200, text=answer)
    assert await stage.account().app.first_measurement(V3) == first


async def test_wallboxes(stage: Stage) -> None:
    account = stage.account(BERT)
    stage.clock.now = datetime(2026, 6, 10, 10, 30, tzinfo=UTC)
    if stage.clock.now.toordinal() % 2 == 0:
        stage.clock.turn(days=1)
    (wallbox,) = await account.app.wallboxes(P4)
    values = readings.from_wallboxes({0: wallbox})
    assert values["wallbox_charge_power0"] == 7000
    assert values["wallbox_0_status"] == "charging"
    assert values["wallbox_0_charging_mode"] == "solar"
    assert values["wallbox_0_solar_min_current"] == 6.0
    assert values["wallbox_0_solar_prevent_interruptions"] is True
    assert values["wallbox_0_locked"] is False
    assert stage.cloud.writes[-1][2] == '{"systemIds": [400204]}'


async def test_wallbox_writes(stage: Stage) -> None:
    account = stage.account(BERT)
    (wallbox,) = await account.app.wallboxes(P4)
    box = stage.cloud.system(400204).wallboxes[0]
    await account.app.lock_wallbox(P4, wallbox.id, locked=True)
    assert box["prohibitUsage"] is True
    await account.app.lock_wallbox(P4, wallbox.id, locked=False)
    assert box["prohibitUsage"] is False
    await account.app.set_charging_mode(P4, wallbox.id, ChargingMode.COMFORT)
    assert box["chargingMode"]["type"] == "COMFORT"
    for key, value in (
        ("solar_min_current", 9.0),
        ("fast_intercharge", True),
        ("comfort_current", 12.0),
        ("solar_dynamic_tariffs", True),
        ("comfort_price_limit", 21.5),
    ):
        setting = WALLBOX_SETTINGS[key]
        (after,) = await account.app.set_wallbox_setting(P4, wallbox.id, setting, value)
        assert setting.of(after) == value
    assert box["chargingMode"]["solarOptimizeSettings"]["minChargingCurrentInA"] == 9.0
    assert box["chargingMode"]["fastChargingSettings"]["allowIntercharge"] is True
    assert box["chargingMode"]["comfortChargeSettings"]["configuredChargingCurrent"] == 12.0
    turbo = WallboxSetting(ChargingMode.FAST, "turbo")
    with pytest.raises(SenecCloudError) as error:
        await account.app.set_wallbox_setting(P4, wallbox.id, turbo, 1)
    assert error.value.reason is ServiceReason.NOT_FOUND


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"status": 403}, ServiceReason.FORBIDDEN),
        ({"status": 404}, ServiceReason.NOT_FOUND),
        ({"status": 408}, ServiceReason.UNREACHABLE),
        ({"status": 429}, ServiceReason.RATE_LIMIT),
        ({"status": 500}, ServiceReason.SERVER),
        ({"status": 503}, ServiceReason.MAINTENANCE),
        ({"status": 418}, ServiceReason.REFUSED),
        ({"location": "/elsewhere"}, ServiceReason.BAD_ANSWER),
        ({"status": 200, "html": True}, ServiceReason.BAD_ANSWER),
        ({"status": 200, "text": "{"}, ServiceReason.BAD_ANSWER),
        ({"status": 200, "text": "[" * 100_000}, ServiceReason.BAD_ANSWER),
        ({"status": 200, "text": "[]"}, ServiceReason.BAD_ANSWER),
        ({"status": 200, "text": " " * 8_400_000}, ServiceReason.BAD_ANSWER),
        ({"status": 204, "text": ""}, ServiceReason.BAD_ANSWER),
        ({"cut": True}, ServiceReason.UNREACHABLE),
    ],
)
async def test_every_failure_has_its_reason(
    stage: Stage, fault: dict[str, object], reason: ServiceReason
) -> None:
    account = stage.account()
    stage.cloud.fail("/app-measurements", **fault)
    with pytest.raises(SenecCloudError) as error:
        await account.app.dashboard(V3)
    assert error.value.reason is reason
    assert "access" not in str(error.value)
    assert account.requests.failures[reason] == 1
    stage.cloud.heal()
    await account.app.dashboard(V3)


async def test_a_list_of_systems_must_be_one(stage: Stage) -> None:
    stage.cloud.fail("/app-systems", status=200, text="{}")
    with pytest.raises(SenecCloudError):
        await stage.account().app.systems()


async def test_somebody_elses_system(stage: Stage) -> None:
    with pytest.raises(SenecCloudError) as error:
        await stage.account().app.dashboard(P4)
    assert error.value.reason is ServiceReason.FORBIDDEN
    assert stage.cloud.count("openid-connect/token") == 1


async def test_a_dashboard_without_time_or_values(stage: Stage) -> None:
    stage.cloud.fail("/app-measurements", status=200, text='{"currently": {}, "today": {}}')
    with pytest.raises(SenecCloudError) as error:
        await stage.account().app.dashboard(V3)
    assert error.value.reason is ServiceReason.BAD_ANSWER


async def test_requests_are_counted_by_name_and_hour(stage: Stage) -> None:
    account = stage.account()
    await account.app.dashboard(V3)
    stage.clock.turn(minutes=40)
    await account.app.dashboard(V3)
    assert account.requests.by_name["dashboard"] == 2
    before = account.requests.last_hour
    stage.clock.turn(minutes=20)
    assert account.requests.last_hour < before
    stage.clock.turn(minutes=60)
    assert account.requests.last_hour == 0


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (1e-05, 0.0),
        (-1e-05, 0.0),
        (0, 0.0),
        (12, 12.0),
        (-0.5, None),
        ("12", None),
        (True, None),
        (None, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
    ],
)
def test_flows(said: object, meant: float | None) -> None:
    assert flow_of(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (100.4, 100.0),
        (101, None),
        (1e-05, None),  # a placeholder, which for a flow is 0 and for a level is nothing
        (9.999999747378752e-06, None),  # the same in single precision
        (0, 0.0),
        (0.0, 0.0),
        (0.4, 0.4),
        (-1e-05, None),
        ("1e-05", None),
        (True, None),
    ],
)
def test_levels(said: object, meant: float | None) -> None:
    assert percent_of(said) == meant


def test_the_house_is_what_the_wallbox_leaves() -> None:
    def house(*, holds: bool = True, **now: float) -> object:
        dashboard = Dashboard.from_json(
            {"timestamp": "2026-01-01T00:00:00Z", "currently": now, "today": {}}
        )
        assert dashboard is not None
        return readings.from_dashboard(dashboard, holds_wallbox=holds)["house_power"]

    assert house(powerConsumptionInW=4000.0, wallboxInW=3700.0) == 300.0
    assert house(powerConsumptionInW=3600.0, wallboxInW=3700.0) == 0.0
    assert house(powerConsumptionInW=400.0) is None  # with the wallbox, of which nothing is known
    assert house(powerConsumptionInW=400.0, holds=False) == 400.0
    assert house(powerConsumptionInW=400.0, wallboxInW=3700.0, holds=False) == 400.0
    assert house(wallboxInW=400.0) is None


def test_the_samples_of_real_answers(samples: dict[str, str]) -> None:
    dashboard = Dashboard.from_json(json.loads(samples["cloud_v3_dashboard.json"]))
    assert dashboard is not None
    values = readings.from_dashboard(dashboard, holds_wallbox=True)
    assert values["house_power"] == 464.1
    assert values["bat_power"] == -1177.6763916015625
    assert values["bat_fuel_charge"] == 57.57575607299805
    assert values["grid_import_energy"] == 0.1025390625
    assert dashboard.generation is Generation.V123
    details = Details.from_json(json.loads(samples["cloud_v3_system-details.json"]))
    state = readings.from_state(details.state, details.state_ok)
    assert (state["current_state"], state["current_state_ok"]) == ("charging", True)
    assert details.timezone == "Europe/Berlin"
    status = Status.from_json(json.loads(samples["cloud_v3_status.json"]))
    assert status == Status("LADEN", ok=True, firmware="833")
    values = readings.from_details(details)
    assert (values["case_temp"], values["bat_capacity"]) == (34.813972, 10.0)
    assert "FILTERED_COMPANYNAME" not in str(details)
    (system,) = (
        CloudSystem.from_json(item) for item in json.loads(samples["cloud_v3_systems.json"])
    )
    assert system is not None
    assert (system.id, system.generation) == ("999999", Generation.V123)
    for name in ("cloud_v3_wallbox_search.json", "cloud_v3_wallbox_new_object.json"):
        wallbox = Wallbox.from_json(json.loads(samples[name])[0])
        assert wallbox is not None
        assert wallbox.charging_mode is ChargingMode.SOLAR
    p4 = Wallbox.from_json(json.loads(samples["cloud_p4_wallbox.json"]))
    assert p4 is not None
    assert (p4.charging_mode, p4.status, p4.temperature) == (ChargingMode.FAST, "READY", 9.73958)
    abilities = Abilities.from_json(json.loads(samples["cloud_abilities.json"]))
    assert "PEAK_SHAVING" in abilities.packages


def test_words_for_states() -> None:
    assert slug("FEHLER HALBBRÜCKE", german=True) == "fehler_halbbruecke"
    assert slug("PV + ENTLADEN", german=True) == "pv_entladen"
    assert CODE_BY_WORD["laden"] == 14
    assert set(CODE_BY_WORD.values()) == set(STATE_BY_CODE)  # 0 to 100, each with one word
    assert readings.from_state("NEU", ok=True) == {"current_state": None, "current_state_ok": True}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("NETZ_UND_ENTLADEN", "grid_and_discharging"),
        ("PV_UND_ENTLADEN", "pv_and_discharging"),
        ("NETZ + ENTLADEN", "grid_and_discharging"),
        ("netz und entladen", "grid_and_discharging"),
        ("PV_PLUS_ENTLADEN", "pv_and_discharging"),
        ("AKKU_VOLL", "battery_full"),
        ("MAN._SICHERHEITSLADUNG", "manual_safety_charge"),
        ("AUSGLEICHSLADUNG:_LADEN", "equalization_charge"),
        ("FEHLER_HALBBR\u00dcCKE", "half_bridge_error"),
        ("FEHLER_HALBBRU\u0308CKE", "half_bridge_error"),  # the umlaut in two pieces
        ("WARTE_AUF_UEBERSCHUSS", "waiting_for_surplus"),
        ("RESERVEKAPAZIT\u00c4T", "reserve_capacity"),
        ("AUFWACHLADUNG", "wake_up_charge"),
        ("SOX_KALIBRIERUNG", "sox_calibration"),
        ("SOX-KALIBRIERUNG", "sox_calibration"),
        ("RUN_GRID", "run_grid"),
        ("UND", None),
        ("", None),
        ("EIN_ZUSTAND_VON_MORGEN", None),
    ],
)
def test_the_clouds_way_of_writing_the_states(word: str, state: str | None) -> None:
    assert slug_of_word(word) == state


def test_every_word_stands_for_one_state() -> None:
    for word, code in CODE_BY_WORD.items():
        for written in (word, word.upper(), word.replace("_", " "), word.replace("_", "_UND_")):
            assert slug_of_word(written) == STATE_BY_CODE[code].slug


def test_settings_as_readings() -> None:
    sg_ready = readings.from_sg_ready(
        SgReady(3, {"enabled": True, "modeChangeDelayInMinutes": "x"})
    )
    assert sg_ready["sg_ready_mode"] == "mode_3"
    assert sg_ready["sg_ready_enabled"] is True
    assert sg_ready["sg_ready_mode_change_delay"] is None
    assert readings.from_sg_ready(SgReady(None, {}))["sg_ready_mode"] is None
    sockets = readings.from_sockets(
        [Socket(0, "A", "AUTOMATIC", on=True), Socket(1, "B", None, on=None)]
    )
    assert sockets == {
        "socket_0_mode": "automatic",
        "socket_0_on": True,
        "socket_1_mode": None,
        "socket_1_on": None,
    }


@given(
    objects_with("timestamp", "currently", "today", "systemType", "electricVehicleConnected"),
    objects_with("id", "controlUnitNumber", "product", "wallboxIds", "timezoneText"),
    objects_with(
        "systemOverview", "casing", "mcu", "batteryPack", "batteryModules", "batteryInverter"
    ),
    objects_with("id", "state", "chargingMode", "chargingCurrents", "prohibitUsage", "name"),
    JSON_VALUES,
)
def test_hostile_answers_are_missing_values(
    dashboard: dict[str, object],
    system: dict[str, object],
    details: dict[str, object],
    wallbox: dict[str, object],
    anything: object,
) -> None:
    Dashboard.from_json(dashboard)
    CloudSystem.from_json(system)
    readings.from_details(Details.from_json(details))
    box = Wallbox.from_json({**wallbox, "chargingMode": {"solarOptimizeSettings": anything}})
    readings.from_wallboxes({} if box is None else {0: box})
    Abilities.from_json({"packageTypes": anything})
    flows = Dashboard.from_json(
        {
            "timestamp": "2026-01-01T00:00:00+01:00",
            "currently": {"gridDrawInW": anything, "batteryLevelInPercent": anything},
            "today": {"gridDrawInWh": anything},
        }
    )
    assert flows is not None
    assert flows.measured == datetime(2025, 12, 31, 23, tzinfo=UTC)
    draw = flows.now.draw
    assert draw is None or draw >= 0


@given(
    st.sampled_from(
        ["2026-01-01", "2026-01-01T00:00:00", "x", 5, None, "9999-12-31T23:59:59-23:59"]
    )
)
def test_a_time_must_be_an_instant(timestamp: object) -> None:
    assert Dashboard.from_json({"timestamp": timestamp, "currently": {}, "today": {}}) is None
