"""SENEC.Connect: systems by id, one poll for all, and a budget that lasts the month."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from custom_components.hausstrom.senec.connect.protocol.client import Budget, Connect
from custom_components.hausstrom.senec.connect.protocol.errors import SenecConnectError
from custom_components.hausstrom.senec.connect.protocol.models import ConnectSystem, systems_of
from custom_components.hausstrom.senec.connect.protocol.readings import readings_of
from custom_components.hausstrom.senec.protocol.errors import ServiceReason
from custom_components.hausstrom.senec.protocol.hosts import Hosts
from custom_components.hausstrom.senec.protocol.http import Requests
from simulators.senec_cloud import SenecCloud
from simulators.senec_cloud_homes import CONNECT_KEY
from tests.senec.samples import samples
from tests.senec.strategies import JSON_VALUES, objects_with

P4, OFFLINE = "P4H1-SIMU00001-0000-01", "S4H1-SIMU00001-0000-02"
MINUTE = timedelta(minutes=1)


@dataclass
class Stage:
    """The simulated service, a clock, and the budgets that were stored."""

    cloud: SenecCloud
    hosts: Hosts
    session: ClientSession
    stored: list[dict[str, str | int]]
    now: datetime = datetime(2026, 6, 10, 10, tzinfo=UTC)

    def clock(self) -> datetime:
        return self.now

    def connect(self, key: str = CONNECT_KEY, budget: Budget | None = None) -> Connect:
        return Connect(
            self.session,
            self.hosts,
            key,
            clock=self.clock,
            requests=Requests(self.clock),
            budget=budget,
            store=lambda spent: self.stored.append(spent.as_dict()),
        )


@pytest.fixture
async def stage(socket_enabled: None) -> AsyncIterator[Stage]:
    cloud = SenecCloud()
    server = TestServer(cloud.application())
    await server.start_server(access_log=None)
    session = ClientSession()
    try:
        hosts = Hosts.at(URL(f"http://127.0.0.1:{server.port}"))
        stage = Stage(cloud, hosts, session, [])
        cloud.clock = cloud.connect._clock = stage.clock
        yield stage
    finally:
        await session.close()
        await server.close()


async def test_systems_by_id_in_whatever_order(stage: Stage) -> None:
    connect = stage.connect()
    for _ in range(4):
        systems = await connect.systems()
        assert set(systems) == {P4, OFFLINE}
        assert systems[P4].is_online
        assert not systems[OFFLINE].is_online
    query = stage.cloud.log[0][1]
    assert "include=battery,meter,evse,bessNameplate" in query.replace("%2C", ",")


async def test_readings(stage: Stage) -> None:
    stage.now = datetime(2026, 6, 10, 7, tzinfo=UTC)
    values = readings_of((await stage.connect().systems())[P4])
    powers = {key: value for key, value in values.items() if isinstance(value, float)}
    balance = powers["inverter_power"] + powers["grid_power"] + powers["bat_power"]
    assert balance - powers["house_power"] == pytest.approx(powers["wallbox_charge_power"])
    assert powers["bat_power"] < 0 < powers["bat_power_plus"]  # charging in the morning
    assert powers["bat_capacity"] == 17.75
    offline = readings_of((await stage.connect().systems())[OFFLINE])
    assert offline["online"] is False
    assert offline["house_power"] is None
    assert offline["bat_voltage"] is None
    for key in ("bat_fuel_charge", "bat_power", "bat_power_plus", "grid_power", "grid_power_minus"):
        assert offline[key] is None, key


async def test_entries_on_one_key_share_a_poll(stage: Stage) -> None:
    connect = stage.connect()
    await asyncio.gather(*(connect.systems(55 * timedelta(seconds=1)) for _ in range(5)))
    assert stage.cloud.connect.calls == 1
    stage.now += timedelta(seconds=54)
    await connect.systems(timedelta(seconds=55))
    assert stage.cloud.connect.calls == 1
    stage.now += timedelta(seconds=1)
    await connect.systems(timedelta(seconds=55))
    assert stage.cloud.connect.calls == 2
    stage.now -= timedelta(days=1)  # a clock that was set back
    await connect.systems(timedelta(seconds=55))
    assert stage.cloud.connect.calls == 3


async def test_a_refused_key_is_not_used_again(stage: Stage) -> None:
    connect = stage.connect("wrong")
    for _ in range(3):
        with pytest.raises(SenecConnectError) as error:
            await connect.systems()
        assert error.value.reason is ServiceReason.AUTH
        assert "wrong" not in str(error.value)
    assert stage.cloud.requests.total() == 1


async def test_a_quota_that_is_used_up_is_no_refused_key(stage: Stage) -> None:
    connect = stage.connect()
    text = '{"statusCode": 403, "message": "Out of call volume quota."}'
    stage.cloud.fail("/connect", status=403, text=text)
    for _ in range(3):
        with pytest.raises(SenecConnectError) as error:
            await connect.systems()
        assert error.value.reason is ServiceReason.RATE_LIMIT
        assert error.value.retry_after == 3600
    assert stage.cloud.requests.total() == 1
    stage.cloud.heal()
    stage.now += timedelta(seconds=3600)
    await connect.systems()


async def test_a_server_that_wants_us_to_wait(stage: Stage) -> None:
    connect = stage.connect()
    stage.cloud.connect.most_calls = 0
    for _ in range(3):
        with pytest.raises(SenecConnectError) as error:
            await connect.systems()
        assert error.value.reason is ServiceReason.RATE_LIMIT
        assert error.value.retry_after == 600
    assert stage.cloud.requests.total() == 1
    stage.cloud.connect.most_calls = 100
    stage.now += timedelta(seconds=600)
    await connect.systems()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"status": 500}, ServiceReason.SERVER),
        ({"status": 200, "html": True}, ServiceReason.BAD_ANSWER),
        ({"status": 200, "text": "{}"}, ServiceReason.BAD_ANSWER),
        ({"cut": True}, ServiceReason.UNREACHABLE),
    ],
)
async def test_trouble(stage: Stage, fault: dict[str, object], reason: ServiceReason) -> None:
    connect = stage.connect()
    stage.cloud.fail("/connect", **fault)
    with pytest.raises(SenecConnectError) as error:
        await connect.systems()
    assert error.value.reason is reason
    stage.cloud.heal()
    await connect.systems()
    assert connect.budget.spent == 2


async def test_the_budget_is_stored_and_kept(stage: Stage) -> None:
    connect = stage.connect(budget=Budget("2026-06", 44_799))
    await connect.systems()
    assert stage.stored == [{"month": "2026-06", "spent": 44_800}]
    with pytest.raises(SenecConnectError) as error:
        await connect.systems()
    assert error.value.reason is ServiceReason.RATE_LIMIT
    assert error.value.retry_after == timedelta(days=20, hours=14).total_seconds()
    stage.now = datetime(2026, 7, 1, tzinfo=UTC)
    await connect.systems()
    assert stage.stored[-1] == {"month": "2026-07", "spent": 1}


@given(st.integers(1, 12), st.integers(0, 44_800), st.floats(0, 1))
def test_the_budget_lasts_the_month(month: int, spent: int, part: float) -> None:
    first = datetime(2026, month, 1, tzinfo=UTC)
    end = (first + timedelta(days=32)).replace(day=1)
    now = first + (end - first) * part * 0.999
    budget = Budget(f"2026-{month:02}", spent)
    rest = budget.rest(now)
    assert rest >= MINUTE or budget.left(now) == 0
    assert spent + (end - now) / rest <= 45_000


def test_a_minute_is_enough_for_every_month() -> None:
    assert Budget("2026-01").rest(datetime(2026, 1, 1, tzinfo=UTC)) == MINUTE


@pytest.mark.parametrize(
    "stored", [None, [], {"month": 5, "spent": "x"}, {"month": "", "spent": -1}]
)
def test_no_budget_is_a_fresh_one(stored: object) -> None:
    assert Budget.from_dict(stored) == Budget()
    assert Budget.from_dict({"month": "2026-06", "spent": 7}) == Budget("2026-06", 7)


def plate(**values: object) -> dict[str, object]:
    return {"bessNameplate": {"system_id": "a"}, **values}


@pytest.mark.parametrize(
    ("evse", "power", "connected"),
    [
        ([{"id": "1", "charging_power": 100.0, "ev_connected": True}], 100.0, True),
        ([{"id": "1", "charging_power": 100.0}, {"id": "2"}], None, None),
        ([{"id": "1", "charging_power": 1.0, "ev_connected": False}], 1.0, False),
    ],
)
def test_wallboxes(evse: object, power: float | None, connected: bool | None) -> None:
    system = ConnectSystem.from_json(plate(evse=evse, battery={"voltage": 410.0}))
    assert system is not None
    values = readings_of(system)
    assert (values["wallbox_charge_power"], values["ev_connected"]) == (power, connected)


def test_the_sign_of_the_battery() -> None:
    meter = {"grid_power": -400.0, "production": 500.0}
    charging = ConnectSystem.from_json(plate(battery={"power": 1e-05, "current": 0.0}, meter=meter))
    assert charging is not None
    values = readings_of(charging)
    assert (values["bat_power"], values["bat_power_plus"], values["bat_power_minus"]) == (0, 0, 0)
    assert (values["grid_power_plus"], values["grid_power_minus"]) == (0.0, 400.0)
    assert str(values["bat_power"]) == "0.0"


def test_the_samples_of_real_answers() -> None:
    folder = samples()
    systems = systems_of(
        json.loads((folder / "senecconnect_general_4systems.json").read_text("utf-8"))
    )
    assert [system.is_online for system in systems.values()] == [False, True, False, True]
    p4 = readings_of(systems["P4H1-XXXX12345-0000-03"])
    assert (p4["bat_power"], p4["bat_power_plus"]) == (-5771.4844, 5771.4844)
    assert p4["bat_charge_current"] == 9.5
    home4 = readings_of(systems["S4H1-XXXX12345-0000-02"])
    # The old battery of an account, beside the new one: what is told of it is of some past.
    for key in ("bat_fuel_charge", "house_power", "grid_power", "wallbox_charge_power0"):
        assert home4[key] is None, key
    example = json.loads((folder / "senecconnect_official_openapi_example.json").read_text("utf-8"))
    assert systems_of(example) == {}  # nobody says which system this is


@given(st.lists(objects_with("bessNameplate", "battery", "meter", "evse")), JSON_VALUES)
def test_hostile_answers(systems: list[dict[str, object]], value: object) -> None:
    systems_of(systems)
    hostile = [plate(battery={"power": value}, meter={"grid_power": value}, evse=[{"id": value}])]
    for system in systems_of(hostile).values():
        readings_of(system)
    assert systems_of(value) == {}
