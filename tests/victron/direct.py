"""The entry of a simulated GX that is reached directly, over TLS."""

from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.tls import async_fetch_certificate
from simulators.victron_gx import PORTAL_ID, SimulatedGx


async def entry_of(
    gx: SimulatedGx, password: str = "old", *, options: dict[str, Any] | None = None, **broker: Any
) -> MockConfigEntry:
    """Return it, with the certificate that the GX shows; broker: what is otherwise."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Simulated home",
        unique_id=f"victron_{PORTAL_ID}",
        data={
            "kind": "victron",
            "source": "broker",
            "portal_id": PORTAL_ID,
            "topic_prefix": "",
            "broker": {
                "host": gx.host,
                "port": gx.tls_port,
                "tls": True,
                "username": "remoteconsole",
                "password": password,
                "certificate": await async_fetch_certificate(gx.host, gx.tls_port),
                **broker,
            },
        },
        options=options or {},
    )
