"""Bytes from outside, whatever they are: bounded time, bounded numbers of things, one value at most lost.

Every door of every kind in a running Home Assistant: what comes in is hostile, then what came before goes on.
"""

import gzip
import json
import logging
import zlib
from collections.abc import Iterator
from time import process_time
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message

from simulators.victron_gx import PORTAL_ID
from tests.senec.cloud.conftest import Home
from tests.senec.local.cases import Driver, base_table
from tests.smartlog.build import data, meter, muc
from tests.smartlog.conftest import publish
from tests.years.fixtures import Ways
from tests.years.senec_ways import connect_entry

from .posting import posting_smartlog
from .test_stores import energies

MARKUP: Final = "<script>alert(1)</script> [x](javascript:y) {{ states }} \u202e\x00\x1b[31m"
DIGITS: Final = "9" * 400
MOST_SECONDS: Final = 3.0
"""Of the processor, for one hostile message; on a machine with others on it."""

BYTES: Final[dict[str, bytes]] = {
    "nothing": b"",
    "nul": b"\x00" * 64,
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000,
    "deep and closed": b"[" * 50_000 + b"]" * 50_000,
    "digits": DIGITS.encode(),
    "digits of a value": b'{"value":' + DIGITS.encode() + b"}",
    "digits of a text": b'{"value":"' + DIGITS.encode() + b'"}',
    "infinite": b'{"value":1e999}',
    "no number": b'{"value":NaN}',
    "half a character": b'{"value":"\\ud800"}',
    "no utf-8": b'{"value":"\xff\xfe"}',
    "utf-16": '{"value":1}'.encode("utf-16"),
    "long": b"A" * 1_000_000,
    "long hex": b"7E" * 300_000,
    "long text": b'{"value":"' + b"A" * 1_000_000 + b'"}',
    "many values": b'{"value":[' + b"1," * 200_000 + b"1]}",
    "a tree": b'{"value":{"a":{"b":[{}]}}}',
    "markup": json.dumps({"value": MARKUP}).encode(),
    "xml bomb": b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "' + b"a" * 1000 + b'">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(9))
    + b"]><interface><muc>&a8;</muc></interface>",
    "gzip": gzip.compress(b"0" * 10_000_000),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_exception(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No decoder, no task and no timer may end in an exception that nobody expected."""
    caplog.set_level(logging.WARNING)
    yield
    ended = [
        record.getMessage()[:300]
        for record in caplog.records
        if record.levelno >= logging.ERROR
        and (record.exc_info or "exception" in record.getMessage().casefold())
    ]
    assert ended == []


class Cost:
    """The processor's time of what is done in between."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        self._began = process_time()

    def __exit__(self, error: object, *_: object) -> None:
        spent = process_time() - self._began
        assert error is not None or spent < MOST_SECONDS, (self.name, spent)


def judge(hass: HomeAssistant, entry_id: str, *, entities: int, devices: int) -> None:
    """Names and numbers of things are bounded; nothing that is shown is markup."""
    entry = hass.config_entries.async_get_entry(entry_id)
    assert entry is not None
    assert entry.state is ConfigEntryState.LOADED
    registered = er.async_entries_for_config_entry(er.async_get(hass), entry_id)
    assert len(registered) <= entities, len(registered)
    found = dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
    assert len(found) <= devices, len(found)
    for device in found:
        assert len(device.name or "") <= 255
        assert (device.name or "").isprintable()
    for entity in registered:
        assert len(entity.entity_id) <= 255
        assert len(entity.unique_id) <= 512
        assert (entity.original_name or "").isprintable()
        state = hass.states.get(entity.entity_id)
        if state is not None:
            assert len(state.state) <= 255
            assert DIGITS not in state.state
            assert state.state not in {"inf", "nan", "-inf"}
    for issue in ir.async_get(hass).issues.values():
        for text in (issue.translation_placeholders or {}).values():
            assert "<script>" not in text
            assert "](javascript" not in text


# --- smart meter -----------------------------------------------------------------------------


async def test_a_smart_meter(ways: Ways) -> None:
    way = (await ways.meter(10)).way
    before = energies(ways.hass, way.entry_id)
    good = way.meter.telegram().hex().upper().encode()
    hostile = {
        **BYTES,
        "twice": good + good,
        "backwards": good[::-1],
        "padded": good + b"0" * 500_000,
    }
    for name, payload in hostile.items():
        for retain in (False, True):
            with Cost(name):
                way.meter.publish(payload, retain=retain)
                await ways.hass.async_block_till_done()
    for _ in range(8):
        await way.live(away=False)
    after = energies(ways.hass, way.entry_id)
    assert before.keys() == after.keys()
    assert all(before[key] <= after[key] < before[key] + 1 for key in before)
    judge(ways.hass, way.entry_id, entities=40, devices=1)


# --- SmartLog ----------------------------------------------------------------------------------


def reports() -> dict[str, bytes]:
    """Return reports that are well formed and hostile inside."""
    now = int(dt_util.utcnow().timestamp())
    energy = "1-0:1.8.0*255"
    trees: dict[str, Any] = {
        "digits of a value": meter("22000001", data("Energy", DIGITS, "Wh", obis=energy)),
        "digits of a scale": meter("22000002", data("Energy", "5", "Wh", DIGITS, obis=energy)),
        "digits of a time": meter("22000003", data("Energy", "5", "Wh", obis=energy, time=DIGITS)),
        "digits of a number": meter(DIGITS, data("Energy", "5", "Wh", obis=energy)),
        "exponent": meter("22000004", data("Energy", "1e308", "MWh", "1e308", obis=energy)),
        "no number": meter("22000005", data("Energy", "nan", "kWh", obis=energy)),
        "markup": meter(
            "22000006", data(MARKUP, "5", MARKUP, label=MARKUP), USER=MARKUP, MANUFACTURER=MARKUP
        ),
        "long": meter("22000007", data("E" * 100_000, "5", "k" * 100_000, label="L" * 100_000)),
        "a tree for a text": meter({"a": [1]}, data("Energy", {"b": 2}, "kWh")),
    }
    found = {name: json.dumps(muc(tree, time=now)).encode() for name, tree in trees.items()}
    many = [
        meter(f"{number:08}", data("Energy", "5", "kWh", obis=energy)) for number in range(20_000)
    ]
    points = [data(f"Value {number}", str(number), "kWh") for number in range(20_000)]
    found["many meters"] = json.dumps(muc(*many, time=now)).encode()
    found["many points"] = json.dumps(muc(meter("22000009", *points), time=now)).encode()
    return found


async def test_a_smartlog(ways: Ways) -> None:
    way = (await ways.smartlog()).way
    before = energies(ways.hass, way.entry_id)
    for name, payload in {**BYTES, **reports()}.items():
        with Cost(name) if not name.startswith("many ") else Cost("*"):
            await publish(ways.hass, payload, topic="smartlog/" + "x" * 200)
    await way.live(away=False)
    after = energies(ways.hass, way.entry_id)
    for key, energy in before.items():
        assert energy <= after[key] < energy + 10
    judge(ways.hass, way.entry_id, entities=4_000, devices=1_100)


async def test_a_smartlog_that_posts(
    hass: HomeAssistant, hass_client_no_auth: Any, freezer: FrozenDateTimeFactory
) -> None:
    """Bodies that grow when they are unpacked."""
    entry = await posting_smartlog(hass, "geheim-47")
    client = await hass_client_no_auth()
    login = {"Authorization": aiohttp.encode_basic_auth("smartlog", "geheim-47")}
    zeros = b"0" * 64_000_000
    for coding, body in (("gzip", gzip.compress(zeros)), ("deflate", zlib.compress(zeros))):
        with Cost(coding):
            try:
                answer = await client.post(
                    "/api/webhook/0123456789abcdef",
                    data=body,
                    headers={**login, "Content-Encoding": coding},
                    compress=False,
                )
                assert answer.status in {200, 400, 413}
            except aiohttp.ClientError:
                pass  # hung up on: as good
    for name, payload in BYTES.items():
        with Cost(name):
            answer = await client.post("/api/webhook/0123456789abcdef", data=payload, headers=login)
            assert answer.status < 500, name
    judge(hass, entry.entry_id, entities=20, devices=2)


# --- GX -----------------------------------------------------------------------------------------


async def test_a_gx(ways: Ways) -> None:
    way = (await ways.gx(10)).way
    await way.live(away=False)
    before = energies(ways.hass, way.entry_id)
    base = f"gx/N/{PORTAL_ID}"
    paths = ("grid/30/Ac/Power", "grid/30/Ac/Energy/Forward", "grid/30/CustomName", "heartbeat")
    for path in paths:
        for name, payload in BYTES.items():
            with Cost(name):
                async_fire_mqtt_message(ways.hass, f"{base}/{path}", payload)
                await ways.hass.async_block_till_done()
    good = b'{"value":1}'
    topics = [
        f"{base}/battery/{DIGITS}/Soc",
        f"{base}/battery/-1/Soc",
        f"{base}/battery//Soc",
        f"{base}/{'x' * 5000}/1/Soc",
        f"{base}/battery/1/{'a/' * 2000}b",
        f"{base}/{MARKUP.replace(chr(0), '')}/1/Soc",
        f"{base}",
        f"{base}/",
        "gx/N//battery/1/Soc",
        *(f"{base}/battery/{number}/Soc" for number in range(3_000)),
    ]
    with Cost("*"):
        for topic in topics:
            async_fire_mqtt_message(ways.hass, topic, good)
        await ways.hass.async_block_till_done()
    for address in way.gx.values:  # as a GX does every quarter of an hour
        way.gx.say_again(address)
    for _ in range(8):
        await way.live(away=False)
    after = energies(ways.hass, way.entry_id)
    for key, energy in before.items():
        assert energy - 0.2 <= after[key] < energy + 1, key
    judge(ways.hass, way.entry_id, entities=30_000, devices=1_100)


# --- a SENEC --------------------------------------------------------------------------------------


async def test_a_senec(drive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    await driver.wait(30)
    assert driver.entry is not None
    lala = driver.device._lala
    answers: list[web.Response] = []

    async def hostile(request: web.Request) -> web.StreamResponse:
        if not answers:
            return await lala(request)
        await request.read()
        return answers.pop()

    monkeypatch.setattr(driver.device, "_lala", hostile)
    await driver.do_scheme({"scheme": "https"})
    await driver.wait(60)
    assert driver.shows("grid_power", 420)
    for name, payload in BYTES.items():
        answers.append(web.Response(body=payload))
        with Cost(name):
            assert await driver.by(400, lambda: not answers), name
    bomb = gzip.compress(b" " * 100_000_000)
    answers.append(web.Response(body=bomb, headers={"Content-Encoding": "gzip"}))
    with Cost("gzip bomb"):
        assert await driver.by(400, lambda: not answers)
    assert await driver.by(400, lambda: driver.shows("grid_power", 420))
    values: dict[str, Any] = {
        "GUI_HOUSE_POW": f"fl_{'F' * 400}",
        "GUI_INVERTER_POWER": "fl_7F800000",
        "GUI_BAT_DATA_POWER": [f"fl_{n:08X}" for n in range(1_000)],
        "STAT_STATE": f"u8_{'F' * 400}",
        "STAT_HOURS_OF_OPERATION": {"a": {"b": []}},
        "GUI_BAT_DATA_FUEL_CHARGE": "st_" + MARKUP,
    }
    driver.device.update({"ENERGY": values, "WIZARD": {"APPLICATION_VERSION": "st_" + MARKUP * 99}})
    await driver.wait(400)
    assert driver.shows("grid_power", 420)  # one bad value costs one value
    assert driver.state("house_power") is None
    judge(driver.hass, driver.entry.entry_id, entities=900, devices=1)
    for name in values:
        driver.device.table["ENERGY"][name] = base_table()["ENERGY"].get(name, "u8_00")
    await driver.wait(60)
    assert driver.shows("house_power", 1310)


# --- SENEC's services --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "retry_after", ["0", "-5", DIGITS, "1e308", "nan", "Fri, 31 Dec 9999 23:59:59 GMT", MARKUP[:20]]
)
async def test_how_long_to_wait_is_nobody_elses_to_say(home: Home, retry_after: str) -> None:
    """Retry-After of any size: neither a flood of requests, nor silence for ever."""
    entry = await home.add()
    home.cloud.forget()
    home.cloud.fail("/", status=429, retry_after=retry_after)
    for _ in range(4):
        await home.wait(minutes=6)
    assert home.cloud.requests.total() <= 60
    home.cloud.heal()
    for _ in range(25):
        await home.wait(minutes=6)
    state = home.state(entry, "sensor", "house_power")
    assert float(state.state) >= 0


async def test_answers_of_senecs_services(home: Home) -> None:
    entry = await home.add()
    key_entry = connect_entry(home.hass)
    assert await home.hass.config_entries.async_setup(key_entry.entry_id)
    signed_in = home.cloud.count("login-actions/authenticate")
    for name, payload in BYTES.items():
        home.cloud.fail("/", status=200, text=payload.decode("latin-1"), times=12)
        with Cost(name):
            await home.wait(minutes=6)
        home.cloud.heal()
        await home.wait(minutes=6)
    for _ in range(12):
        await home.wait(minutes=6)
    # A page that nobody understands costs no password.
    assert home.cloud.count("login-actions/authenticate") - signed_in <= 1
    for one in (entry, key_entry):
        judge(home.hass, one.entry_id, entities=150, devices=1)
    assert float(home.state(entry, "sensor", "house_power").state) >= 0
