"""The address that a logger posts its reports to: our own, and Home Assistant's webhook."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Final, NamedTuple

from aiohttp import web
from homeassistant.components import webhook
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME, CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util import dt as dt_util
from homeassistant.util import network
from homeassistant.util.aiohttp import MockRequest
from homeassistant.util.hass_dict import HassKey
from multidict import CIMultiDict
from yarl import URL

from ..const import DOMAIN
from .const import CONF_CLOUDHOOK, CONF_LOCAL_ONLY
from .kept import KeptReports
from .protocol.basic_auth import is_authorized
from .protocol.digest import challenges, is_authorized_by_digest
from .protocol.model import ReportError, ReportReason
from .protocol.tree import MAX_BYTES

_PIECE: Final = 65_536
# A logger on a slow mobile line gets its 4 MiB through in this time, or tries again.
BODY_TIMEOUT: Final = 60.0
OWN_PATH: Final = "/api/hausstrom/smartlog/"
"""What is before the secret part of the address that loggers are given."""
RETRY_AFTER: Final = "30"
CHALLENGE: Final = 'Basic realm="SmartLog", charset="UTF-8"'

type TakeReport = Callable[[bytes], Awaitable[None]]
"""Takes a body; raises ReportError when it is no report."""
type CountRefusal = Callable[[HTTPStatus], None]


class ReportAddress(NamedTuple):
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


def report_address(hass: HomeAssistant, data: Mapping[str, Any]) -> ReportAddress:
    """Return the address of an entry: through the cloud, from outside, or at home.

    Through the cloud it is the webhook's, else our own, which knows when nobody listens.
    """
    if cloudhook := data.get(CONF_CLOUDHOOK):
        return split_address(cloudhook)
    async_open_doors_once(hass)
    webhook_id = data[CONF_WEBHOOK_ID]
    own = hass.data[HAS_OWN_PATH]
    path = f"{OWN_PATH}{webhook_id}" if own else webhook.async_generate_path(webhook_id)
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


class ReportDoor:
    """The address of one entry: open while its reports are taken, closed while they are not.

    A closed door answers 503 at the own address, and the logger tries again later. At the
    webhook's address Home Assistant answers 200 for whatever comes, so a report that comes
    there while the door is closed is kept, and taken when it opens.
    """

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any], title: str) -> None:
        """Make the door of an entry's data; nothing is taken yet."""
        self._hass = hass
        self._secret = secrets.token_bytes(32)
        self.kept = KeptReports(hass, data[CONF_WEBHOOK_ID], title)
        self.data = data
        self.take: TakeReport | None = None
        self.count: CountRefusal | None = None

    async def async_answer(self, request: web.Request | MockRequest, *, keep: bool) -> web.Response:
        """Answer a request; `keep` a report that cannot be taken now.

        200 for a report that was taken or kept, 401 without the right credentials, 400 for
        what is no report, 408 for a body that does not come, 409 for the report of another
        gateway, 413 for one that is too large, 503 while the entry is not ready. Errors are
        returned, never raised: the webhook component would turn an exception into 200, and
        the logger would take its report for delivered.
        """
        status = await self._async_status(request, keep=keep)
        if status is HTTPStatus.OK:
            return web.Response(text="\n")
        if self.count is not None:
            self.count(status)
        headers: CIMultiDict[str] = CIMultiDict()
        if status is HTTPStatus.UNAUTHORIZED:
            headers.add("WWW-Authenticate", CHALLENGE)
            for challenge in challenges(self._secret, self._now):
                headers.add("WWW-Authenticate", challenge)
        elif status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers.add("Retry-After", RETRY_AFTER)
        return web.Response(status=status, headers=headers)

    @property
    def _is_closed(self) -> bool:
        return self.take is None or self._hass.is_stopping

    @property
    def _now(self) -> int:
        return int(dt_util.utcnow().timestamp())

    def _is_authorized(self, request: web.Request | MockRequest) -> bool:
        header = request.headers.get("Authorization")
        username, password = self.data[CONF_USERNAME], self.data[CONF_PASSWORD]
        basic = is_authorized(header, username, password)
        digest = is_authorized_by_digest(
            header, request.method, (username, password), self._secret, self._now
        )
        return basic or digest

    async def _async_status(self, request: web.Request | MockRequest, *, keep: bool) -> HTTPStatus:
        if not self._is_authorized(request):
            return HTTPStatus.UNAUTHORIZED
        if self._is_closed and not keep:
            return HTTPStatus.SERVICE_UNAVAILABLE
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
        return await self._async_take(body, keep=keep)

    async def _async_take(self, body: bytes, *, keep: bool) -> HTTPStatus:
        take = self.take
        if take is None or self._is_closed:
            if keep and await self.kept.async_keep(body):
                return HTTPStatus.OK
            return HTTPStatus.SERVICE_UNAVAILABLE
        try:
            await take(body)
        except ReportError as error:
            return _STATUS_OF.get(error.reason, HTTPStatus.BAD_REQUEST)
        except NotReadyError:
            # It closed while the report waited for its turn.
            if keep and await self.kept.async_keep(body):
                return HTTPStatus.OK
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK


_STATUS_OF: Final = {
    ReportReason.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ReportReason.FOREIGN: HTTPStatus.CONFLICT,
}


class NotReadyError(Exception):
    """The entry cannot take a report now."""


DOORS: Final[HassKey[dict[str, ReportDoor]]] = HassKey(f"{DOMAIN}_smartlog_doors")
"""The doors by the secret part of their address."""
HAS_OWN_PATH: Final[HassKey[bool]] = HassKey(f"{DOMAIN}_smartlog_has_own_path")


class ReportView(HomeAssistantView):
    """Where loggers post to. Home Assistant's webhook answers 200 whether or not it is there."""

    requires_auth = False
    url = f"{OWN_PATH}{{webhook_id}}"
    # Some loggers put a slash behind the directory that they are told.
    extra_urls = [f"{OWN_PATH}{{webhook_id}}/", "/api/webhook/{webhook_id}/"]  # noqa: RUF012  as its base has it
    name = "api:hausstrom:smartlog"

    async def post(self, request: web.Request, webhook_id: str) -> web.Response:
        """Take a report."""
        door = request.app[KEY_HASS].data.get(DOORS, {}).get(webhook_id)
        if door is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        if door.data[CONF_LOCAL_ONLY] and not _is_local(request):
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return await door.async_answer(request, keep=False)

    put = post


def _is_local(request: web.Request) -> bool:
    try:
        return network.is_local(ip_address(request.remote or ""))
    except ValueError:
        return False


@callback
def async_open_doors(hass: HomeAssistant) -> None:
    """Give every entry that is posted to its address, whether or not it is loaded."""
    if DOORS not in hass.data:
        hass.data[DOORS] = {}
        try:
            hass.http.register_view(ReportView())
        except RuntimeError:
            # A server that takes no more addresses while it runs: the webhook's is there.
            hass.data[HAS_OWN_PATH] = False
        else:
            hass.data[HAS_OWN_PATH] = True
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.data.get(CONF_WEBHOOK_ID):
            async_door(hass, entry.data, entry.title)


@callback
def async_door(hass: HomeAssistant, data: Mapping[str, Any], name: str) -> ReportDoor:
    """Return the door of an entry's data, and register it where it is not there yet."""
    async_open_doors_once(hass)
    webhook_id = data[CONF_WEBHOOK_ID]
    doors = hass.data[DOORS]
    door = doors.get(webhook_id)
    if door is None:
        door = doors[webhook_id] = ReportDoor(hass, data, name)
        registered = door

        async def handle(
            _hass: HomeAssistant, _webhook_id: str, request: web.Request | MockRequest
        ) -> web.Response:
            return await registered.async_answer(request, keep=True)

        webhook.async_register(
            hass,
            DOMAIN,
            name,
            webhook_id,
            handle,
            local_only=data[CONF_LOCAL_ONLY],
            allowed_methods=("POST", "PUT"),
        )
    elif door.data[CONF_LOCAL_ONLY] != data[CONF_LOCAL_ONLY]:
        async_remove_door(hass, webhook_id)
        return async_door(hass, data, name)
    door.data = data
    return door


@callback
def async_open_doors_once(hass: HomeAssistant) -> None:
    """Register the view with the first door."""
    if DOORS not in hass.data:
        async_open_doors(hass)


@callback
def async_remove_door(hass: HomeAssistant, webhook_id: str) -> None:
    """Take an address away for good."""
    if hass.data.get(DOORS, {}).pop(webhook_id, None) is not None:
        webhook.async_unregister(hass, webhook_id)


@callback
def async_listen(
    hass: HomeAssistant,
    data: Mapping[str, Any],
    name: str,
    take: TakeReport,
    count_refusal: CountRefusal,
) -> Callable[[], None]:
    """Take reports at the address of an entry's data; return what ends that.

    Afterwards the address stays, closed: a logger is told to come again.
    """
    door = async_door(hass, data, name)
    door.take, door.count = take, count_refusal

    @callback
    def close() -> None:
        if door.take is take:
            door.take = door.count = None

    return close


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
