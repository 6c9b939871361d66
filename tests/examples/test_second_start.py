"""scripts/develop can be stopped and started again: what Home Assistant remembers stays true."""

import asyncio
import ssl
from pathlib import Path
from typing import cast

import pytest

from simulators.house import House, Ports
from simulators.mosquitto import Mosquitto
from simulators.senec_local_devices import senec_v3
from simulators.victron_gx import SimulatedGx


@pytest.mark.usefixtures("socket_enabled")
async def test_senec_keeps_address_and_certificate(tmp_path: Path) -> None:
    no_broker = cast("Mosquitto", None)  # the SENEC asks for none
    house = House(no_broker, Ports(tmp_path / "ports.json"), tmp_path)

    async def shown() -> tuple[str, str]:
        async with senec_v3(house) as steps:
            address = str(steps["senec_local"]["host"])
            host, _, port = address.partition(":")
            certificate = await asyncio.to_thread(ssl.get_server_certificate, (host, int(port)))
            return address, certificate

    assert await shown() == await shown()


@pytest.mark.usefixtures("socket_enabled")
def test_gx_keeps_its_certificate(tmp_path: Path) -> None:
    def shown(folder: Path | None) -> bytes:
        return SimulatedGx(folder=folder)._certificates.certificate.read_bytes()

    first = shown(tmp_path / "victron")
    assert shown(tmp_path / "victron") == first
    assert shown(None) != first
