"""What scripts/develop promises: faults are found, ports are kept, the broker is a real one."""

import asyncio
import ssl
from pathlib import Path

import aiomqtt
import pytest

from simulators.develop import faults_of, parse_arguments, state_folder, table, while_alive
from simulators.home_assistant_client import EntityValue, Entry, HomeAssistantError
from simulators.house import Ports, in_background, in_use
from simulators.mosquitto import Mosquitto, free_port

METER = Entry("1", "hausstrom", "Meter", "loaded", None)
POWER = EntityValue("1", "Meter", "sensor.power", "Meter Power", "230", "W")
SILENT = EntityValue("1", "Meter", "sensor.voltage", "Meter Voltage", None, "V")


@pytest.mark.parametrize(
    ("entry", "values", "faults"),
    [
        (METER, [POWER], []),
        (METER, [POWER, SILENT], ["sensor.voltage has no value"]),
        (METER, [], ["Meter: has no entities"]),
        (
            Entry("1", "hausstrom", "Meter", "setup_retry", "Broker gone"),
            [POWER],
            ["Meter: setup_retry: Broker gone"],
        ),
    ],
)
def test_faults(entry: Entry, values: list[EntityValue], faults: list[str]) -> None:
    assert faults_of([entry], values) == faults


def test_table() -> None:
    assert table([POWER, SILENT]).splitlines()[2:] == [
        "Meter   Power    230    W",
        "Meter   Voltage  -      V",
    ]


async def test_once_leaves_nothing_behind(tmp_path: Path) -> None:
    async with state_folder(parse_arguments(["--once"])) as folder:
        assert folder.is_dir()
    assert not folder.exists()


async def test_the_work_ends_with_a_process_that_it_needs() -> None:
    async def for_ever() -> None:
        await asyncio.Event().wait()

    async def dying() -> None:
        raise HomeAssistantError("ended")

    with pytest.raises(HomeAssistantError, match="ended"):
        await while_alive(for_ever(), [for_ever(), dying()])


async def test_the_work_is_done_while_all_live() -> None:
    async def for_ever() -> None:
        await asyncio.Event().wait()

    async def work() -> int:
        return 1

    assert await while_alive(work(), [for_ever()]) == 1


async def test_a_device_that_breaks_is_noticed() -> None:
    async def break_down() -> None:
        raise ValueError("broken")

    device = in_background(break_down())
    await device.__aenter__()
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="broken"):
        await device.__aexit__(None, None, None)


@pytest.mark.usefixtures("socket_enabled")
def test_ports_are_kept(tmp_path: Path) -> None:
    preferred = free_port()
    ports = Ports(tmp_path / "ports.json")
    assert ports.get("meter", preferred) == preferred
    other = ports.get("gateway", preferred)
    assert other != preferred
    again = Ports(tmp_path / "ports.json")
    assert again.get("gateway", preferred) == other
    assert again.get("meter", free_port()) == preferred


@pytest.mark.usefixtures("socket_enabled")
def test_once_takes_no_known_port() -> None:
    preferred = free_port()
    assert Ports(None).get("meter", preferred) != preferred


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("tls", [False, True])
async def test_broker_lets_in_who_knows_the_password(tls: bool) -> None:
    async with Mosquitto(username="meter", password="secret", tls=tls) as broker:
        trust = ssl.create_default_context(cafile=broker.certificate) if tls else None

        def client(password: str) -> aiomqtt.Client:
            return aiomqtt.Client(
                broker.host, broker.port, username="meter", password=password, tls_context=trust
            )

        with pytest.raises(aiomqtt.MqttError, match="Not authorized"):
            await client("wrong").__aenter__()
        for _ in range(2):
            async with client("secret") as connection:
                await connection.subscribe("topic")
                await connection.publish("topic", b"\x00\xff")
                assert (await anext(aiter(connection.messages))).payload == b"\x00\xff"
            # The port, and who is let in, survive a restart.
            await broker.stop()
            assert not in_use(broker.port)
            await broker.start()
    assert not broker.running
