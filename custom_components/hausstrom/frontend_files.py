"""The dashboard's JavaScript modules, served compressed and to be kept for ever.

Their address holds a digest of all of them, so that the same address always gives the same file.
Comments and indentation stay here: a page is sent the lines that it runs, each where it stands in
the source, so that what a browser says of line 40 is true of line 40.
"""

import gzip
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web
from homeassistant.helpers.http import HomeAssistantView

from .const import DOMAIN

BASE_URL: Final = f"/{DOMAIN}_frontend"
FOLDER: Final = Path(__file__).parent / "frontend"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"


@dataclass(frozen=True, slots=True)
class Files:
    """The modules by name, as they are and compressed, and the digest of all."""

    version: str
    plain: dict[str, bytes]
    packed: dict[str, bytes]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Files:
        """Read and compress the modules; takes a few milliseconds, not in the event loop."""
        files = sorted(folder.glob("*.js"))
        plain = {file.name: bare(file.read_text(encoding="utf-8")).encode() for file in files}
        digest = sha256()
        for name, content in plain.items():
            digest.update(f"{name} {len(content)} ".encode() + content)
        packed = {name: gzip.compress(content, 9, mtime=0) for name, content in plain.items()}
        return cls(digest.hexdigest()[:12], plain, packed)


def bare(source: str) -> str:
    """Return a module without the lines that are comments, and without indentation.

    Only lines that are nothing but comment go. Texts over several lines are HTML and CSS, where
    indentation has no meaning.
    """
    lines, inside = [], False
    for line in source.splitlines():
        text = line.strip()
        begins = text.startswith("/*") and ("*/" not in text or text.endswith("*/"))
        inside = inside or begins
        lines.append("" if inside or text.startswith("//") else text)
        inside = inside and not text.endswith("*/")
    return "\n".join(lines) + "\n"


class ModuleView(HomeAssistantView):
    """Give out the modules, to everybody who sees the login page: they hold nothing of the home."""

    requires_auth = False
    url = f"{BASE_URL}/{{version}}/{{name}}"
    extra_urls = [f"{BASE_URL}/{{name}}"]  # noqa: RUF012  as Home Assistant declares it
    name = f"{DOMAIN}:frontend"

    def __init__(self, files: Files) -> None:
        """Take the files."""
        self._files = files

    async def get(self, request: web.Request, name: str, version: str = "") -> web.Response:
        """Return one module; of another version the one that runs, and not to be kept."""
        content = self._files.plain.get(name)
        if content is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        headers = {
            hdrs.CACHE_CONTROL: _FOR_EVER if version == self._files.version else _ASK_AGAIN,
            hdrs.CONTENT_TYPE: "text/javascript; charset=utf-8",
            hdrs.ETAG: f'"{self._files.version}"',
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
        }
        if f'"{self._files.version}"' in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            headers[hdrs.CONTENT_ENCODING] = "gzip"
            content = self._files.packed[name]
        return web.Response(body=content, headers=headers)
