"""What hassfest asks of a manifest, and HACS of a repository."""

import re
import struct
from pathlib import Path
from typing import Any, Final

import pytest
from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration

from .files import INTEGRATION, ROOT, existing, read_json

REQUIRED: Final = {
    "domain",
    "name",
    "codeowners",
    "config_flow",
    "documentation",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "requirements",
    "version",
}
ALLOWED: Final = REQUIRED | {
    "after_dependencies",
    "bluetooth",
    "dependencies",
    "dhcp",
    "homekit",
    "import_executor",
    "loggers",
    "mqtt",
    "quality_scale",
    "single_config_entry",
    "ssdp",
    "usb",
    "zeroconf",
}
HACS_KEYS: Final = {
    "name",
    "content_in_root",
    "country",
    "filename",
    "hacs",
    "hide_default_branch",
    "homeassistant",
    "persistent_directory",
    "zip_release",
}
BRAND: Final = {"icon": (256, 256), "logo": (None, 128)}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """Return the manifest."""
    content: dict[str, Any] = read_json(INTEGRATION / "manifest.json")
    return content


def test_manifest_has_what_it_needs_and_nothing_else(manifest: dict[str, Any]) -> None:
    assert manifest.keys() >= REQUIRED
    assert manifest.keys() <= ALLOWED


def test_manifest_is_sorted(manifest: dict[str, Any]) -> None:
    keys = list(manifest)
    assert keys == ["domain", "name", *sorted(keys[2:])]


def test_manifest_values(manifest: dict[str, Any]) -> None:
    assert manifest["domain"] == INTEGRATION.name
    assert manifest["name"] == "Hausstrom"
    assert manifest["config_flow"] is True
    assert manifest["integration_type"] in {"hub", "device", "service"}
    assert manifest["iot_class"] in {"local_push", "local_polling", "cloud_polling", "cloud_push"}
    assert manifest["codeowners"]
    assert all(owner.startswith("@") for owner in manifest["codeowners"])
    for address in ("documentation", "issue_tracker"):
        assert re.fullmatch(r"https://[^ ]+", manifest[address])
        assert "home-assistant.io" not in manifest[address]


def test_version_is_one_that_home_assistant_accepts(manifest: dict[str, Any]) -> None:
    AwesomeVersion(
        manifest["version"],
        ensure_strategy=[AwesomeVersionStrategy.SEMVER, AwesomeVersionStrategy.CALVER],
    )


def test_version_is_the_projects(manifest: dict[str, Any]) -> None:
    assert f'version = "{manifest["version"]}"' in (ROOT / "pyproject.toml").read_text()


def test_requirements_are_tested_with_what_the_manifest_allows(manifest: dict[str, Any]) -> None:
    tested = (ROOT / "requirements_test.txt").read_text().splitlines()
    for requirement in manifest["requirements"]:
        assert requirement in tested


async def test_home_assistant_accepts_the_manifest(hass: HomeAssistant) -> None:
    integration = await async_get_integration(hass, INTEGRATION.name)
    assert integration.file_path == INTEGRATION


def test_hacs_file(manifest: dict[str, Any]) -> None:
    hacs = read_json(ROOT / "hacs.json")
    assert hacs.keys() <= HACS_KEYS
    assert hacs["name"] == manifest["name"]
    assert AwesomeVersion(hacs["homeassistant"]) >= "2026.10.0"
    assert hacs.get("zip_release", False) is ("filename" in hacs)


def test_hacs_finds_one_integration_a_readme_and_a_licence() -> None:
    folders = [path for path in (ROOT / "custom_components").iterdir() if path.name[0] not in "._"]
    assert folders == [INTEGRATION]
    assert "MIT License" in (ROOT / "LICENSE").read_text()
    assert existing(ROOT / "README.md").read_text().startswith(("#", "<"))


@pytest.mark.parametrize("name", ["icon", "dark_icon", "logo", "dark_logo"])
@pytest.mark.parametrize(("suffix", "scale"), [("", 1), ("@2x", 2)])
def test_brand(name: str, suffix: str, scale: int) -> None:
    width, height = png_size(INTEGRATION / "brand" / f"{name}{suffix}.png")
    wanted_width, wanted_height = BRAND[name.removeprefix("dark_")]
    assert height == wanted_height * scale
    if wanted_width is None:
        assert width > height
    else:
        assert width == wanted_width * scale
    assert (ROOT / "docs" / "brand" / f"{name}.svg").exists()


def png_size(path: Path) -> tuple[int, int]:
    """Return width and height that a PNG's first chunk tells."""
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return width, height
