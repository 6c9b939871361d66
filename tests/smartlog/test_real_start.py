"""A logger that reports while a real Home Assistant stops and starts: what is answered 200 is there."""

import asyncio
import time
from pathlib import Path

import aiohttp
import pytest

from simulators.home_assistant import HomeAssistant
from simulators.mosquitto import free_port
from simulators.smartlog import as_json
from tests.waiting import until

from .build import GATEWAY, data, meter, muc

NAME, PASSWORD = "smartlog", "a password of the logger"

pytestmark = pytest.mark.usefixtures("socket_enabled")


class Logger:
    """Counts up, reports each step until it is taken, and tries to get in with a wrong password."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.value = 100
        self.taken = 0
        self.done = False
        self.answers: set[int] = set()
        self.answers_to_strangers: set[int] = set()

    async def run(self) -> None:
        async with aiohttp.ClientSession() as session:

            async def report() -> bool:
                if await self._post(session, PASSWORD, self.answers) == 200:
                    self.taken = self.value
                    self.value += 1
                await self._post(session, "guessed", self.answers_to_strangers)
                return self.done

            await until(report, patience=400, every=0.05)

    async def _post(
        self, session: aiohttp.ClientSession, password: str, answers: set[int]
    ) -> int | None:
        now = int(time.time())
        point = data("Energy", self.value, obis="1-0:1.8.0*255", time=now)
        report = muc(meter("00000077", point), time=now)
        login = aiohttp.encode_basic_auth(NAME, password)
        try:
            async with session.post(
                self.url, data=as_json(report), headers={"Authorization": login}
            ) as answer:
                answers.add(answer.status)
                return answer.status
        except aiohttp.ClientError, TimeoutError:
            return None  # nobody listens


async def address(hass: HomeAssistant) -> str:
    """Set a SmartLog up, and return the address that the set-up shows."""
    path = "/api/config/config_entries/flow"
    flow = await hass.client.request("POST", path, {"handler": "hausstrom"})
    shown: dict[str, str] = {}
    for fields in (
        {"next_step_id": "smartlog"},
        {"transport": "webhook"},
        {"username": NAME, "password": PASSWORD, "local_only": False, "smartlog_id": GATEWAY},
        {"next_step_id": "smartlog_finish"},
    ):
        flow = await hass.client.request("POST", f"{path}/{flow['flow_id']}", fields)
        shown.update(flow.get("description_placeholders") or {})
    assert flow["type"] == "create_entry", flow
    return f"{hass.url}{shown['report_directory']}"


async def shown(hass: HomeAssistant) -> int | None:
    """Return what the register shows."""
    states = await hass.client.command("get_states")
    values = [state["state"] for state in states
              if state["attributes"].get("meter") == "00000077"]  # fmt: skip
    return int(values[0]) if values and values[0].isdecimal() else None


@pytest.mark.timeout(400)
async def test_nothing_is_lost_while_home_assistant_restarts(tmp_path: Path) -> None:
    async with HomeAssistant(tmp_path, port=free_port()) as hass:
        logger = Logger(await address(hass))
        running = asyncio.get_running_loop().create_task(logger.run())
        try:
            await until(lambda: logger.taken >= 105, every=0.1)
            await hass.stop()
            before = logger.taken
            await hass.start()
            await until(lambda: logger.taken >= before + 5, every=0.1)
            logger.done = True
            await running  # what is on its way is answered, and counted
        finally:
            running.cancel()

        async def shows_the_last() -> bool:
            return await shown(hass) == logger.taken

        await until(shows_the_last, every=0.1)
    assert logger.answers <= {200, 404, 503}
    assert 200 not in logger.answers_to_strangers
    assert logger.answers_to_strangers <= {401, 404, 503}
