"""Which devices are one system: the one place that decides it, for the energy dashboard and ours.

A SENEC can be set up up to three times: locally, through the cloud, and through SENEC.Connect. All
three tell its serial number: the local network as DEVICE_ID, the cloud as the number of the
control unit, `S` and the same; SENEC.Connect has either on its plate. Everything else is a system
of its own, whatever it resembles.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..const import CONF_KIND, DOMAIN

_PREFIXES: Final = {
    "senec_local": "senec_",
    "senec_cloud": "senec_cloud_",
    "senec_connect": "senec_connect_",
}


class Device(NamedTuple):
    """The main device of an entry, and the numbers that it goes by."""

    entry_id: str
    identifier: str
    kind: str
    numbers: frozenset[str] = frozenset()


def systems_of(devices: Iterable[Device]) -> dict[str, str]:
    """Return the system of each entry: the entry id of the first that is known to be the same."""
    systems: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for device in devices:
        known = {numbers[number] for number in device.numbers if number in numbers}
        system = min(known, default=device.entry_id, key=list(systems.values()).index)
        systems[device.entry_id] = system
        # A plate that has both numbers joins what was two before.
        for entry_id, other in systems.items():
            if other in known:
                systems[entry_id] = system
        numbers = {number: system if other in known else other for number, other in numbers.items()}
        numbers |= dict.fromkeys(device.numbers, system)
    return systems


def numbers_of(kind: str, identifier: str, serial: str | None) -> frozenset[str]:
    """Return the numbers that a SENEC goes by, without the S that only the cloud writes."""
    if (prefix := _PREFIXES.get(kind)) is None:
        return frozenset()
    names = [serial or ""]
    if kind != "senec_connect":  # there the identifier is a number of SENEC.Connect's own
        names.append(identifier.removeprefix(prefix))
    bare = ("".join(name.split()).upper() for name in names)
    return frozenset(number.removeprefix("S") or number for number in bare if number)


@callback
def async_devices(hass: HomeAssistant) -> list[Device]:
    """Return the main device of every enabled entry of ours."""
    registry = dr.async_get(hass)
    devices = []
    for entry in hass.config_entries.async_entries(DOMAIN, include_disabled=False):
        identifier, kind = str(entry.unique_id), str(entry.data[CONF_KIND])
        device = registry.async_get_device_by_identifier((DOMAIN, identifier), entry.entry_id)
        serial = device.serial_number if device is not None else None
        devices.append(
            Device(entry.entry_id, identifier, kind, numbers_of(kind, identifier, serial))
        )
    return devices


@callback
def async_systems(hass: HomeAssistant) -> Mapping[str, str]:
    """Return the system of each entry of ours."""
    return systems_of(async_devices(hass))
