"""Finding out which values a system has."""

import json

from custom_components.hausstrom.senec.local.protocol.catalogue import SECTIONS
from custom_components.hausstrom.senec.local.protocol.inventory import Inventory
from custom_components.hausstrom.senec.local.protocol.roster import points_of
from simulators.senec_local import Faults

from .support import decoded, device, everything


def asked(inventory: Inventory) -> dict[str, dict[str, object]]:
    body: dict[str, dict[str, object]] = json.loads(inventory.body())
    return body


def test_everything_is_asked_for_in_a_few_requests() -> None:
    senec, inventory = device(), Inventory()
    assert inventory.left == 0
    inventory.begin()
    requests, points = 0, None
    while inventory.left:
        assert points is None
        points = inventory.take(decoded(senec.answer(asked(inventory), Faults())))
        requests += 1
    assert requests <= 6
    assert points == points_of(everything(senec))


def test_a_slow_device_is_asked_section_by_section() -> None:
    senec, inventory = device(), Inventory()
    inventory.begin()
    assert len(asked(inventory)) > 1
    assert inventory.give_up() is None
    assert inventory.left == len(SECTIONS)
    points = None
    while inventory.left:
        assert points is None
        (section,) = asked(inventory)
        if section in {"PV1", "FAN_SPEED"}:  # FAN_SPEED is the last one
            points = inventory.give_up()
        else:
            points = inventory.take(decoded(senec.answer(asked(inventory), Faults())))
    assert points is not None
    assert "house_power" in points
    assert not any(key.startswith(("pv1_", "fan_speed_", "mpp")) for key in points)
