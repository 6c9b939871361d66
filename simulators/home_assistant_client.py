"""Talk to a running Home Assistant as its web page does: log in, add entries, read states."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

OWNER_NAME: Final = "Developer"
USERNAME: Final = "dev"
PASSWORD: Final = "hausstrom"
POLL_INTERVAL: Final = 0.25
MISSING: Final = frozenset({"unknown", "unavailable"})
# Entities of these platforms have the state "unknown" until somebody uses them.
STATELESS: Final = frozenset({"button", "event", "scene", "notify"})
UNKNOWN_AT_TIMES: Final = frozenset(
    {
        "gx_battery_time_to_go",
        "gx_dvcc_max_charge_current",
        "gx_max_discharge_power",
        "gx_max_feed_in_power",
        "peak_shaving_planned_end",
        "peak_shaving_planned_limit",
    }
)
"""Values that a device does not have just now: no limit, no plan, a battery that charges."""

type FlowSteps = Mapping[str, Mapping[str, object]]
"""What a person would enter: step of the config flow → its fields."""


class AttentiveSteps(dict[str, Mapping[str, object]]):
    """What a person would enter who also reads what the flow shows, to set up the device by it."""

    def __init__(self, steps: FlowSteps, read: Callable[[Mapping[str, str]], None]) -> None:
        """Take the steps, and what is called with the placeholders of each step."""
        super().__init__(steps)
        self.read = read


class HomeAssistantError(Exception):
    """Home Assistant refused or did not do what was asked; the text tells a person why."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a login yields, as the web page keeps it."""

    client_id: str
    access_token: str
    refresh_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One config entry."""

    entry_id: str
    domain: str
    title: str
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class EntityValue:
    """One enabled entity with what it shows; `value` None: it has no value."""

    entry_id: str
    device: str
    entity_id: str
    name: str
    value: str | None
    unit: str


class HomeAssistantClient:
    """One person at one Home Assistant. An async context manager."""

    def __init__(self, url: str) -> None:
        """Take the address of the web page, without a slash at the end."""
        self.url = url
        self.tokens: Tokens | None = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The HTTP session; open inside the context only."""
        if self._session is None:
            message = "The client is used outside its context"
            raise RuntimeError(message)
        return self._session

    async def wait_until_served(self) -> None:
        """Return when the web server answers."""
        while True:
            try:
                async with self.session.get(f"{self.url}/api/onboarding") as response:
                    if response.status in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(POLL_INTERVAL)

    async def wait_until_started(self) -> None:
        """Return when everything that starts with Home Assistant has started."""
        while True:
            configuration = await self.request("GET", "/api/config")
            if configuration["recovery_mode"]:
                message = "Home Assistant could not start and is in recovery mode"
                raise HomeAssistantError(message)
            if configuration["state"] == "RUNNING":
                return
            await asyncio.sleep(POLL_INTERVAL)

    async def authorize(self, language: str = "en") -> None:
        """Make the owner's account where there is none, and log in."""
        client_id = f"{self.url}/"
        steps = await self.request("GET", "/api/onboarding", missing=[])
        if any(step["step"] == "user" and not step["done"] for step in steps):
            code = await self.request(
                "POST",
                "/api/onboarding/users",
                {
                    "client_id": client_id,
                    "name": OWNER_NAME,
                    "username": USERNAME,
                    "password": PASSWORD,
                    "language": language,
                },
            )
            self.tokens = await self._exchange(client_id, code["auth_code"])
        else:
            await self.log_in()

    async def add_guest(self, username: str = "guest") -> None:
        """Make an account that is no administrator's, with the developer's password."""
        user = await self.command("config/auth/create", name=username, group_ids=["system-users"])
        await self.command(
            "config/auth_provider/homeassistant/create",
            user_id=user["user"]["id"],
            username=username,
            password=PASSWORD,
        )

    async def log_in(self, username: str = USERNAME) -> Tokens:
        """Log in with a name and the developer's password."""
        client_id = f"{self.url}/"
        flow = await self.request(
            "POST",
            "/auth/login_flow",
            {
                "client_id": client_id,
                "handler": ["homeassistant", None],
                "redirect_uri": client_id,
            },
        )
        result = await self.request(
            "POST",
            f"/auth/login_flow/{flow['flow_id']}",
            {"client_id": client_id, "username": username, "password": PASSWORD},
        )
        if result["type"] != "create_entry":
            message = f"Login as {username} refused: {result.get('errors')}"
            raise HomeAssistantError(message)
        self.tokens = await self._exchange(client_id, result["result"])
        return self.tokens

    async def request(
        self, method: str, path: str, body: Mapping[str, object] | None = None, missing: Any = None
    ) -> Any:
        """Call the REST API and return the decoded JSON; for a 404 return `missing` if given."""
        headers = {"Authorization": f"Bearer {self.tokens.access_token}"} if self.tokens else {}
        async with self.session.request(
            method, self.url + path, json=body, headers=headers
        ) as response:
            if response.status == HTTPStatus.NOT_FOUND and missing is not None:
                return missing
            if response.status >= HTTPStatus.BAD_REQUEST:
                message = f"{method} {path}: {response.status} {await response.text()}"
                raise HomeAssistantError(message)
            return await response.json()

    async def command(self, command: str, **fields: object) -> Any:
        """Send one command of the websocket API and return its result."""
        return (await self.commands([{"type": command, **fields}]))[0]

    async def commands(self, commands: Sequence[Mapping[str, object]]) -> list[Any]:
        """Send commands of the websocket API over one connection and return their results."""
        results = []
        async with self.session.ws_connect(f"{self.url}/api/websocket", max_msg_size=0) as socket:
            await socket.receive_json()
            token = self.tokens.access_token if self.tokens else ""
            await socket.send_json({"type": "auth", "access_token": token})
            await socket.receive_json()
            for number, command in enumerate(commands, 1):
                await socket.send_json({"id": number, **command})
                answer = await socket.receive_json()
                if not answer.get("success"):
                    message = f"{command['type']}: {answer.get('error')}"
                    raise HomeAssistantError(message)
                results.append(answer["result"])
        return results

    async def entries(self, domain: str) -> list[Entry]:
        """Return the config entries of a domain."""
        return [
            Entry(
                entry_id=entry["entry_id"],
                domain=entry["domain"],
                title=entry["title"],
                state=entry["state"],
                reason=entry["reason"],
            )
            for entry in await self.request(
                "GET", f"/api/config/config_entries/entry?domain={domain}"
            )
        ]

    async def add_entry(self, domain: str, steps: FlowSteps) -> str | None:
        """Go through a config flow as a person would, and return the new entry's id.

        At a menu it takes the option that is a key of `steps`; at a form it enters what
        `steps` says for that step, or nothing where it says nothing. None: the device is
        configured already. Raises HomeAssistantError with the flow's own error otherwise.
        """
        path = "/api/config/config_entries/flow"
        flow = await self.request("POST", path, {"handler": domain})
        path += f"/{flow['flow_id']}"
        entered: set[str] = set()
        while True:
            step = flow.get("step_id")
            if isinstance(steps, AttentiveSteps):
                steps.read(flow.get("description_placeholders") or {})
            match flow["type"]:
                case "create_entry":
                    entry_id: str = flow["result"]["entry_id"]
                    return entry_id
                case "abort" if flow["reason"] in {"already_configured", "single_instance_allowed"}:
                    return None
                case "menu":
                    option = next((name for name in flow["menu_options"] if name in steps), None)
                    if option is None:
                        message = f"{domain}: no way on from menu {step}: {flow['menu_options']}"
                        raise HomeAssistantError(message)
                    flow = await self.request("POST", path, {"next_step_id": option})
                case "form" if step not in entered and not flow["errors"]:
                    entered.add(step)
                    flow = await self.request("POST", path, steps.get(step, {}))
                case "progress" | "progress_done":
                    await asyncio.sleep(POLL_INTERVAL)
                    flow = await self.request("GET", path)
                case _:
                    await self.request("DELETE", path, missing={})
                    cause = flow.get("errors") or flow.get("reason") or flow["type"]
                    message = f"{domain}: the config flow ended at step {step}: {cause}"
                    raise HomeAssistantError(message)

    async def set_options(self, entry: Entry, options: Mapping[str, object]) -> None:
        """Enter options of an entry; what is not named stays."""
        path = "/api/config/config_entries/options/flow"
        flow = await self.request("POST", path, {"handler": entry.entry_id})
        known = {
            field["name"]: field["description"]["suggested_value"]
            for field in flow["data_schema"]
            if (field.get("description") or {}).get("suggested_value") is not None
        }
        defaults = {
            field["name"]: field["default"] for field in flow["data_schema"] if "default" in field
        }
        flow = await self.request(
            "POST", f"{path}/{flow['flow_id']}", {**defaults, **known, **options}
        )
        if flow["type"] != "create_entry":
            message = f"{entry.title}: {flow.get('errors')}"
            raise HomeAssistantError(message)

    async def values(self, entries: Sequence[Entry]) -> list[EntityValue]:
        """Return what every enabled entity of these entries shows, ordered by device and name."""
        devices, entities, states = await self.commands(
            [
                {"type": "config/device_registry/list"},
                {"type": "config/entity_registry/list"},
                {"type": "get_states"},
            ]
        )
        names = {device["id"]: device["name_by_user"] or device["name"] or "" for device in devices}
        shown = {state["entity_id"]: state for state in states}
        wanted = {entry.entry_id for entry in entries}
        values = []
        for entity in entities:
            if entity["config_entry_id"] not in wanted or entity["disabled_by"]:
                continue
            entity_id = entity["entity_id"]
            state = shown.get(entity_id, {"state": "unavailable", "attributes": {}})
            stateless = state["state"] == "unknown" and (
                entity_id.partition(".")[0] in STATELESS
                or entity["translation_key"] in UNKNOWN_AT_TIMES
            )
            values.append(
                EntityValue(
                    entry_id=entity["config_entry_id"],
                    device=names.get(entity["device_id"], ""),
                    entity_id=entity_id,
                    name=state["attributes"].get("friendly_name", entity_id),
                    value=None if state["state"] in MISSING and not stateless else state["state"],
                    unit=state["attributes"].get("unit_of_measurement", ""),
                )
            )
        return sorted(values, key=lambda value: (value.device, value.name))

    async def _exchange(self, client_id: str, code: str) -> Tokens:
        form = {"grant_type": "authorization_code", "code": code, "client_id": client_id}
        async with self.session.post(f"{self.url}/auth/token", data=form) as response:
            response.raise_for_status()
            answer = await response.json()
        return Tokens(
            client_id=client_id,
            access_token=answer["access_token"],
            refresh_token=answer["refresh_token"],
            expires_in=answer["expires_in"],
        )

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the session."""
        await self.session.close()
        self._session = None
