"""Who a service is: its name, model, serial number and firmware as the GX tells them."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ...common.text import clean
from .naming import serial_of
from .payload import Json, number, text

IDENTITY_PATHS: Final = frozenset(
    {
        "CustomName",
        "ProductName",
        "DeviceName",
        "Serial",
        "Devices/0/SerialNumber",
        "VIN",
        "FirmwareVersion",
        "HardwareVersion",
        "Mgmt/Connection",
        "Connected",
    }
)
GX_IDENTITY_PATHS: Final = frozenset(
    {
        "Device/Model",
        "Device/HQSerialNumber",
        "Firmware/Installed/Version",
    }
)
"""What the service `platform` says about the GX itself."""


class DeviceIdentity(NamedTuple):
    """What the device registry wants to know; None is what the GX does not say."""

    name: str | None
    model: str | None
    serial_number: str | None
    software: str | None
    hardware: str | None
    connection: str | None


def version(raw: Json) -> str | None:
    """Return a version as Victron prints it; text stays as it is.

    The number holds hex digits: 0x0439 is v4.39, 0x0113FF is v1.13 (build FF or 00 is none),
    0x010904 is v1.09.04.
    """
    if known := clean(text(raw)):
        return known
    value = number(raw)
    if value is None or value <= 0 or value != int(value) or value > 0xFFFFFFFF:
        return None
    digits = int(value)
    major, minor, build = digits >> 16, (digits >> 8) & 0xFF, digits & 0xFF
    if major == 0:
        major, minor, build = minor, build, 0
    suffix = "" if build in (0x00, 0xFF) else f".{build:02x}"
    return f"v{major:x}.{minor:02x}{suffix}"


def identify(values: Mapping[str, Json]) -> DeviceIdentity:
    """Return the identity of a service from its identity paths: text fit to be shown."""
    model = _said(values, "ProductName")
    return DeviceIdentity(
        name=_said(values, "CustomName") or _device_name(values) or model,
        model=model,
        serial_number=clean(serial_of(values)) or None,
        software=version(values.get("FirmwareVersion")),
        hardware=version(values.get("HardwareVersion")),
        connection=_said(values, "Mgmt/Connection"),
    )


def _said(values: Mapping[str, Json], path: str) -> str | None:
    return clean(text(values.get(path))) or None


def _device_name(values: Mapping[str, Json]) -> str | None:
    """Return the name that the device gave itself (some say `{}` or `-` for none)."""
    name = _said(values, "DeviceName")
    return name if name is not None and any(map(str.isalnum, name)) else None


def identify_gx(system: Mapping[str, Json], platform: Mapping[str, Json]) -> DeviceIdentity:
    """Return the identity of the GX from the services `system` and `platform`."""
    model = _said(platform, "Device/Model") or _said(system, "ProductName")
    return DeviceIdentity(
        name=_said(system, "CustomName") or model,
        model=model,
        serial_number=_said(platform, "Device/HQSerialNumber") or _said(system, "Serial"),
        software=version(platform.get("Firmware/Installed/Version")),
        hardware=None,
        connection=None,
    )
