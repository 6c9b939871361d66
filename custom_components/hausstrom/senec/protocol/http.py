"""One request to a SENEC service: time limit, count, and a reason for everything that fails."""

import json
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from .errors import SenecServiceError, ServiceReason
from .fields import object_of, text_of

type CurrentTime = Callable[[], datetime]
type ErrorType = type[SenecServiceError]

TIME_LIMIT: Final = ClientTimeout(total=30)
LONGEST_ANSWER: Final = 8 * 1024 * 1024
ONE_HOUR: Final = timedelta(hours=1)
LONGEST_WAIT: Final = 3600.0


class Requests:
    """Counts requests by name: since the start, and in the hour that ends now."""

    def __init__(self, clock: CurrentTime) -> None:
        """Take the clock that says which hour it is."""
        self._clock = clock
        self._recent: deque[datetime] = deque()
        self.by_name: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()

    def add(self, name: str) -> None:
        """Count one request."""
        now = self._clock()
        self.by_name[name] += 1
        self._recent.append(now)
        self._forget(now)

    def failed(self, reason: ServiceReason) -> None:
        """Count one failure by its cause."""
        self.failures[reason.value] += 1

    @property
    def last_hour(self) -> int:
        """The number of requests in the last sixty minutes."""
        self._forget(self._clock())
        return len(self._recent)

    def _forget(self, now: datetime) -> None:
        while self._recent and self._recent[0] <= now - ONE_HOUR:
            self._recent.popleft()


class Reply:
    """An answer as it came: nothing has been followed or judged yet."""

    def __init__(self, url: URL, status: int, headers: Mapping[str, str], body: str) -> None:
        """Keep what came."""
        self.url = url
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def is_html(self) -> bool:
        """Whether a page came, whatever was asked for."""
        kind = self.headers.get("Content-Type", "")
        return "html" in kind or self.body.lstrip()[:14].lower().startswith(("<!doctype", "<html"))


class ServiceLine:
    """A line to SENEC: the session, the count, and the error type of the API that talks on it."""

    def __init__(self, session: ClientSession, requests: Requests, error: ErrorType) -> None:
        """Take what the line is made of."""
        self.session = session
        self.requests = requests
        self.error = error

    async def ask(
        self,
        name: str,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        body: object = None,
    ) -> Reply:
        """Make one request, follow nothing, and return what came.

        Raises the error type with `unreachable` when no answer came in time or it was cut off,
        and `bad_answer` when it is far too long.
        """
        self.requests.add(name)
        try:
            async with self.session.request(
                method,
                url,
                headers=headers,
                data=form,
                json=body,
                allow_redirects=False,
                timeout=TIME_LIMIT,
            ) as response:
                raw = await response.content.read(LONGEST_ANSWER + 1)
                while len(raw) <= LONGEST_ANSWER and (more := await response.content.readany()):
                    raw += more
                if len(raw) > LONGEST_ANSWER:
                    raise self.failure(ServiceReason.BAD_ANSWER, f"{name}: answer too long")
                return Reply(
                    response.url, response.status, response.headers, raw.decode("utf-8", "replace")
                )
        except (ClientError, TimeoutError, OSError, RuntimeError) as err:
            # RuntimeError: the session was closed under us, with the entry that is unloaded
            raise self.failure(ServiceReason.UNREACHABLE, f"{name}: {type(err).__name__}") from err
        except ValueError as err:
            raise self.failure(ServiceReason.BAD_ANSWER, f"{name}: an impossible redirect") from err

    def failure(
        self,
        reason: ServiceReason,
        detail: str,
        *,
        retry_after: float | None = None,
        page: str = "",
        status: int | None = None,
    ) -> SenecServiceError:
        """Count a failure and return it as the API's error."""
        self.requests.failed(reason)
        return self.error(reason, detail, retry_after=retry_after, page=page, status=status)

    def check(self, name: str, reply: Reply) -> Reply:
        """Return the reply when its status is 2xx, else raise what the status means."""
        if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            return reply
        raise self.failure(
            _REASONS.get(reply.status) or _reason_of_class(reply.status),
            f"{name}: {reply.status} {said_by_server(reply)}".rstrip(),
            retry_after=seconds_to_wait(reply.headers),
            status=reply.status,
        )

    def json(self, name: str, reply: Reply) -> object:
        """Return the decoded JSON body; a page or a torn body is a `bad_answer`."""
        if reply.is_html:
            raise self.failure(ServiceReason.BAD_ANSWER, f"{name}: a page instead of JSON")
        try:
            value: object = json.loads(reply.body)
        except (ValueError, RecursionError) as err:
            raise self.failure(ServiceReason.BAD_ANSWER, f"{name}: not JSON") from err
        return value


_REASONS: Final[Mapping[int, ServiceReason]] = {
    HTTPStatus.UNAUTHORIZED: ServiceReason.SESSION,
    HTTPStatus.FORBIDDEN: ServiceReason.FORBIDDEN,
    HTTPStatus.NOT_FOUND: ServiceReason.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT: ServiceReason.UNREACHABLE,
    HTTPStatus.TOO_MANY_REQUESTS: ServiceReason.RATE_LIMIT,
    HTTPStatus.SERVICE_UNAVAILABLE: ServiceReason.MAINTENANCE,
}


def _reason_of_class(status: int) -> ServiceReason:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServiceReason.SERVER
    return ServiceReason.REFUSED if status >= HTTPStatus.BAD_REQUEST else ServiceReason.BAD_ANSWER


def said_by_server(reply: Reply) -> str:
    """Return the server's own words for a refusal (SENEC's error objects), or nothing."""
    with suppress(ValueError, RecursionError):
        answer = object_of(json.loads(reply.body))
        for key in ("message", "errorCode", "error"):
            if words := text_of(answer.get(key)):
                return words[:200]
    return ""


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return `Retry-After` (RFC 9110 section 10.2.3) in seconds, an hour at most.

    A date counts from the answer's own `Date`. A longer wait than an hour would leave the home
    without values because of a server's slip: asking once an hour harms nobody.
    """
    text = headers.get("Retry-After", "").strip()
    try:
        if text.isascii() and text.replace(".", "", 1).isdigit():
            seconds = float(text)
        else:
            until = parsedate_to_datetime(text)
            seconds = (until - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
    except ValueError, TypeError, OverflowError:
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)
