"""Requests: only what is needed, small enough, one moment's values together."""

import json

import pytest

from custom_components.hausstrom.senec.local.protocol.catalogue import (
    CATALOGUE,
    SECTIONS,
    VariableType,
)
from custom_components.hausstrom.senec.local.protocol.codec import Answer, CodecError
from custom_components.hausstrom.senec.local.protocol.points import Ref
from custom_components.hausstrom.senec.local.protocol.request import (
    BODY_LIMIT,
    SLOW_BODY_LIMIT,
    Batch,
    RequestPlan,
    inventory_groups,
    read_body,
    sections_body,
    was_taken,
    write_body,
)
from custom_components.hausstrom.senec.local.protocol.roster import all_points, points_of
from simulators.senec_local import Model

from .support import device, everything


def _asked(batches: tuple[Batch, ...]) -> list[tuple[str, str]]:
    return [
        (section, name)
        for batch in batches
        for section, names in json.loads(batch.body).items()
        for name in names
    ]


def test_nothing_wanted_asks_for_nothing() -> None:
    assert RequestPlan.of([]) == RequestPlan((), ())
    assert RequestPlan.of([all_points()["response_duration"]]).live == ()


def test_the_default_set_is_one_small_live_request() -> None:
    points = points_of(everything(device())).values()
    plan = RequestPlan.of(point for point in points if point.enabled)
    (live,) = plan.live
    assert len(live.body) < 500
    assert set(json.loads(live.body)) == {"ENERGY", "PM1OBJ1", "PV1", "TEMPMEASURE", "WALLBOX"}
    (slow,) = plan.slow
    assert len(slow.body) < 500


def test_what_is_not_wanted_is_not_asked_for() -> None:
    points = all_points()
    plan = RequestPlan.of(
        [points["grid_power_plus"], points["grid_power_minus"], points["grid_power"]]
    )
    assert plan.live[0].body == b'{"ENERGY":{"GUI_GRID_POW":""}}'
    assert plan.slow == ()


@pytest.mark.parametrize("model", list(Model))
def test_everything_wanted_asks_for_each_variable_once_in_small_requests(model: Model) -> None:
    points = points_of(everything(device(model)))
    plan = RequestPlan.of(points.values())
    assert all(len(batch.body) < BODY_LIMIT for batch in plan.live)
    assert len(plan.live) == 1
    longest = max(len(read_body(Ref(s, row.name) for row in SECTIONS[s])) for s in SECTIONS)
    assert all(len(batch.body) < max(SLOW_BODY_LIMIT, longest) for batch in plan.slow)
    for batches in (plan.live, plan.slow):
        sections = [section for batch in batches for section in json.loads(batch.body)]
        assert len(sections) == len(set(sections))
    for batches in (plan.live, plan.slow):
        assert len(_asked(batches)) == len(set(_asked(batches)))
    asked = _asked(plan.live + plan.slow)
    assert set(asked) == {ref for point in points.values() for ref in (*point.needs, *point.also)}
    read = {point.key for batch in plan.live + plan.slow for point in batch.points}
    assert read == set(points) - {"response_duration"}


def test_a_point_needs_one_section_of_one_cadence() -> None:
    for point in all_points().values():
        # The house of a cascade is a sum of two sections; one at a time there is none of one moment.
        is_sum = point.key == "casc_house_power"
        assert len({ref.section for ref in point.needs}) == (
            2 if is_sum else min(1, len(point.needs))
        )
        assert all(CATALOGUE[ref].cadence is point.cadence for ref in point.needs)


def test_a_sum_of_two_sections_takes_nothing_from_the_others() -> None:
    points = all_points()
    keys = ("casc_house_power", "casc_bat_power", "house_power", "grid_power", "inverter_power")
    (live,) = RequestPlan.of(points[key] for key in keys).live
    asked = json.loads(live.body)
    assert set(asked["ENERGY"]) == {"GUI_GRID_POW", "GUI_HOUSE_POW", "GUI_INVERTER_POWER"}
    assert set(asked["CASC"]) == {"BATPOWERSUM", "PVMASTER", "PVGEN"}
    places = [0.0, 500.0, 0, 0, 0, 0]
    answer = Answer(
        {
            "ENERGY": {"GUI_GRID_POW": -700.0, "GUI_HOUSE_POW": 300.0, "GUI_INVERTER_POWER": 0.0},
            "CASC": {"BATPOWERSUM": 800.0, "PVMASTER": 2500.0, "PVGEN": list(places)},
        }
    )
    assert live.read(answer)["casc_house_power"] == 1500
    for part in live.split():
        assert (
            part.read(Answer({name: answer.sections[name] for name in part.sections})).get(
                "casc_house_power"
            )
            is None
        )
    assert all(len(part.sections) == 1 for part in live.split())


def test_a_batch_is_split_by_section_and_reads_the_same() -> None:
    answer = everything(device())
    (live,) = RequestPlan.of(point for point in points_of(answer).values() if point.enabled).live
    parts = live.split()
    assert [part.sections for part in parts] == [(section,) for section in live.sections]
    together: dict[str, object] = {}
    for part in parts:
        assert part.split() == (part,)
        together.update(part.read(answer))
    assert together == live.read(answer)
    asked = {section: json.loads(part.body)[section] for part in parts for section in part.sections}
    assert asked == json.loads(live.body)


def test_a_batch_reads_its_points() -> None:
    answer = everything(device())
    points = points_of(answer)
    (live,) = RequestPlan.of([points["grid_power"], points["house_power"]]).live
    readings = live.read(answer)
    assert set(readings) == {"grid_power", "house_power"}
    assert all(isinstance(value, float) for value in readings.values())


def test_the_inventory_asks_for_every_section_but_no_credentials() -> None:
    asked: dict[str, dict[str, str]] = {}
    for body in map(sections_body, inventory_groups()):
        assert len(body) < 600
        asked.update(json.loads(body))
    assert set(asked) == set(SECTIONS)
    assert "PASSWORD" not in asked["LOG"]
    assert "USERNAME" not in asked["LOG"]
    assert asked["LOG"] != {}
    secret = [row for row in CATALOGUE.values() if row.form.kind is VariableType.CREDENTIAL]
    assert all(asked[row.section] for row in secret)


def test_writes() -> None:
    assert write_body(Ref("ENERGY", "SAFE_CHARGE_FORCE"), "u8", 1) == (
        b'{"ENERGY":{"SAFE_CHARGE_FORCE":"u8_01"}}'
    )
    assert write_body(Ref("SOCKETS", "ENABLE"), "u8", 1, index=0, length=2) == (
        b'{"SOCKETS":{"ENABLE":["u8_01",""]}}'
    )
    assert write_body(Ref("WALLBOX", "SET_ICMAX"), "fl", 16, index=2, length=4) == (
        b'{"WALLBOX":{"SET_ICMAX":["","","fl_41800000",""]}}'
    )
    with pytest.raises(CodecError):
        write_body(Ref("SOCKETS", "ENABLE"), "u8", 256, index=0, length=2)


@pytest.mark.parametrize(
    ("wanted", "found", "taken"),
    [
        (1, 1, True),
        (1, 0, False),
        (16.1, 16.100000381469727, True),
        (16, 6.0, False),
        (1, None, False),
        ("a", "a", True),
    ],
)
def test_what_was_taken(wanted: float | str, found: float | str | None, taken: bool) -> None:
    assert was_taken(wanted, found) is taken
