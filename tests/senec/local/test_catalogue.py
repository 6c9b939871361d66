"""The catalogue: every documented variable has a row, and every row makes sense."""

import re

import pytest

from custom_components.hausstrom.common.slug import slug
from custom_components.hausstrom.senec.local.protocol.catalogue import (
    AXIS_LENGTH,
    CATALOGUE,
    EMPTY_SECTIONS,
    SECTIONS,
    Axis,
    VariableType,
    codes,
)
from custom_components.hausstrom.senec.local.protocol.codec import Refusal
from custom_components.hausstrom.senec.local.protocol.roster import all_points
from simulators.senec_local import Model
from simulators.senec_local_values import AT_REST

from .support import device, everything, shared

_HEADING = re.compile(
    r"(?:Information (?:from|represented b\w+) the|represented in the) (\w+)-Object"
)
_ROW = re.compile(r"^([A-Za-z][A-Za-z0-9_#]*) \|")


def _documented() -> set[tuple[str, str]]:
    """Return what the API document names, section and variable."""
    (document,) = shared("seeds").glob("001_*.txt")
    section, found = "", set()
    for line in document.read_text().splitlines():
        if heading := _HEADING.search(line):
            section = heading[1].upper()
        elif section and (row := _ROW.match(line)) and row[1] not in {"Object", "ENUM"}:
            found.add((section, row[1]))
    return found


def test_every_documented_variable_has_a_row_and_decodes() -> None:
    documented = _documented()
    assert len(documented) > 450
    assert documented <= set(CATALOGUE)
    answer = everything(device())
    for section, name in documented:
        cell = answer.cell(section, name)
        values = cell if isinstance(cell, list) else [cell]
        assert values, (section, name)
        assert not any(value is None or isinstance(value, Refusal) for value in values), name


def test_every_documented_object_is_known() -> None:
    (document,) = shared("seeds").glob("001_*.txt")
    objects = set(re.findall(r'^"([A-Z0-9_]+)":\s?\{', document.read_text(), re.MULTILINE))
    assert len(objects) > 30
    assert objects <= {*SECTIONS, *EMPTY_SECTIONS}


@pytest.mark.parametrize(
    ("table", "first"),
    [
        (codes.MODULE_WARNING, r"^(\d+) \| (?:Warning|Alarm|Error|Selftest).*$"),
        (codes.STECA_STARTUP, r"^(\d+) \| (?!SenecBatt)[A-Z][a-z]+[A-Z]\w+.*$"),
        (codes.WALLBOX_STATE, r"^(0x[0-9A-F]{2}) \|.*$"),
        (codes.SYSTEM_STATE, r"^(\d+) \| [A-ZÄÖÜ0-9 .:+-]{4,} \|$"),
    ],
)
def test_every_documented_number_has_a_slug(table: codes.CodeTable, first: str) -> None:
    (document,) = shared("seeds").glob("001_*.txt")
    numbers = {int(found, 0) for found in re.findall(first, document.read_text(), re.MULTILINE)}
    assert len(numbers) > 15
    assert numbers <= set(table)


def test_the_own_dump_has_every_variable_of_firmware_0826() -> None:
    assert sum(map(len, AT_REST.values())) >= 480
    assert {(section, name) for section, rows in AT_REST.items() for name in rows} <= set(CATALOGUE)


@pytest.mark.parametrize("model", list(Model))
def test_every_row_that_a_device_has_can_be_read(model: Model) -> None:
    answer = everything(device(model, "0811" if model is Model.V3 else "0826"))
    for (section, name), row in CATALOGUE.items():
        cell = answer.cell(section, name)
        if cell is None:
            continue
        assert isinstance(cell, list) is (row.axis is not Axis.SCALAR), (section, name)
        assert not isinstance(cell, list) or len(cell) <= AXIS_LENGTH[row.axis], (section, name)


def test_keys_are_unique_and_in_snake_case() -> None:
    points = all_points()
    keys = [point.key for point in points.values()]
    assert len(keys) == len(set(keys)) > 1000
    assert all(re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", key) for key in keys)
    assert "current_imbalance_control_threshold_ma" in points
    assert "pm1obj1_u_ac_0" in points
    assert "bms_cycles_2" in points
    assert "v_steca_percent_vf" in points


def test_codes_have_slugs_and_commands_make_no_points() -> None:
    for row in CATALOGUE.values():
        assert (row.form.codes is not None) is (row.form.kind is VariableType.CODE)
        if row.form.codes is not None:
            assert all(slug(word) == word for word in row.form.codes.values())
        assert row.meaning
    points = all_points()
    assert "energy_safe_charge_force" not in points
    assert "log_password" not in points
    assert "log_username" not in points


def test_measures_have_limits_where_the_unit_tells_them() -> None:
    for row in CATALOGUE.values():
        if row.form.kind is VariableType.MEASURE:
            assert row.form.unit, row.name
            assert row.form.low > float("-inf"), row.name
            assert row.form.high < float("inf"), row.name
