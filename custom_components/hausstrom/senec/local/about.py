"""What a device is, for Home Assistant's registry and for bug reports."""

from dataclasses import asdict
from typing import Any

from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo

from ...const import DOMAIN
from ...coordinator import HausstromConfigEntry
from .link import Link
from .protocol.catalogue import CATALOGUE, VariableType
from .protocol.client import LalaClient
from .protocol.reader import Reader
from .protocol.roster import all_points


def device_info(entry: HausstromConfigEntry, link: Link, version: str | None) -> DeviceInfo:
    """Describe a device; `version` is that of its firmware as it was read last."""
    info = DeviceInfo(
        identifiers={(DOMAIN, str(entry.unique_id))},
        manufacturer="SENEC",
        name=entry.title,
        configuration_url=link.client.base_url,
    )
    identity = link.identity
    if identity is not None:
        capacity = identity.capacity_kwh
        info["model"] = (
            identity.model if capacity is None else f"{identity.model}, {capacity:g} kWh"
        )
        info["serial_number"] = identity.device_id
        info["sw_version"] = version or identity.application_version
        info["hw_version"] = None if identity.npu_image is None else f"NPU {identity.npu_image}"
        if identity.mac is not None:
            info["connections"] = {(dr.CONNECTION_NETWORK_MAC, identity.mac)}
    return info


def is_private(key: str) -> bool:
    """Whether a reading is a serial number or an address."""
    point = all_points().get(key)
    return point is not None and point.form.kind in {VariableType.IDENTITY, VariableType.ADDRESS}


def about(link: Link, client: LalaClient, reader: Reader) -> dict[str, Any]:
    """Return how a device is spoken to, and what it refuses."""
    identity = link.identity
    traffic = asdict(client.traffic)
    traffic["faults"] = {fault.value: count for fault, count in client.traffic.faults.items()}
    return {
        "model": identity and identity.model,
        "system_type": identity and identity.system_type,
        "application_version": identity and identity.application_version,
        "firmware_version": identity and identity.firmware_version,
        "npu_image": identity and identity.npu_image,
        "scheme": client.scheme,
        "traffic": traffic,
        "one_section_at_a_time": reader.is_divided,
        "live_requests": [len(batch.body) for batch in reader.plan.live],
        "slow_requests": [len(batch.body) for batch in reader.plan.slow],
        "catalogue": len(CATALOGUE),
    }
