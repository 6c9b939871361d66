"""The documentation speaks of what exists: pages, pictures, commands, fields, options, reasons."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from custom_components.hausstrom.evn import descriptions as evn_descriptions
from custom_components.hausstrom.evn.protocol.errors import Reason
from custom_components.hausstrom.kinds import KINDS

from .files import INTEGRATION, ROOT, existing, read_yaml, translation

README: Final = ROOT / "README.md"
READMES: Final = {"en": README, "de": ROOT / "README.de.md"}
DOCS: Final = ROOT / "docs"
PAGES: Final = (*READMES.values(), *sorted(DOCS.glob("*.md")))
# A row of the README's table of devices: its last cell is the guide.
DEVICE: Final = re.compile(r"^\| \*\*.*\| \[[^]]+\]\(docs/([\w.-]+)\) \|$", re.MULTILINE)
LINK: Final = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
FENCE: Final = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMAND: Final = re.compile(r"(?<![\w/])scripts/([a-z]+)(?![\w/])((?: --[a-z-]+)*)")
LARGEST_PICTURE: Final = 300_000

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
every_kind = pytest.mark.parametrize("kind", KINDS)


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    headings = HEADING.findall(FENCE.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[str]:
    """Yield where a page leads to within the repository, pictures included."""
    for pair in LINK.findall(FENCE.sub("", page.read_text())):
        link = "".join(pair)
        if not link.startswith("https://"):
            yield link


def name_of_guide(kind: str) -> str:
    """Return which of the guides in the README's table of devices tells how to set a kind up."""
    label = translation("en")["config"]["step"]["user"]["menu_options"][kind]
    named: set[str] = {
        name
        for name in DEVICE.findall(README.read_text())
        if f"**{label}**" in existing(DOCS / name).read_text()
    }
    assert len(named) == 1, f"no guide, or several, of {kind} ({label}): {named}"
    return named.pop()


def guide(kind: str) -> str:
    """Return the guide of a kind."""
    return (DOCS / name_of_guide(kind)).read_text()


def own_labels(tree: dict[str, Any], path: str, kind: str) -> set[str]:
    """Return what the fields of a kind's own steps are called."""
    return {
        label
        for step_id, step in tree[path]["step"].items()
        if step_id == kind or step_id.startswith(f"{kind}_")
        for label in step.get("data", {}).values()
    }


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert ROOT in target.parents, f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {link}"


def test_every_page_and_picture_is_shown_somewhere() -> None:
    shown = {
        (page.parent / link.partition("#")[0]).resolve() for page in PAGES for link in links(page)
    }
    there = {*DOCS.glob("*.md"), *(DOCS / "images").iterdir()}
    assert there - shown == set()


def test_pictures_are_small() -> None:
    for picture in (DOCS / "images").iterdir():
        assert picture.stat().st_size < LARGEST_PICTURE, picture.name


@every_page
def test_commands_exist(page: Path) -> None:
    for name, options in COMMAND.findall(page.read_text()):
        script = ROOT / "scripts" / name
        assert os.access(script, os.X_OK), f"{page.name}: scripts/{name}"
        # The scripts that are more than a few lines hand their options to a module.
        module = ROOT / "simulators" / f"{name}.py"
        source = (module if module.exists() else script).read_text()
        for option in options.split():
            assert re.search(rf"{option}\b", source), f"{page.name}: scripts/{name} {option}"


@every_kind
def test_readme_names_every_kind_with_a_guide(kind: str) -> None:
    english = name_of_guide(kind)
    for language, readme in READMES.items():
        label = translation(language)["config"]["step"]["user"]["menu_options"][kind]
        name = english.replace(".md", ".de.md" if language == "de" else ".md")
        assert name in DEVICE.findall(readme.read_text()), readme.name
        assert f"**{label}**" in readme.read_text(), readme.name


@pytest.mark.parametrize("language", READMES)
def test_readmes_link_to_each_other(language: str) -> None:
    others = {readme.name for readme in READMES.values()} - {READMES[language].name}
    assert others <= set(links(READMES[language]))


@every_kind
def test_guide_explains_every_field(kind: str) -> None:
    text = guide(kind)
    missing = {
        label
        for label in own_labels(translation("en"), "config", kind)
        if f"**{label}**" not in text
    }
    assert missing == set()


def test_every_option_is_explained() -> None:
    text = "".join(guide(kind) for kind in KINDS)
    for option, label in translation("en")["options"]["step"]["init"]["data"].items():
        assert f"**{label}**" in text, option


def test_every_reason_for_a_rejection_is_explained() -> None:
    text = guide("evn")
    assert [reason.value for reason in Reason if f"`{reason.value}`" not in text] == []


def test_every_entity_of_a_smart_meter_is_explained() -> None:
    text = guide("evn").replace(
        "`voltage_l1` … `voltage_l3`", "`voltage_l1` `voltage_l2` `voltage_l3`"
    )
    text = text.replace("`current_l1` … `current_l3`", "`current_l1` `current_l2` `current_l3`")
    for description in (*evn_descriptions.MEASUREMENTS, *evn_descriptions.DIAGNOSTICS):
        assert f"`{description.key}`" in text


def test_every_action_is_explained() -> None:
    pages = "".join(page.read_text() for page in PAGES)
    for action in read_yaml(INTEGRATION / "services.yaml"):
        assert f"hausstrom.{action}" in pages


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.de.md")), ids=lambda page: page.name)
def test_a_german_guide_is_whole(page: Path) -> None:
    """Beside it stands the English one, with as many of everything; the two lead to each other."""
    english = page.with_name(page.name.replace(".de.md", ".md"))
    text, other = page.read_text(), english.read_text()
    for kind in (r"^# ", r"^## ", r"^### "):
        count = [len(re.findall(kind, FENCE.sub("", t), re.MULTILINE)) for t in (text, other)]
        assert count[0] == count[1], kind
    assert len(FENCE.findall(text)) == len(FENCE.findall(other)), "blocks of code"
    for kind in (r"^\|(?: *:?-+:? *\|)+$", r"!\[|<img "):
        count = [len(re.findall(kind, FENCE.sub("", t), re.MULTILINE)) for t in (text, other)]
        assert count[0] == count[1], kind
    assert english.name in set(links(page))
    assert page.name in set(links(english))


@pytest.mark.parametrize("name", ["coming-from", "database", "examples"])
def test_code_is_the_same_in_both_languages(name: str) -> None:
    pages = [(DOCS / f"{name}{language}.md").read_text() for language in ("", ".de")]
    assert FENCE.findall(pages[0]) == FENCE.findall(pages[1])


def test_the_architecture_names_what_there_is() -> None:
    """Every module at the root has its line, and no module is named that is gone."""
    page = (DOCS / "architecture.md").read_text()
    named = set(re.findall(r"(?<![\w.*-])[\w-]+\.(?:py|js)\b", page))
    at_root = {path.name for path in INTEGRATION.glob("*.py")}
    assert at_root <= named
    there = {path.name for path in ROOT.rglob("*.[pj]*") if ".venv" not in path.parts}
    assert named <= there
