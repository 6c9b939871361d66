"""The rules of the house that a program can check."""

import ast
import os
import re
import stat
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

import homeassistant
import pytest
from homeassistant.const import Platform

from custom_components.hausstrom.config_flow import HausstromConfigFlow
from custom_components.hausstrom.kinds import _DOORS, KINDS, _load

from .files import INTEGRATION, ROOT, module_id, modules, read_json, syntax

# Pure is a path: what lies below a folder of one of these names knows no Home Assistant.
PURE: Final = {"common", "planning", "protocol"}
MAXIMUM_LINES: Final = 400
# Components that are part of Home Assistant's core, always there for everybody.
ALWAYS_THERE: Final = {
    *(platform.value for platform in Platform),
    "diagnostics",
    "homeassistant",
    "repairs",
    "system_health",
}

PURE_MODULES: Final = [
    path for path in modules() if PURE.intersection(path.relative_to(INTEGRATION).parts[:-1])
]


def imports(path: Path) -> Iterator[str]:
    """Yield the absolute names of what a module of the integration imports."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            source = ".".join(part for part in (base, node.module) if part)
            yield source
            yield from (f"{source}.{name.name}" for name in node.names)


@cache
def reaches_home_assistant(path: Path) -> str | None:
    """Return how a module comes to import Home Assistant, through others of ours; else None."""
    for name in imports(path):
        if name.partition(".")[0] in {"homeassistant", "probatio", "voluptuous"}:
            return f"{module_id(path)} → {name}"
        other = ROOT / Path(*name.split(".")).with_suffix(".py")
        if other.is_file() and other != path and (way := reaches_home_assistant(other)):
            return f"{module_id(path)} → {way}"
    return None


@pytest.mark.parametrize("path", PURE_MODULES, ids=module_id)
def test_what_lies_in_a_pure_folder_knows_no_home_assistant(path: Path) -> None:
    assert reaches_home_assistant(path) is None


def test_the_test_above_would_notice() -> None:
    assert reaches_home_assistant(INTEGRATION / "kinds.py")
    assert PURE_MODULES


# What is the world's: the time, files, the network. A pure module is given it.
WORLD: Final = {
    "ClientSession", "aiohttp.ClientSession", "asyncio.open_connection", "asyncio.sleep",
    "date.today", "datetime.now", "datetime.today", "datetime.utcnow", "monotonic", "open",
    "os.getenv", "perf_counter", "socket.create_connection", "socket.socket", "time.monotonic",
    "time.perf_counter", "time.sleep", "time.time", "urlopen",
}  # fmt: skip


def reaches_out(tree: ast.AST) -> set[str]:
    """Return the calls that ask the world: `monotonic()`, `datetime.now()`, `asyncio.sleep(1)`."""
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return calls & WORLD


@pytest.mark.parametrize("path", PURE_MODULES, ids=module_id)
def test_what_lies_in_a_pure_folder_reads_no_clock_and_opens_nothing(path: Path) -> None:
    assert reaches_out(syntax(path)) == set()


@pytest.mark.parametrize(
    "line", ["monotonic()", "time.time()", "datetime.now(UTC)", "open('x')", "asyncio.sleep(1)"]
)
def test_a_module_that_reaches_out_is_found(line: str) -> None:
    assert reaches_out(ast.parse(line))


def test_a_name_means_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for path in modules():
        for node in syntax(path).body:
            name = ""
            if isinstance(node, ast.ClassDef):
                name = node.name
            elif isinstance(node, ast.TypeAlias):
                name = node.name.id
            if name and not name.startswith("_"):
                places.setdefault(name, []).append(module_id(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def is_table(path: Path) -> bool:
    """Whether a file is a table, and as long as its subject."""
    return (
        path.name == "descriptions.py"
        or path.name.endswith("_values.py")
        or "catalogue" in path.parts
    )


@pytest.mark.parametrize(
    "path", [*modules(), *sorted((ROOT / "simulators").glob("*.py"))], ids=lambda path: path.name
)
def test_files_have_one_subject(path: Path) -> None:
    if not is_table(path):
        assert len(path.read_text().splitlines()) <= MAXIMUM_LINES


@pytest.mark.parametrize("path", modules(), ids=module_id)
def test_other_components_are_declared(path: Path) -> None:
    manifest = read_json(INTEGRATION / "manifest.json")
    declared = {*manifest.get("dependencies", ()), *manifest.get("after_dependencies", ())}
    used = {
        name.split(".")[2] for name in imports(path) if name.startswith("homeassistant.components.")
    }
    assert used <= declared | ALWAYS_THERE


@pytest.mark.parametrize("path", modules(), ids=module_id)
def test_no_annotations_from_the_future(path: Path) -> None:
    assert "__future__" not in set(imports(path))


def test_platforms_say_how_many_updates_run_at_once() -> None:
    for platform in Platform:
        path = INTEGRATION / f"{platform.value}.py"
        if path.exists():
            assert "PARALLEL_UPDATES" in path.read_text(), platform


def test_nothing_names_a_mirror_or_a_private_place() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in listed.stdout.split("\0"):
        path = ROOT / name
        if name and path.suffix != ".png" and path.is_file():
            text = path.read_text(errors="replace")
            # Put together here, lest this file find itself.
            assert "/work" + "/shared" not in text, name
            assert "deb." + "debian.org" not in text, name


@pytest.mark.parametrize(
    "name", ["setup", "develop", "test", "lint", "bench", "screenshot", "lib/debian"]
)
def test_scripts_are_programs(name: str) -> None:
    path = ROOT / "scripts" / name
    assert path.stat().st_mode & stat.S_IXUSR
    assert path.read_text().startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", os.fspath(path)], check=True)


# --- one of each ------------------------------------------------------------------------

OURS: Final = "custom_components.hausstrom"
FOLDERS: Final = [f"{OURS}{door.removesuffix('.kind')}" for door in _DOORS.values()]


def importers(name: str) -> set[str]:
    """Return which modules of the integration import something of a library's module."""
    return {
        module_id(path)
        for path in modules()
        if any(found == name or found.startswith(f"{name}.") for found in imports(path))
    }


def test_there_is_one_back_off() -> None:
    """Jitter needs chance, doubling a power of two: both are where the only back-off is."""
    assert importers("random") == {"common/backoff.py"}
    doubling = {
        module_id(path)
        for path in modules()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Pow)
        and isinstance(node.left, ast.Constant)
        and node.left.value == 2
        and not isinstance(node.right, ast.Constant)
    }
    assert doubling == {"common/backoff.py"}


def test_there_is_one_store() -> None:
    assert importers("homeassistant.helpers.storage") == {"storage.py"}


def test_there_is_one_slug() -> None:
    assert importers("homeassistant.util.slugify") == set()
    defined = {
        f"{module_id(path)} {node.name}"
        for path in modules()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef) and node.name in {"slug", "slugify", "to_slug"}
    }
    assert defined == {"common/slug.py slug"}
    # Whatever it is called: what a key may consist of is said once.
    said = [module_id(path) for path in modules() if "[^a-z0-9]" in path.read_text()]
    assert said == ["common/slug.py"]


def at_run_time(path: Path) -> set[str]:
    """Return what a module imports when it runs: not what only the types need."""
    tree = syntax(path)
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    package = path.relative_to(ROOT).parent.parts
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and id(node) not in for_types:
            base = ".".join(package[: len(package) - node.level + 1])
            source = ".".join(part for part in (base, node.module) if part)
            found |= {source, *(f"{source}.{name.name}" for name in node.names)}
    return found


def test_no_module_imports_itself_by_way_of_others() -> None:
    """A circle loads or not, depending on who is imported first; for types alone there may be one."""

    def begins_with(path: Path) -> Iterator[Path]:
        for name in at_run_time(path):
            other = ROOT / Path(*name.split(".")).with_suffix(".py")
            if other.is_file() and other != path:
                yield other

    following = {path: set(begins_with(path)) for path in modules()}
    # Whoever imports nobody (any more) is in no circle.
    while free := [path for path, others in following.items() if not others & following.keys()]:
        for path in free:
            del following[path]
    assert sorted(map(module_id, following)) == []


@pytest.mark.parametrize("path", modules(), ids=module_id)
def test_nobody_reaches_into_a_kind_that_is_not_their_own(path: Path) -> None:
    """Its door is loaded by name; what three ways to a SENEC share lies beside them."""
    own = ".".join(path.relative_to(ROOT).parent.parts)
    foreign = [
        name
        for name in imports(path)
        for folder in FOLDERS
        if f"{name}.".startswith(f"{folder}.") and not f"{own}.".startswith(f"{folder}.")
    ]
    assert foreign == []


def test_flows_import_no_coordinator() -> None:
    """What a flow leads to, with all that this imports, is no coordinator of a kind."""

    def reached(path: Path, seen: set[Path]) -> set[Path]:
        for name in at_run_time(path):
            other = ROOT / Path(*name.split(".")).with_suffix(".py")
            if other.is_file() and other not in seen:
                seen.add(other)
                reached(other, seen)
        return seen

    flows = [path for path in modules() if path.name == "flow.py" and path.parent != INTEGRATION]
    assert len(flows) == len(_DOORS)
    for flow in flows:
        assert not [
            module_id(path)
            for path in reached(flow, set())
            if path.name.endswith("coordinator.py") and path.parent != INTEGRATION
        ], flow


def test_nothing_at_the_root_is_called_like_a_platform_that_home_assistant_loads() -> None:
    """A module `energy.py` of an integration is loaded as its energy platform, and so on."""
    components = Path(homeassistant.__file__).parent / "components"
    wants = re.compile(r"async_process_integration_platforms\(\s*hass,\s*DOMAIN")
    loaded = {
        folder.name
        for folder in components.iterdir()
        if folder.is_dir()
        and any(wants.search(module.read_text(errors="replace")) for module in folder.glob("*.py"))
    }
    assert {"energy", "logbook"} < loaded, "the search finds nothing any more"
    at_root = {path.stem for path in INTEGRATION.glob("*.py")} | {
        path.name for path in INTEGRATION.iterdir() if path.is_dir()
    }
    assert at_root & loaded <= ALWAYS_THERE


def test_transports_are_held_and_not_inherited() -> None:
    """No class of ours inherits two of ours that have state; a row inherits what all rows say."""
    doubles = {
        f"{module_id(path)} {node.name}"
        for path in modules()
        for node in syntax(path).body
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Coordinator", "Link"))
        if len(node.bases) > 1
    }
    assert doubles == set()


@pytest.mark.parametrize("kind", KINDS)
def test_what_can_be_clicked_says_what_it_writes(kind: str) -> None:
    """A platform that takes something of a user has a row with `write`."""
    reading = {"sensor", "binary_sensor", "device_tracker", "event"}
    for platform in _load(kind).platforms:
        module = import_module(f"{OURS}.{platform.value}")
        rows = [
            value
            for name, value in vars(module).items()
            if name.startswith("Hausstrom") and name.endswith("Description")
        ]
        assert rows, platform
        for row in rows:
            says = {name for part in row.__mro__ for name in getattr(part, "__annotations__", ())}
            assert ("write" in says) is (platform.value not in reading), row


def test_the_flows_of_six_kinds_share_no_steps() -> None:
    """Home Assistant's flow knows the menu and the ways to a kind; a step belongs to a kind."""
    own = {name for name in vars(HausstromConfigFlow) if name.startswith("async_step_")}
    assert own == {
        f"async_step_{name}" for name in ("user", "ssdp", "dhcp", "reconfigure", "reauth")
    }
    flows = [_load(kind).set_up.load().flow for kind in KINDS]
    assert len(set(flows)) == len(KINDS)
    for flow in flows:
        assert not any(issubclass(flow, other) for other in flows if other is not flow)
        assert not issubclass(flow, HausstromConfigFlow)


def test_kinds_knows_names_and_no_code() -> None:
    kinds = INTEGRATION / "kinds.py"
    assert len(_DOORS) == len(set(_DOORS.values()))
    assert not [name for name in at_run_time(kinds) if any(name.startswith(f) for f in FOLDERS)]
