"""What a person reads: texts in every language, with their placeholders filled."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeassistant.helpers.issue_registry import IssueEntry

import custom_components.hausstrom as integration

LANGUAGES = ("en", "de", "it", "ro")


@cache
def translations(language: str) -> dict[str, Any]:
    folder = Path(str(integration.__file__)).parent / "translations"
    return json.loads((folder / f"{language}.json").read_text())  # type: ignore[no-any-return]  # one tree


def filled(text: str, placeholders: Mapping[str, str] | None) -> str:
    """Fill in; raises KeyError for what is missing."""
    said = text.format(**(placeholders or {}))
    assert "{" not in said
    assert "  " not in said, f"a placeholder is empty: {said}"
    assert "( " not in said
    return said


def form_says(result: Mapping[str, Any]) -> dict[str, str]:
    """Return what a form says of its errors, by language; every other text of it is filled too."""
    said = {}
    for language in LANGUAGES:
        config = translations(language)["config"]
        step = config["step"][result["step_id"]]
        for key in ("title", "description"):
            if key in step:
                filled(step[key], result["description_placeholders"])
        said[language] = " ".join(
            filled(config["error"][error], result["description_placeholders"])
            for error in result["errors"].values()
        )
    assert len(set(said.values())) == len(LANGUAGES) or not result["errors"]
    return said


def issue_says(issue: IssueEntry) -> dict[str, str]:
    """Return title and description of an issue, by language."""
    said = {}
    for language in LANGUAGES:
        text = translations(language)["issues"][issue.translation_key]
        said[language] = "\n".join(
            filled(text[key], issue.translation_placeholders) for key in ("title", "description")
        )
    assert len(set(said.values())) == len(LANGUAGES)
    return said
