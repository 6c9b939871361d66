"""Victron's own brokers on the internet, for a GX that is not in the same network (VRM)."""

from typing import Final

BROKERS: Final = 128


def vrm_host(portal_id: str) -> str:
    """Return the broker that a portal id is on: the sum of its characters says which.

    Source: victronenergy/dbus-mqtt README, "Connecting to the VRM MQTT servers".
    """
    number = sum(ord(char) for char in portal_id.lower().strip()) % BROKERS
    return f"mqtt{number}.victronenergy.com"


def vrm_password(token: str | None, password: str | None) -> str | None:
    """Return what is sent as password: an access token goes before the account's password."""
    if token is not None and (known := token.strip()):
        return known if known.startswith("Token ") else f"Token {known}"
    return password or None
