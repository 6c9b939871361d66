"""The webhook that a logger posts its reports to."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from homeassistant.components import webhook
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME, CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util.aiohttp import MockRequest
from yarl import URL

from ..const import DOMAIN
from .const import CONF_CLOUDHOOK, CONF_LOCAL_ONLY
from .protocol.basic_auth import is_authorized
from .protocol.model import ReportError, ReportReason
from .protocol.tree import MAX_BYTES

_PIECE: Final = 65_536
# A logger on a slow mobile line gets its 4 MiB through in this time, or tries again.
BODY_TIMEOUT: Final = 60.0
CHALLENGE: Final = 'Basic realm="SmartLog", charset="UTF-8"'

type TakeReport = Callable[[bytes], Awaitable[None]]
"""Takes a body; raises ReportError when it is no report."""
type CountRefusal = Callable[[HTTPStatus], None]


@dataclass(frozen=True, slots=True)
class ReportAddress:
    """Where the logger has to post to, in the words of its menu."""

    address: str
    """Report address: the host."""
    port: str
    directory: str
    """Report directory: the path."""
    mode: str
    """Report mode: TLS or TCP."""


def split_address(url: str) -> ReportAddress:
    """Return the parts of an address that the logger asks for one by one."""
    parts = URL(url)
    return ReportAddress(
        address=parts.host or "",
        port=str(parts.port or ""),
        directory=parts.path,
        mode="TLS" if parts.scheme == "https" else "TCP",
    )


def report_address(hass: HomeAssistant, data: dict[str, Any]) -> ReportAddress:
    """Return the address of an entry's webhook: through the cloud, from outside, or at home."""
    if cloudhook := data.get(CONF_CLOUDHOOK):
        return split_address(cloudhook)
    path = webhook.async_generate_path(data[CONF_WEBHOOK_ID])
    local = data[CONF_LOCAL_ONLY]
    try:
        base = get_url(hass, prefer_external=not local, allow_external=not local, allow_cloud=False)
    except NoURLAvailableError:
        return ReportAddress("", "", path, "")
    return split_address(f"{base}{path}")


async def async_create_cloudhook(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return an address in Home Assistant Cloud, None where there is no subscription."""
    if "cloud" not in hass.config.components:
        return None
    # Loading it without need would load cameras and voices too.
    from homeassistant.components import cloud  # noqa: PLC0415

    if not cloud.async_active_subscription(hass) or not cloud.async_is_connected(hass):
        return None
    return await cloud.async_get_or_create_cloudhook(hass, webhook_id)


async def async_delete_cloudhook(hass: HomeAssistant, webhook_id: str) -> None:
    """Give the address in Home Assistant Cloud back, as far as the cloud is there."""
    if "cloud" not in hass.config.components:
        return
    from homeassistant.components import cloud  # noqa: PLC0415  see above

    if cloud.async_is_logged_in(hass):
        await cloud.async_delete_cloudhook(hass, webhook_id)


@callback
def async_listen(
    hass: HomeAssistant,
    data: dict[str, Any],
    name: str,
    take: TakeReport,
    count_refusal: CountRefusal,
) -> Callable[[], None]:
    """Take reports at the webhook of an entry's data; return what ends that.

    Answers 200 for a report, 401 without the right credentials, 400 for what is no report,
    408 for a body that does not come, 413 for one that is too large. Errors are returned,
    never raised: the webhook component would turn an exception into 200, and the logger
    would take its report for delivered.
    """

    async def handle(
        _hass: HomeAssistant, _webhook_id: str, request: web.Request | MockRequest
    ) -> web.Response:
        status = await _answer(request, data, take)
        if status is HTTPStatus.OK:
            return web.Response(text="\n")
        count_refusal(status)
        headers = {"WWW-Authenticate": CHALLENGE} if status is HTTPStatus.UNAUTHORIZED else None
        return web.Response(status=status, headers=headers)

    webhook_id = data[CONF_WEBHOOK_ID]
    webhook.async_register(
        hass,
        DOMAIN,
        name,
        webhook_id,
        handle,
        local_only=data[CONF_LOCAL_ONLY],
        allowed_methods=("POST", "PUT"),
    )
    return lambda: webhook.async_unregister(hass, webhook_id)


async def _answer(
    request: web.Request | MockRequest, data: dict[str, Any], take: TakeReport
) -> HTTPStatus:
    authorization = request.headers.get("Authorization")
    if not is_authorized(authorization, data[CONF_USERNAME], data[CONF_PASSWORD]):
        return HTTPStatus.UNAUTHORIZED
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            body = await _read(request)
    except TimeoutError:
        return HTTPStatus.REQUEST_TIMEOUT
    except web.HTTPException, web.RequestPayloadError, OSError:
        # The connection broke, or the body is not compressed as it says.
        return HTTPStatus.BAD_REQUEST
    if body is None:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    try:
        await take(body)
    except ReportError as error:
        if error.reason is ReportReason.TOO_LARGE:  # pragma: no cover - _read has the same limit
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.OK


async def _read(request: web.Request | MockRequest) -> bytes | None:
    """Return the body, None if it is larger than a report may be.

    Reading in pieces holds the limit for compressed bodies as well, and works for requests
    through the cloud, whose `content` begins anew at each access.
    """
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > MAX_BYTES:
        return None
    content = request.content
    pieces: list[bytes] = []
    size = 0
    while piece := await content.read(_PIECE):
        size += len(piece)
        if size > MAX_BYTES:
            return None
        pieces.append(piece)
    return b"".join(pieces)
