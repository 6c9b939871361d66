"""Which entities there are, by the English names of what the integration offers."""

import re
from collections.abc import Iterator
from typing import Any, Final

from homeassistant.util import slugify

from tests.repository.files import translation

ENTITY: Final = re.compile(r"\b((?:binary_)?sensor|select|number|switch|time)\.([a-z0-9_]+)\b")
DEVICES: Final = {
    "smart_meter": "evn",
    "senec_home_v3_hybrid": "senec",
    "senec_home_v3_hybrid_duo": "senec",
    "cerbo_gx": "victron",
}
"""The devices of scripts/develop that the examples speak of."""


def entity_ids(text: str) -> set[str]:
    """Return the entities that a text speaks of, those of its comments included."""
    return {".".join(found) for found in ENTITY.findall(text)} - _actions()


def is_known(entity_id: str) -> bool:
    """Tell whether a device of ours can have such an entity."""
    platform, _, name = entity_id.partition(".")
    return any(
        name.startswith(f"{device}_") and name.removeprefix(f"{device}_") in _names(platform)
        for device in DEVICES
    )


def _names(platform: str) -> set[str]:
    tree: dict[str, Any] = translation("en")["entity"].get(platform, {})
    return {slug for entity in tree.values() for slug in _slugs(entity["name"])}


def _slugs(name: str) -> Iterator[str]:
    """Yield a name as in entity ids; numbers and phases that it leaves open, filled in."""
    if "{" not in name:
        yield slugify(name)
        return
    for number in range(1, 5):
        yield slugify(re.sub(r"{(?:number|phase)}", str(number), name))


def _actions() -> set[str]:
    return {"number.set_value", "select.select_option", "switch.turn_on", "switch.turn_off"}
