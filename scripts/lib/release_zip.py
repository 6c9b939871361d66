"""The zip of a release: the same bytes for the same commit and version, on any machine.

Only what git has goes in, in a fixed order, with one time, one mode and without compression:
compressors differ between machines, and an attested file should be one that anybody can build again.
"""

import argparse
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "custom_components/hausstrom"
NAME = "hausstrom.zip"
# The earliest that a zip can hold: when a file was checked out says nothing.
TIME = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644 << 16
UNIX = 3
VERSION = re.compile(r"v?(\d+\.\d+\.\d+(?:(?:a|b|rc|-beta\.)\d+)?)")


class ReleaseError(Exception):
    """What stands against a release; the message says what to do."""

    def __init__(self, subject: str, problem: str) -> None:
        """Take what it is about, and what is wrong with it."""
        super().__init__(f"{subject} {problem}")


def files_of_commit(root: Path, commit: str = "HEAD") -> dict[str, bytes]:
    """Return the integration's files as a commit has them, by their path within it."""
    archive = subprocess.run(
        ["git", "archive", "--format=tar", commit, FOLDER],
        cwd=root,
        check=True,
        capture_output=True,
    ).stdout
    files = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None:
                files[member.name.removeprefix(f"{FOLDER}/")] = content.read()
    return files


def with_version(files: Mapping[str, bytes], version: str) -> dict[str, bytes]:
    """Return the files with the version in the manifest."""
    manifest = json.loads(files["manifest.json"])
    manifest["version"] = version
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    return {**files, "manifest.json": text.encode()}


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the zip of these files; the order in which they come makes no difference."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, TIME)
            entry.create_system = UNIX
            entry.external_attr = FILE_MODE
            archive.writestr(entry, files[name])
    return packed.getvalue()


def notes_of(changelog: str, version: str) -> str:
    """Return what the changelog says of a version; that it says nothing is an error."""
    found = re.search(
        rf"^## \[?{re.escape(version)}\]?[^\n]*\n(.*?)(?=^## |\Z)",
        changelog,
        re.DOTALL | re.MULTILINE,
    )
    if found is None or not found[1].strip():
        raise ReleaseError(
            "CHANGELOG.md", f"has no section {version}: write what changed, and commit it"
        )
    return found[1].strip() + "\n"


def build(root: Path, version: str, out: Path) -> str:
    """Write the zip, its digest and the notes into a folder; return the SHA-256 of the zip."""
    match = VERSION.fullmatch(version)
    if match is None:
        raise ReleaseError(version, "is no version, as in v1.2.3")
    notes = notes_of((root / "CHANGELOG.md").read_text(encoding="utf-8"), match[1])
    content, again = (pack(with_version(files_of_commit(root), match[1])) for _ in range(2))
    if content != again:
        raise ReleaseError("Two builds of one commit", "differ")
    digest = hashlib.sha256(content).hexdigest()
    out.mkdir(parents=True, exist_ok=True)
    (out / NAME).write_bytes(content)
    (out / f"{NAME}.sha256").write_text(f"{digest}  {NAME}\n", encoding="utf-8")
    (out / "notes.md").write_text(notes, encoding="utf-8")
    return digest


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the release of a version."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", help="as in v1.2.3")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    asked = parser.parse_args(arguments)
    try:
        print(build(ROOT, asked.version, asked.out), f"{asked.out / NAME}")
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
