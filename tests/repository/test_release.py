"""A release is the same bytes for the same commit, and what is asked for stands in the repository."""

import hashlib
import io
import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from scripts.lib import release_zip
from scripts.lib.release_zip import (
    ReleaseError,
    build,
    files_of_commit,
    notes_of,
    pack,
    with_version,
)

from .files import INTEGRATION, ROOT, read_json, read_yaml

FILES = {
    "manifest.json": b'{"domain": "hausstrom", "version": "0.0.0"}',
    "sensor.py": b"# values\n",
    "brand/icon.png": b"\x89PNG",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with one commit, and one file that nobody added."""
    for name, content in FILES.items():
        path = tmp_path / release_zip.FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## 1.2.3\n\n- Better.\n\n## 1.2.2\n\n- Old.\n"
    )
    (tmp_path / "README.md").write_text("A project\n")
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "First"], check=True)
    (tmp_path / release_zip.FOLDER / "secret.txt").write_text("of the working copy\n")
    return tmp_path


def test_the_same_bytes_twice_and_in_any_order() -> None:
    assert pack(FILES) == pack(dict(reversed(FILES.items())))


def test_one_byte_more_is_another_zip() -> None:
    assert pack(FILES) != pack({**FILES, "sensor.py": b"# values\n\n"})


def test_a_build_is_reproducible(repository: Path, tmp_path: Path) -> None:
    first = build(repository, "v1.2.3", tmp_path / "first")
    for path in (repository / release_zip.FOLDER).iterdir():
        path.touch()  # a later check-out
    assert build(repository, "v1.2.3", tmp_path / "second") == first
    content = (tmp_path / "first" / "hausstrom.zip").read_bytes()
    assert content == (tmp_path / "second" / "hausstrom.zip").read_bytes()
    assert hashlib.sha256(content).hexdigest() == first
    assert (tmp_path / "first" / "hausstrom.zip.sha256").read_text() == f"{first}  hausstrom.zip\n"
    assert (tmp_path / "first" / "notes.md").read_text() == "- Better.\n"


def test_the_zip_holds_what_was_committed_with_the_version_of_the_tag(
    repository: Path, tmp_path: Path
) -> None:
    build(repository, "v1.2.3", tmp_path / "dist")
    with zipfile.ZipFile(tmp_path / "dist" / "hausstrom.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(FILES)
        assert json.loads(archive.read("manifest.json"))["version"] == "1.2.3"
        assert archive.read("brand/icon.png") == FILES["brand/icon.png"]


def test_two_builds_that_differ_are_no_release(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = iter([{"manifest.json": b"{}"}, {"manifest.json": b"{}", "more": b""}])
    monkeypatch.setattr(release_zip, "files_of_commit", lambda root: next(contents))
    with pytest.raises(ReleaseError, match="differ"):
        build(repository, "v1.2.3", tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize("version", ["1.2", "latest", "v1.2.3/../..", ""])
def test_a_tag_that_is_no_version(repository: Path, tmp_path: Path, version: str) -> None:
    with pytest.raises(ReleaseError, match="is no version"):
        build(repository, version, tmp_path / "dist")


def test_a_version_without_notes(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"no section 9\.9\.9"):
        build(repository, "v9.9.9", tmp_path / "dist")


def test_the_command(
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(release_zip, "ROOT", repository)
    assert release_zip.main(["v1.2.3", "--out", str(tmp_path / "dist")]) == 0
    assert "hausstrom.zip" in capsys.readouterr().out
    assert release_zip.main(["v9.9.9", "--out", str(tmp_path / "dist")]) == 1
    assert "CHANGELOG.md" in capsys.readouterr().err


def test_this_commit_can_be_released() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a check-out")
    version = read_json(INTEGRATION / "manifest.json")["version"]
    content = pack(with_version(files_of_commit(ROOT), version))
    names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    assert {"__init__.py", "manifest.json", "translations/de.json", "brand/icon.png"} <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_the_changelog_knows_the_version_of_the_manifest() -> None:
    version = read_json(INTEGRATION / "manifest.json")["version"]
    assert notes_of((ROOT / "CHANGELOG.md").read_text(), version)


def test_the_release_is_built_by_the_script_and_attested() -> None:
    job = read_yaml(ROOT / ".github" / "workflows" / "release.yml")["jobs"]["zip"]
    assert job["permissions"] == {"contents": "write", "id-token": "write", "attestations": "write"}
    steps = [step.get("uses", step.get("run", "")) for step in job["steps"]]
    (built,) = [i for i, step in enumerate(steps) if step.startswith("scripts/release")]
    (attested,) = [i for i, step in enumerate(steps) if "attest-build-provenance@" in step]
    (attached,) = [i for i, step in enumerate(steps) if step.startswith("gh release upload")]
    assert built < attested < attached
    assert job["steps"][attested]["with"]["subject-path"] == f"dist/{release_zip.NAME}"


def test_dependencies_are_updated() -> None:
    updates = read_yaml(ROOT / ".github" / "dependabot.yml")["updates"]
    folders = {update["package-ecosystem"]: update["directory"] for update in updates}
    assert folders.keys() == {"pip", "npm", "github-actions", "devcontainers"}


def test_no_fault_that_is_known_in_a_requirement() -> None:
    """CVE-2018-15560 ended with pycryptodome 3.6.6, CVE-2023-52323 with 3.19.1."""
    requirements = read_json(INTEGRATION / "manifest.json")["requirements"]
    (floor,) = [r.partition(">=")[2] for r in requirements if r.startswith("pycryptodome")]
    assert tuple(map(int, floor.split("."))) >= (3, 19, 1)


@pytest.mark.parametrize("name", ["problem", "device"])
def test_issue_forms_ask_for_diagnostics(name: str) -> None:
    form = read_yaml(ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml")
    asked = {field.get("id"): field for field in form["body"]}
    assert "Download diagnostics" in asked["diagnostics"]["attributes"]["description"]
    assert asked["diagnostics"]["validations"]["required"] is True


@pytest.mark.parametrize("name", ["SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_files_that_people_look_for(name: str) -> None:
    text = (ROOT / name).read_text()
    assert text.startswith("# ")
    assert not re.search(r"TODO|TBD|placeholder", text)
