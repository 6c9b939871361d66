"""What hassfest asks of translations, and that all languages say the same."""

import re
from typing import Any, Final

import pytest

from .files import LANGUAGES, PLACEHOLDER, SLUG, texts, translation

SECTIONS: Final = {
    "title",
    "common",
    "conditions",
    "config",
    "config_panel",
    "config_subentries",
    "device",
    "device_automation",
    "entity",
    "entity_component",
    "exceptions",
    "issues",
    "options",
    "selector",
    "services",
    "system_health",
    "triggers",
}
FLOW: Final = {"step", "error", "abort", "progress", "create_entry", "flow_title", "title"}
STEP: Final = {
    "title",
    "description",
    "data",
    "data_description",
    "menu_options",
    "menu_option_descriptions",
    "submit",
    "sections",
}
ENTITY: Final = {"name", "state", "state_attributes", "unit_of_measurement"}


def flows(tree: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the parts that are flows: of config, options, repairs."""
    found = [(name, tree[name]) for name in ("config", "options") if name in tree]
    return found + [
        (f"issues.{name}", issue["fix_flow"])
        for name, issue in tree.get("issues", {}).items()
        if "fix_flow" in issue
    ]


@pytest.fixture(params=LANGUAGES)
def tree(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the texts of each language in turn."""
    content: dict[str, Any] = translation(request.param)
    return content


def test_sections(tree: dict[str, Any]) -> None:
    assert tree.keys() <= SECTIONS
    for name, flow in flows(tree):
        assert flow.keys() <= FLOW, name
        for step_id, step in flow.get("step", {}).items():
            assert step.keys() <= STEP, f"{name}.{step_id}"
    for name, issue in tree.get("issues", {}).items():
        assert issue.keys() in ({"title", "description"}, {"title", "fix_flow"}), name
    for name, exception in tree.get("exceptions", {}).items():
        assert exception.keys() == {"message"}, name
    for platform, entities in tree.get("entity", {}).items():
        for key, entity in entities.items():
            assert entity.keys() <= ENTITY, f"entity.{platform}.{key}"


def test_described_fields_exist(tree: dict[str, Any]) -> None:
    for name, flow in flows(tree):
        for step_id, step in flow.get("step", {}).items():
            described = step.get("data_description", {}).keys()
            assert described <= step.get("data", {}).keys(), f"{name}.{step_id}"
            described = step.get("menu_option_descriptions", {}).keys()
            assert described <= step.get("menu_options", {}).keys(), f"{name}.{step_id}"


def test_every_field_is_described(tree: dict[str, Any]) -> None:
    for name, flow in flows(tree):
        for step_id, step in flow.get("step", {}).items():
            assert step.get("data", {}).keys() == step.get("data_description", {}).keys(), (
                f"{name}.{step_id}"
            )


def test_keys_are_slugs(tree: dict[str, Any]) -> None:
    for path, _ in texts(tree):
        for part in path.split("."):
            assert SLUG.fullmatch(part), path


def test_texts(tree: dict[str, Any]) -> None:
    for path, text in texts(tree):
        assert isinstance(text, str), path
        assert text, f"{path} is empty"
        assert text == text.strip(), f"{path} begins or ends with a blank"
        assert not re.search(r"</?[a-zA-Z]", text), f"{path}: no HTML"
        assert not re.search(r"(https?|ftp)://|www\.", text), f"{path}: addresses are placeholders"
        assert not re.search(r"'{\w+}'", text), f"{path}: no quotes around placeholders"
        assert "[%key:" not in text, f"{path}: references work in core only"
        braces = PLACEHOLDER.sub("", text)
        assert "{" not in braces, f"{path}: a brace without its other half"
        assert "}" not in braces, f"{path}: a brace without its other half"


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_languages_say_the_same(language: str) -> None:
    english = dict(texts(translation("en")))
    other = dict(texts(translation(language)))
    assert other.keys() == english.keys()
    assert list(other) == list(english), "the order differs"
    for path, text in english.items():
        assert sorted(PLACEHOLDER.findall(other[path])) == sorted(PLACEHOLDER.findall(text)), path


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_long_texts_are_translated(language: str) -> None:
    english = dict(texts(translation("en")))
    other = dict(texts(translation(language)))
    copied = [path for path, text in english.items() if len(text) > 40 and other[path] == text]
    assert copied == []
