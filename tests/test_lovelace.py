"""The dashboard's module: served, registered once, in the version that runs, and taken back."""

import re
import shutil
import subprocess
from collections import Counter
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.hausstrom.boards import (
    BOARD_ISSUE,
    async_add_board,
    async_has_board,
    async_refresh_boards,
)
from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.frontend_files import (
    BASE_URL,
    FOLDER,
    MODULE,
    Files,
    bare,
    joined,
)
from custom_components.hausstrom.lovelace import (
    MODULE_URL,
    YAML_ISSUE,
    async_add_module,
    async_remove_module,
)

RESOURCES = "lovelace_resources"
IMPORT: Final = re.compile(r'import (?:\{[^}]+\} from )?"\./[\w-]+\.js";')


async def start(hass: HomeAssistant, lovelace: dict[str, Any] | None = None) -> None:
    """Set up what Home Assistant's frontend needs of the backend."""
    with patch("homeassistant.components.onboarding.async_is_onboarded", return_value=True):
        assert await async_setup_component(hass, "http", {})
        assert await async_setup_component(hass, "websocket_api", {})
        hass.config.components |= {"frontend"}
        assert await async_setup_component(hass, "lovelace", {"lovelace": lovelace or {}})
    await hass.async_block_till_done()


def items(hass: HomeAssistant) -> list[dict[str, str]]:
    return list(hass.data["lovelace"].resources.async_items())


@pytest.fixture(autouse=True)
def no_panels() -> Any:
    with (
        patch("homeassistant.components.frontend.async_register_built_in_panel"),
        patch("homeassistant.components.lovelace._async_ensure_default_panel"),
    ):
        yield


def url_of_this_version() -> str:
    return f"{BASE_URL}/{Files.load().version}/{MODULE}"


async def test_it_is_served_and_registered_once(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await start(hass)
    await async_add_module(hass)
    await async_add_module(hass)
    (item,) = items(hass)
    assert (item["type"], item["url"]) == ("module", url_of_this_version())
    client = await hass_client_no_auth()
    response = await client.get(item["url"])
    assert response.status == HTTPStatus.OK
    assert "javascript" in response.content_type
    assert "ll-strategy-dashboard-hausstrom" in await response.text()


async def test_every_module_is_served_compressed_and_to_be_kept(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await start(hass)
    await async_add_module(hass)
    client = await hass_client_no_auth()
    base = url_of_this_version().removesuffix(MODULE)
    for file in FOLDER.glob("*.js"):
        response = await client.get(base + file.name, headers={"Accept-Encoding": "gzip"})
        assert response.headers["Content-Encoding"] == "gzip"
        assert "immutable" in response.headers["Cache-Control"]
        served = (await response.read()).decode()  # the client unpacks it
        if file.name != MODULE:
            assert served == bare(file.read_text())
    plain = await client.get(base + MODULE, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    again = await client.get(base + MODULE, headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status == HTTPStatus.NOT_MODIFIED


@pytest.mark.parametrize(
    "path", [MODULE, f"{MODULE}?v=0.1.0", f"0123456789ab/{MODULE}", "0123456789ab/home.js"]
)
async def test_a_page_of_another_version_gets_what_runs_and_does_not_keep_it(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator, path: str
) -> None:
    await start(hass)
    await async_add_module(hass)
    response = await (await hass_client_no_auth()).get(f"{BASE_URL}/{path}")
    assert response.status == HTTPStatus.OK
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["nothing.js", "x/nothing.js", "x/..%2Fmanifest.json", "x/y/z.js"])
async def test_nothing_else_is_served(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator, path: str
) -> None:
    await start(hass)
    await async_add_module(hass)
    response = await (await hass_client_no_auth()).get(f"{BASE_URL}/{path}")
    assert response.status in {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}


def test_a_page_is_sent_little() -> None:
    # The first module brings all others, so this is all that a page asks for.
    files = Files.load()
    assert len(files.plain[MODULE]) <= 80_000
    assert len(files.packed[MODULE]) <= 25_000


async def test_a_page_needs_one_request(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await start(hass)
    await async_add_module(hass)
    response = await (await hass_client_no_auth()).get(url_of_this_version())
    served = await response.text()
    assert not re.search(r"^(import|export) ", served, re.MULTILINE)
    for file in FOLDER.glob("*.js"):
        for line in bare(file.read_text()).splitlines():
            if not line.startswith("import "):
                assert line.removeprefix("export ") in served, file.name


@pytest.mark.skipif(not shutil.which("node"), reason="there is no node")
def test_what_is_joined_is_one_module(tmp_path: Path) -> None:
    # Node takes no name twice, and no import that stands nowhere.
    whole = tmp_path / "joined.mjs"
    whole.write_bytes(Files.load().plain[MODULE])
    subprocess.run(["node", "--check", whole], check=True)


def test_modules_can_be_joined() -> None:
    names: Counter[str] = Counter()
    for file in FOLDER.glob("*.js"):
        source = file.read_text()
        imports = re.findall(r"^import\b.*$", source, re.MULTILINE)
        assert all(IMPORT.fullmatch(line) and " as " not in line for line in imports), file.name
        assert not re.search(r"^export (default|\{|\*)|\bimport\(", source, re.MULTILINE), file.name
        names.update(
            re.findall(
                r"^(?:export )?(?:async )?(?:const|function|class) (\w+)", source, re.MULTILINE
            )
        )
        for group in re.findall(r"^(?:export )?const [\[{]([^\]}]+)[\]}] = ", source, re.MULTILINE):
            names.update(name.strip() for name in group.split(","))
    assert [name for name, count in names.items() if count > 1] == []
    # What a browser has under such a name would be ours, in every module.
    for file in FOLDER.glob("*.js"):
        source = file.read_text()
        for name in names.keys() & {"history", "escape", "name", "top", "open", "status", "find"}:
            if not re.search(rf"^(?:import|export)\b.*\b{name}\b", source, re.MULTILINE):
                assert not re.search(rf"(?<![.\w]){name}\(", source), (file.name, name)


def test_a_module_comes_after_what_it_needs() -> None:
    modules = {
        "a.js": 'import { b } from "./b.js";\nimport "./c.js";\nb();\n',
        "b.js": 'import { c } from "./c.js";\n\nexport const b = () => c;\n',
        "c.js": "export class c {}\nexport async function d() {}\n",
    }
    assert (
        joined(modules, "a.js") == "class c {}\nasync function d() {}\nconst b = () => c;\nb();\n"
    )


@pytest.mark.parametrize(
    ("source", "served"),
    [
        ("/** One. */\nlet a;", "\nlet a;\n"),
        ("\t/**\n\t * Two,\n\t * lines.\n\t */\n\tlet a;", "\n\n\n\nlet a;\n"),
        ("\t// A reason.\n\tlet a; // stays", "\nlet a; // stays\n"),
        ("/** @type {any} */ (a).b();", "/** @type {any} */ (a).b();\n"),
        ("const a = /** @type {any} */ (b);", "const a = /** @type {any} */ (b);\n"),
        ("a(`<b>\n\t/c\n`);", "a(`<b>\n/c\n`);\n"),
    ],
)
def test_a_page_is_sent_code_each_line_where_it_stands(source: str, served: str) -> None:
    assert bare(source) == served


def test_nothing_but_comments_is_left_out() -> None:
    for file in FOLDER.glob("*.js"):
        source = file.read_text().splitlines()
        served = bare(file.read_text()).splitlines()
        assert len(source) == len(served)
        for line, kept in zip(source, served, strict=True):
            assert kept == line.strip() or line.strip().startswith(("//", "/*", "*")), line


async def test_an_old_version_is_replaced_and_others_stay(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    hass_storage[RESOURCES] = {
        "version": 1,
        "data": {
            "items": [
                {"id": "a", "type": "module", "url": "/hacsfiles/other.js"},
                {"id": "b", "type": "module", "url": f"{MODULE_URL}?v=0.0.1"},
                {"id": "c", "type": "module", "url": MODULE_URL},
                {"id": "d", "type": "module", "url": f"{BASE_URL}/0123456789ab/{MODULE}"},
                {"id": "e", "type": "module", "url": "/local/hausstrom-strategy.js"},
            ]
        },
    }
    await start(hass)
    await async_add_module(hass)
    assert [(item["id"], item["url"]) for item in items(hass)] == [
        ("a", "/hacsfiles/other.js"),
        ("b", url_of_this_version()),
        ("e", "/local/hausstrom-strategy.js"),
    ]


async def test_it_is_taken_back(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    hass_storage[RESOURCES] = {
        "version": 1,
        "data": {"items": [{"id": "a", "type": "module", "url": "/hacsfiles/other.js"}]},
    }
    await start(hass)
    await async_add_module(hass)
    assert len(items(hass)) == 2
    await async_remove_module(hass)
    assert [item["id"] for item in items(hass)] == ["a"]


async def test_who_keeps_resources_in_yaml_is_told(hass: HomeAssistant) -> None:
    await start(hass, {"resource_mode": "yaml", "resources": []})
    await async_add_module(hass)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, YAML_ISSUE)
    assert issue is not None
    assert issue.translation_placeholders == {"url": MODULE_URL}
    await async_remove_module(hass)
    assert ir.async_get(hass).async_get_issue(DOMAIN, YAML_ISSUE) is None


async def test_who_has_it_in_yaml_is_not_told(hass: HomeAssistant) -> None:
    await start(
        hass, {"resource_mode": "yaml", "resources": [{"url": MODULE_URL, "type": "module"}]}
    )
    await async_add_module(hass)
    assert ir.async_get(hass).async_get_issue(DOMAIN, YAML_ISSUE) is None


async def test_without_a_web_server_nothing_is_done(hass: HomeAssistant) -> None:
    await async_add_module(hass)
    await async_remove_module(hass)


async def test_without_lovelace_it_is_served_only(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "http", {})
    await async_add_module(hass)
    hass.data["lovelace"] = object()
    await async_add_module(hass)


async def test_another_interface_is_no_failure(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    await start(hass)
    with patch.object(
        hass.data["lovelace"].resources, "async_create_item", side_effect=TypeError("changed")
    ):
        await async_add_module(hass)
    assert "could not be registered" in caplog.text
    await async_add_module(hass)
    with patch.object(
        hass.data["lovelace"].resources, "async_delete_item", side_effect=TypeError("changed")
    ):
        await async_remove_module(hass)
    assert "could not be unregistered" in caplog.text


# --- dashboards that use it -----------------------------------------------------------


OURS = {"strategy": {"type": "custom:hausstrom"}}


async def board(hass: HomeAssistant, url: str | None) -> Any:
    return await hass.data["lovelace"].dashboards[url].async_load(False)


async def test_a_dashboard_is_added_once(hass: HomeAssistant) -> None:
    await start(hass)
    assert not await async_has_board(hass)
    assert await async_add_board(hass)
    assert await async_add_board(hass)
    assert await async_has_board(hass)
    assert await board(hass, "hausstrom-home") == OURS
    assert set(hass.data["lovelace"].dashboards) & {"hausstrom-home-2"} == set()


async def test_a_dashboard_of_the_same_address_stays(hass: HomeAssistant) -> None:
    await start(hass)
    await async_add_board(hass)
    await hass.data["lovelace"].dashboards["hausstrom-home"].async_save({"views": []})
    assert await async_add_board(hass)
    assert await board(hass, "hausstrom-home") == {"views": []}
    assert await board(hass, "hausstrom-home-2") == OURS


async def test_another_interface_of_dashboards_is_no_failure(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    await start(hass)
    hass.data["websocket_api"].pop("lovelace/dashboards/create")
    assert not await async_add_board(hass)
    assert "could not be added" in caplog.text


async def test_without_lovelace_no_dashboard_is_added(hass: HomeAssistant) -> None:
    assert not await async_add_board(hass)
    assert not await async_has_board(hass)


@pytest.mark.parametrize("url", [None, "hausstrom-home"])
async def test_a_dashboard_says_when_the_last_device_is_gone_and_comes_back(
    hass: HomeAssistant, url: str | None
) -> None:
    await start(hass)
    await async_add_board(hass)
    mine = {**OURS, "title": "Mein Haus"}
    await hass.data["lovelace"].dashboards[url].async_save(mine)
    await async_remove_module(hass)
    left = await board(hass, url)
    assert "strategy" not in left
    assert "Hausstrom is no longer installed" in left["views"][0]["cards"][0]["content"]
    assert items(hass) == []
    assert ir.async_get(hass).issues == {}
    await async_add_module(hass)
    assert await board(hass, url) == mine


async def test_pages_that_show_it_are_built_again(hass: HomeAssistant) -> None:
    await start(hass)
    await async_add_board(hass)
    events = async_capture_events(hass, "lovelace_updated")
    await async_refresh_boards(hass)
    await hass.async_block_till_done()
    assert [event.data for event in events] == [{"url_path": "hausstrom-home"}]


async def test_other_dashboards_stay_as_they_are(hass: HomeAssistant) -> None:
    await start(hass)
    other = {"strategy": {"type": "custom:other"}, "hausstrom": 1}
    await hass.data["lovelace"].dashboards[None].async_save(other)
    await async_remove_module(hass)
    await async_add_module(hass)
    assert await board(hass, None) == other


async def test_a_dashboard_in_yaml_is_named(hass: HomeAssistant, tmp_path: Any) -> None:
    file = tmp_path / "home.yaml"
    file.write_text("strategy:\n  type: custom:hausstrom\n")
    await start(
        hass,
        {"dashboards": {"my-home": {"mode": "yaml", "filename": str(file), "title": "Mein Haus"}}},
    )
    await async_remove_module(hass)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, BOARD_ISSUE)
    assert issue is not None
    assert issue.is_persistent
    assert issue.translation_placeholders == {"dashboards": "Mein Haus"}
    await async_add_module(hass)
    assert ir.async_get(hass).async_get_issue(DOMAIN, BOARD_ISSUE) is None
