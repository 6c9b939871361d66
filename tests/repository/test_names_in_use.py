"""Texts, icons and actions that the code names exist, and nothing is left over."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from homeassistant.helpers.entity import EntityDescription

from .files import INTEGRATION, ROOT, module_id, modules, read_json, read_yaml, syntax, translation
from .rows import cloud_rows

FORM_OF: Final = {
    "SensorEntityDescription": "sensor",
    "BinarySensorEntityDescription": "binary_sensor",
    "NumberEntityDescription": "number",
    "SelectEntityDescription": "select",
    "SwitchEntityDescription": "switch",
    "TimeEntityDescription": "time",
    "ButtonEntityDescription": "button",
}


def platform_of(description: EntityDescription) -> str:
    """Return the platform that a description is for."""
    names = [base.__name__ for base in type(description).__mro__]
    return next(FORM_OF[name] for name in names if name in FORM_OF)


def descriptions() -> list[EntityDescription]:
    """Return all descriptions in the tables of all kinds."""
    return [
        *(
            description
            for path in sorted(INTEGRATION.glob("**/descriptions.py"))
            for value in vars(importlib.import_module(module_name(path))).values()
            for description in described(value)
        ),
        *(row.description for row in cloud_rows()),
    ]


def module_name(path: Path) -> str:
    """Return the full name of a kind's table."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def described(value: Any) -> Iterator[EntityDescription]:
    """Yield the descriptions in a table, however it is nested."""
    if isinstance(value, EntityDescription):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from described(item)
    elif isinstance(value, (tuple, list, frozenset)):
        for item in value:
            yield from described(item)


def test_there_are_descriptions() -> None:
    assert descriptions()


def test_every_entity_has_a_name() -> None:
    entities = translation("en")["entity"]
    nameless = {
        f"{platform_of(description)}.{description.translation_key or description.key}"
        for description in descriptions()
        if not entities.get(platform_of(description), {}).get(
            description.translation_key or description.key
        )
        and not isinstance(description.name, str)
    }
    assert nameless == set()


# Entities that only have an icon of ours: the device itself says what they are called.
NAMED_BY_DEVICE: Final = {"meter_value"}


def test_every_state_has_a_name() -> None:
    entities = translation("en")["entity"]
    # One name may stand for several descriptions: a system's state, whichever way it came.
    options: dict[tuple[str, str], set[str]] = {}
    for description in descriptions():
        key = description.translation_key or description.key
        options.setdefault((platform_of(description), key), set()).update(
            getattr(description, "options", None) or ()
        )
    for (platform, key), states in options.items():
        if states:
            assert states == entities[platform][key]["state"].keys(), key


def test_icons() -> None:
    entities = translation("en")["entity"]
    for platform, icons in read_json(INTEGRATION / "icons.json").get("entity", {}).items():
        for key, icon in icons.items():
            if key in NAMED_BY_DEVICE:
                continue
            assert key in entities.get(platform, {}), f"{platform}.{key} has an icon but no name"
            assert icon.keys() <= {"default", "range", "state", "state_attributes"}
            names = [icon["default"], *icon.get("state", {}).values()]
            names += icon.get("range", {}).values()
            assert all(name.startswith("mdi:") for name in names), key
            assert icon["default"] not in icon.get("state", {}).values(), key
            if "state" in entities[platform][key]:
                assert icon.get("state", {}).keys() <= entities[platform][key]["state"].keys()


def test_actions() -> None:
    actions = read_yaml(INTEGRATION / "services.yaml")
    named = translation("en")["services"]
    icons = read_json(INTEGRATION / "icons.json")["services"]
    assert actions.keys() == named.keys() == icons.keys()
    for name, action in actions.items():
        assert named[name].keys() <= {"name", "description", "fields", "sections"}
        assert named[name]["name"]
        assert named[name]["description"]
        fields = (action or {}).get("fields", {})
        assert fields.keys() == named[name].get("fields", {}).keys()
        for field in named[name].get("fields", {}).values():
            assert field.keys() == {"name", "description"}


def calls(*keywords: str) -> Iterator[Any]:
    """Yield module and constant of the named keywords, of every call that has all of them."""
    for path in modules():
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.Call):
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                if given.keys() >= set(keywords):
                    yield module_id(path), node, given


def test_exceptions_have_a_message() -> None:
    messages = translation("en").get("exceptions", {})
    for module, node, given in calls("translation_domain", "translation_key"):
        key = given["translation_key"]
        if isinstance(key, ast.Constant):
            assert key.value in messages, f"{module}:{node.lineno}: {key.value!r}"


def test_issues_have_a_text() -> None:
    issues = translation("en").get("issues", {})
    for module, node, given in calls("translation_key", "severity"):
        key = given["translation_key"]
        if isinstance(key, ast.Constant):
            assert key.value in issues, f"{module}:{node.lineno}: {key.value!r}"


def test_abort_reasons_have_a_text() -> None:
    texts = translation("en")
    known = {*texts["config"]["abort"], *texts.get("options", {}).get("abort", {})}
    for issue in texts.get("issues", {}).values():
        known |= issue.get("fix_flow", {}).get("abort", {}).keys()
    for module, node, given in calls("reason"):
        reason = given["reason"]
        if isinstance(reason, ast.Constant) and "abort" in ast.unparse(node.func):
            assert reason.value in known, f"{module}:{node.lineno}: {reason.value!r}"


def test_steps_have_a_text() -> None:
    texts = translation("en")
    known = {*texts["config"]["step"], *texts.get("options", {}).get("step", {})}
    for issue in texts.get("issues", {}).values():
        known |= issue.get("fix_flow", {}).get("step", {}).keys()
    for module, node, given in calls("step_id"):
        step = given["step_id"]
        # What is shown while a step waits is found under "progress".
        if isinstance(step, ast.Constant) and "show_progress" not in ast.unparse(node.func):
            assert step.value in known, f"{module}:{node.lineno}: {step.value!r}"


@pytest.mark.parametrize("section", ["config", "options"])
def test_fields_of_steps_are_the_fields_of_the_code(section: str) -> None:
    constants = {
        node.value
        for path in modules()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    ours = {"host", "port", "username", "password", "name", "api_key", "scan_interval"}
    for step_id, step in translation("en").get(section, {}).get("step", {}).items():
        for field in step.get("data", {}):
            assert field in constants | ours, f"{section}.{step_id}.{field} is asked nowhere"
