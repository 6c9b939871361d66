"""Certificates that devices sign themselves, against a real TLS server."""

import asyncio
import ssl

import pytest

from custom_components.hausstrom.tls import async_fetch_certificate, fingerprint, pinned_context
from simulators.mosquitto import Mosquitto, free_port

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def handshake(broker: Mosquitto, context: ssl.SSLContext) -> None:
    _, writer = await asyncio.open_connection(broker.host, broker.port, ssl=context)
    writer.close()


async def test_the_pinned_certificate_is_trusted_and_no_other() -> None:
    async with Mosquitto(tls=True) as broker:
        certificate = await async_fetch_certificate(broker.host, broker.port)
        await handshake(broker, pinned_context(certificate))
        await broker.stop()
        broker.renew_certificate()
        await broker.start()
        with pytest.raises(ssl.SSLCertVerificationError):
            await handshake(broker, pinned_context(certificate))
        renewed = await async_fetch_certificate(broker.host, broker.port)
        assert fingerprint(renewed) != fingerprint(certificate)


async def test_no_tls_server() -> None:
    with pytest.raises(OSError):
        await async_fetch_certificate("127.0.0.1", free_port())
    async with Mosquitto() as plain:
        with pytest.raises(OSError):
            await async_fetch_certificate(plain.host, plain.port)


async def test_what_is_no_certificate() -> None:
    with pytest.raises(ssl.SSLError):
        pinned_context("nonsense")


async def test_a_fingerprint_is_written_as_browsers_do() -> None:
    async with Mosquitto(tls=True) as broker:
        text = fingerprint(await async_fetch_certificate(broker.host, broker.port))
    assert len(text) == 32 * 3 - 1
    assert set(text) <= set("0123456789ABCDEF:")
