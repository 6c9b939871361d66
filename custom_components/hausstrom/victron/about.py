"""What a GX says, for bug reports: without what tells whose it is."""

from typing import Any, Final

from homeassistant.components.diagnostics import REDACTED

from .protocol.catalogue import FAMILIES
from .protocol.system import GxSystem

_PRIVATE: Final = (
    *("serial", "uniqueid", "vin", "mac", "token", "password", "pincode", "ssid", "portal"),
    *("systemname", "customname", "devicename", "latitude", "longitude", "altitude", "course"),
)
_PRIVATE_END: Final = ("/name", "_notifications")


def is_private(key: str) -> bool:
    """Whether a reading, or a path, tells who or where somebody is."""
    small = key.lower()
    return small.endswith(_PRIVATE_END) or any(part in small for part in _PRIVATE)


def about(system: GxSystem) -> dict[str, Any]:
    """Return what a GX says."""
    return {
        "phase": system.session.phase,
        "messages": system.messages,
        "full_publishes": system.session.full_publishes,
        "faults": {fault.value: count for fault, count in system.faults.items()},
        "unknown_codes": dict(system.unknown_codes),
        "services": {
            label: {
                "present": system.present(label),
                "model": system.identity(label).model,
                "software": system.identity(label).software,
                "known": label.partition("_")[0] in FAMILIES,
            }
            for label in system.roster.labels
        },
        "values": {
            path: REDACTED if is_private(path) else value
            for path, value in sorted(system.raw_values().items())
        },
    }
