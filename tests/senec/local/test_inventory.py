"""Finding out which values a system has: only an answer says that it lacks something."""

import json
from collections.abc import Callable, Collection

import pytest

from custom_components.hausstrom.senec.local.protocol.catalogue import SECTIONS
from custom_components.hausstrom.senec.local.protocol.codec import Answer, Refusal
from custom_components.hausstrom.senec.local.protocol.inventory import Inventory
from custom_components.hausstrom.senec.local.protocol.roster import points_of
from simulators.senec_local import Faults, SenecDevice

from .support import decoded, device, everything

type Asked = dict[str, dict[str, object]]


def asked(inventory: Inventory) -> Asked:
    body: Asked = json.loads(inventory.body())
    return body


def chart(
    inventory: Inventory,
    senec: SenecDevice,
    known: Collection[str] = (),
    *,
    fails: Callable[[Asked], bool] = lambda _asked: False,
) -> tuple[set[str], int]:
    """Go on until nothing is left; return the keys, and how many requests failed."""
    failures = 0
    for _ in range(500):
        if not inventory.left:
            return set(inventory.points(known)), failures
        request = asked(inventory)
        if fails(request):
            failures += 1
            inventory.give_up()
        else:
            inventory.take(decoded(senec.answer(request, Faults())))
    raise AssertionError("it never ends")


def test_everything_is_asked_for_in_a_few_requests() -> None:
    senec, inventory = device(), Inventory()
    assert inventory.left == 0
    inventory.begin()
    assert inventory.left <= 6
    keys, failures = chart(inventory, senec)
    assert keys == set(points_of(everything(senec)))
    assert failures == 0


def test_a_slow_device_is_asked_section_by_section_and_lacks_nothing() -> None:
    senec, inventory = device(), Inventory()
    inventory.begin()
    keys, failures = chart(inventory, senec, fails=lambda request: len(request) > 1)
    assert keys == set(points_of(everything(senec)))
    assert failures == 1  # what is too much once is not tried again


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("section", ["PV1", "WALLBOX", "FAN_SPEED", "WIZARD"])
def test_what_did_not_answer_is_asked_again(section: str, times: int) -> None:
    senec, inventory = device(), Inventory()
    inventory.begin()
    left = [times]

    def fails(request: Asked) -> bool:
        if len(request) > 1:
            return True
        if section in request and left[0]:
            left[0] -= 1
            return True
        return False

    keys, _failures = chart(inventory, senec, fails=fails)
    assert keys == set(points_of(everything(senec)))


def test_a_section_that_never_answers_whole_is_asked_for_in_portions() -> None:
    senec, inventory = device(), Inventory()
    inventory.begin()
    keys, _failures = chart(
        inventory, senec, fails=lambda request: len(request) > 1 or request.get("ENERGY") == {}
    )
    assert keys == set(points_of(everything(senec)))


def test_no_section_ever_answers_whole() -> None:
    senec, inventory = device(), Inventory()
    inventory.begin()
    keys, _failures = chart(inventory, senec, fails=lambda request: {} in request.values())
    assert keys == set(points_of(everything(senec)))


def test_what_is_known_stays_until_something_else_is_known() -> None:
    senec, inventory = device(), Inventory()
    known = set(points_of(everything(senec)))
    inventory.begin()
    assert set(inventory.points(known)) == known
    while inventory.left:
        request = asked(inventory)
        if "PV1" in request:
            if len(request) == 1:
                break
            inventory.give_up()
        else:
            inventory.take(decoded(senec.answer(request, Faults())))
    assert set(inventory.points(known)) == known


def test_an_answer_alone_says_that_something_is_gone() -> None:
    senec, inventory = device(application="0811"), Inventory()
    known = set(points_of(everything(senec)))
    assert "statistic_live_pv_gen" in known
    inventory.begin()
    keys, _failures = chart(inventory, device(), known)
    assert known - keys == {key for key in known if key.startswith("statistic_")}


def test_a_battery_that_counts_no_modules_has_not_lost_them() -> None:
    senec, inventory = device(), Inventory()
    known = set(points_of(everything(senec)))
    for name in ("MODULES_CONFIGURED", "MODULE_COUNT", "NR_INSTALLED"):
        senec.table["BMS"][name] = ("u8", 0)
    senec.table["BMS"]["VOLTAGE"] = ("fl", [0.0] * 4)
    inventory.begin()
    keys, _failures = chart(inventory, senec, known)
    assert keys == known
    inventory.begin()
    fresh, _failures = chart(inventory, senec)
    assert not any(key.startswith("bms_soc_") for key in fresh)


def test_a_section_that_is_left_out_of_answers_is_asked_for_a_few_times_and_stays_known() -> None:
    senec, inventory = device(), Inventory()
    known = set(points_of(everything(senec)))
    inventory.begin()
    for _ in range(200):
        if not inventory.left:
            break
        request = asked(inventory)
        request.pop("PV1", None)
        inventory.take(decoded(senec.answer(request, Faults())))
    assert inventory.left == 0
    assert set(inventory.points(known)) == known


def test_a_section_that_is_refused_is_none() -> None:
    inventory = Inventory()
    inventory.begin()
    while inventory.left:
        inventory.take(Answer({}, dict.fromkeys(asked(inventory), Refusal.FORBIDDEN)))
    assert set(inventory.points({"house_power"})) == {"response_duration"}
    assert set(SECTIONS)
