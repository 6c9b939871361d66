"""Finding out how a GX can be talked to, and which one it is, before there is an entry."""

import asyncio
import contextlib
from enum import StrEnum
from secrets import token_hex
from typing import Final

import aiohttp
import orjson
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_create_clientsession

from ..mqtt_link.broker_flow import MQTT_PORT, MQTT_TLS_PORT
from ..mqtt_link.link import Broker, LinkError, LinkReason, MqttLink, MqttMessage
from ..tls import async_fetch_certificate, pinned_context
from .protocol import payload as wire
from .protocol.catalogue import GX_SERVICES
from .protocol.naming import SERIAL_PATHS, serial_of
from .protocol.payload import PayloadError
from .protocol.session import FULL_PUBLISH_TRIES, full_publish
from .protocol.topics import ServiceId, Topics, portal_id_of, serial_filter

HTTPS_PORT: Final = 443
PROBE_TIMEOUT: Final = 5.0
PAIRING_TIMEOUT: Final = 15.0
LISTENING: Final = 10.0
"""Seconds in which a GX names itself: at once, or with a heartbeat while another keeps it alive."""
GATHERING: Final = 1.0
"""Seconds after the first portal id in which others may follow."""
NAME_TIMEOUT: Final = 3.0
QUESTIONS: Final = 3
"""How often a GX is asked within such a time: a question or its answer may get lost."""

SERIALS_TIMEOUT: Final = 5.0
"""Seconds for everything that a GX says; it takes one or two."""
LONGEST_ANSWER: Final = 16_384
"""Bytes of an answer to a request for a token; it is a few hundred."""

TOKEN_ROLE: Final = "homeassistant"  # noqa: S105  the role that Victron's GUI shows a name for
SYSTEM_NAME: Final = "Settings/SystemSetup/SystemName"


class Trouble(StrEnum):
    """Why a GX cannot be talked to; the values are keys of config flow errors."""

    CANNOT_CONNECT = "cannot_connect"
    MQTT_OFF = "mqtt_off"
    TLS_ONLY = "tls_only"
    PLAIN_ONLY = "plain_only"
    PASSWORD_NEEDED = "password_needed"  # noqa: S105  no password
    INVALID_AUTH = "invalid_auth"
    NO_PORTAL = "no_portal"
    NOT_PAIRING = "not_pairing"


class Token:
    """What a GX gives to a client it is paired with."""

    def __init__(self, username: str, password: str) -> None:
        """Keep what to log in with."""
        self.username = username
        self.password = password


class PairingError(Exception):
    """A GX does not pair now; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        """Keep the key of the error that the form shows."""
        super().__init__(trouble)
        self.trouble = trouble


async def async_explain(broker: Broker, error: LinkError) -> str:
    """Return the key of the error that says what to do about a refused connection."""
    if error.reason is LinkReason.INVALID_AUTH:
        return Trouble.INVALID_AUTH if broker.password else Trouble.PASSWORD_NEEDED
    if error.reason is not LinkReason.CANNOT_CONNECT:
        return error.reason.value
    if broker.port not in (MQTT_PORT, MQTT_TLS_PORT):
        return Trouble.CANNOT_CONNECT
    plain, tls = await asyncio.gather(
        async_is_open(broker.host, MQTT_PORT), async_is_open(broker.host, MQTT_TLS_PORT)
    )
    if plain is None and tls is None:
        return Trouble.CANNOT_CONNECT
    if tls and not plain and not broker.tls:
        return Trouble.TLS_ONLY
    if plain and not tls and broker.tls:
        return Trouble.PLAIN_ONLY
    if not plain and not tls:
        return Trouble.MQTT_OFF
    return Trouble.CANNOT_CONNECT


async def async_is_open(host: str, port: int) -> bool | None:
    """Return whether a port is open; None if nobody answers at all."""
    try:
        async with asyncio.timeout(PROBE_TIMEOUT):
            _reader, writer = await asyncio.open_connection(host, port)
    except ConnectionRefusedError:
        return False
    except Exception:  # noqa: BLE001  whatever keeps us from connecting, nobody answers
        return None
    writer.transport.abort()
    return True


async def async_find_portals(link: MqttLink, prefix: str) -> list[str]:
    """Return the portal ids of the GX systems on a broker, sorted; empty if none says a word."""
    found: set[str] = set()
    first = asyncio.Event()

    @callback
    def hear(message: MqttMessage) -> None:
        portal = portal_id_of(message.topic, prefix)
        if portal is not None and message.payload:
            found.add(portal)
            first.set()

    heartbeat = Topics("+", prefix).heartbeat
    # Nothing is asked here, so nothing has to be confirmed: the serial number is retained, and the
    # heartbeat comes by itself. Waiting for the one would keep us from hearing the other.
    ends = [await link.async_subscribe(topic, hear) for topic in (serial_filter(prefix), heartbeat)]
    try:
        async with asyncio.timeout(LISTENING):
            await first.wait()
        await asyncio.sleep(GATHERING)
    except TimeoutError:
        return []
    finally:
        for end in ends:
            end()
    return sorted(found)


async def async_is_heard(link: MqttLink, topics: Topics) -> bool:
    """Return whether a GX answers on a broker that many share: it is asked for its serial number."""
    heard = asyncio.Event()

    @callback
    def hear(message: MqttMessage) -> None:
        if message.payload and not message.retain:
            heard.set()

    end = await link.async_subscribe(topics.everything, hear)
    try:
        return await _async_ask(
            link, topics.read(ServiceId("system", "0"), "Serial"), heard, LISTENING
        )
    finally:
        end()


async def _async_ask(link: MqttLink, topic: str, answered: asyncio.Event, seconds: float) -> bool:
    """Ask for a value until it was answered or the time is up; returns whether it was."""
    for _ in range(QUESTIONS):
        await link.async_publish(topic, b"")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds / QUESTIONS):
                return await answered.wait()
    return False


async def async_system_name(link: MqttLink, topics: Topics) -> str | None:
    """Return the name that the user gave the system in the GX; None if none, or none in time."""
    settings = ServiceId("settings", "0")
    answered = asyncio.Event()
    name: str | None = None

    @callback
    def hear(message: MqttMessage) -> None:
        nonlocal name
        try:
            name = wire.text(wire.decode(message.payload))
        except PayloadError:
            return
        answered.set()

    end = await link.async_subscribe(topics.value(settings, SYSTEM_NAME), hear, confirmed=True)
    try:
        await _async_ask(link, topics.read(settings, SYSTEM_NAME), answered, NAME_TIMEOUT)
    except LinkError:
        return None
    finally:
        end()
    return name


async def _async_body(response: aiohttp.ClientResponse) -> bytes:
    """Return an answer that ends before LONGEST_ANSWER; raises PairingError for an endless one."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(1024):
        body += chunk
        if len(body) > LONGEST_ANSWER:
            raise PairingError(Trouble.NOT_PAIRING)
    return bytes(body)


async def async_serials(link: MqttLink, topics: Topics) -> set[str]:
    """Return the serial numbers of the devices behind a GX: of all of them, as a rule.

    The GX is asked for everything until it says that this was all, three times at most: it leaves
    out the answer when too many ask. What was heard until then is what there is.
    """
    found: set[str] = set()
    done = asyncio.Event()
    token = token_hex(4)

    @callback
    def hear(message: MqttMessage) -> None:
        if message.topic == topics.full_publish_completed:
            # That of somebody else may have begun before we listened.
            if token in message.payload.decode(errors="replace") or b"echo" not in message.payload:
                done.set()
            return
        address = topics.parse(message.topic)
        if address is None or address.path not in SERIAL_PATHS or message.retain:
            return
        try:
            serial = serial_of({address.path: wire.decode(message.payload)})
        except PayloadError:
            return
        if serial is not None and address.service.service not in GX_SERVICES:
            found.add(serial)

    end = await link.async_subscribe(topics.everything, hear, confirmed=True)
    try:
        for _ in range(FULL_PUBLISH_TRIES):
            await link.async_publish(topics.keepalive, full_publish(token))
            try:
                async with asyncio.timeout(SERIALS_TIMEOUT):
                    await done.wait()
            except TimeoutError:
                continue
            break
    except LinkError:
        pass
    finally:
        end()
    return found


async def async_request_token(hass: HomeAssistant, host: str, device_id: str) -> Token:
    """Pair with a GX that is in pairing mode (Venus OS 3.80 and newer).

    Raises PairingError. The same device_id again replaces the token it had.
    """
    try:
        certificate = await async_fetch_certificate(host, HTTPS_PORT)
        session = async_create_clientsession(hass, verify_ssl=False)
        async with (
            asyncio.timeout(PAIRING_TIMEOUT),
            session.post(
                f"https://{host}:{HTTPS_PORT}/auth/generate-token/",
                data={"role": TOKEN_ROLE, "device_id": device_id},
                ssl=pinned_context(certificate),
                # A redirection would lead to where nothing is pinned.
                allow_redirects=False,
            ) as response,
        ):
            body = await _async_body(response)
            status = response.status
    except OSError, aiohttp.ClientError:
        raise PairingError(Trouble.CANNOT_CONNECT) from None
    if status != 200:
        raise PairingError(Trouble.NOT_PAIRING)
    try:
        answer = orjson.loads(body)
        return Token(str(answer["token_name"]), str(answer["password"]))
    except ValueError, KeyError, TypeError:
        raise PairingError(Trouble.NOT_PAIRING) from None
