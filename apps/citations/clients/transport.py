"""The one place where ExoDB speaks HTTP to the outside: timeouts, size limits, redirects, retries."""

from __future__ import annotations

import logging
import random
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache, cached_property
from typing import IO
from urllib.parse import urlencode

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from .errors import Nonsense, Refused, Unavailable
from .interface import Endpoint

# httpx tells each request at INFO, with its whole address: a flood, and a key in it.
logging.getLogger("httpx").setLevel(logging.WARNING)

Acquire = Callable[[], None]

OK, NOT_FOUND = 200, 404
LATER = {408, 425, 429}
SERVER_ERROR = 500
TRIES_AT_500 = 2
REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 5
MOST_BYTES = 64 * 2**20
LONGEST_RETRY_AFTER = 86_400.0
DETAIL = 300
# A body may drip in for so many time-outs, and no longer.
PATIENT_TIMEOUTS = 3
# What a filter or a list of ids is made of may stand in a query string as it is, which keeps addresses short.
PLAIN_IN_QUERY = ",:|*/()"


@dataclass(frozen=True)
class Patience:
    """How stubbornly one call is repeated before its failure is reported."""

    attempts: int = 4
    first: float = 1.0  # mean of the first pause, in seconds; it doubles each time, with full jitter
    longest: float = 30.0  # a service that asks for a longer pause gets it from the caller
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Page:
    """One whole answer."""

    status: int
    body: bytes
    redirected: bool = False

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True)
class Request:
    method: str
    url: httpx.URL
    form: Mapping[str, str] | None = None


def span_of(rate: float) -> float:
    """The seconds in which a service may have as many requests as its rate says, and at least one."""
    return max(1.0, 1.0 / rate)


class Peace:
    """What one client owes a service whatever the wire does: never more than its rate in any one second there, and
    no request before the time that it asked us to wait for.

    A request arrives before its answer comes. So whoever waits a second after the answer to the n-th last request
    can't make n + 1 arrive within one second, even where some were delayed on their way.
    """

    def __init__(self, rate: float) -> None:
        self._span = span_of(rate)
        self._answers: deque[float] = deque(maxlen=max(1, int(rate)))
        self._not_before = 0.0

    def pause(self) -> float:
        """How many seconds to wait from now on."""
        now = time.monotonic()
        full = len(self._answers) == self._answers.maxlen
        return max(0.0, self.asked_for(), self._answers[0] + self._span - now if full else 0.0)

    def asked_for(self) -> float:
        return max(0.0, self._not_before - time.monotonic())

    def answered(self) -> None:
        self._answers.append(time.monotonic())

    def wait_for(self, seconds: float) -> None:
        self._not_before = max(self._not_before, time.monotonic() + seconds)


class Http:
    """A pool of connections to one service. Every single request waits for `acquire` first."""

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        acquire: Acquire,
        patience: Patience | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        check: Callable[[Page], None] | None = None,
    ) -> None:
        """`check` may raise about a page that says by its text what its status does not."""
        self.name = name
        self.endpoint = endpoint
        self._headers = dict(headers or {})
        self._check = check
        self._acquire = acquire
        self._patience = patience or Patience()
        self._peace = Peace(endpoint.requests_per_second)

    @cached_property
    def _client(self) -> httpx.Client:
        mail = self.endpoint.contact_mail
        return httpx.Client(
            headers={
                "User-Agent": f"ExoDB/1.0 (mailto:{mail})" if mail else "ExoDB/1.0",
                "Accept": "application/json, text/csv;q=0.9, */*;q=0.1",
                "Accept-Encoding": "gzip, deflate",
                **self._headers,
            },
            verify=_trusted(),
            timeout=httpx.Timeout(self.endpoint.timeout),
            limits=httpx.Limits(max_connections=4, max_keepalive_connections=4, keepalive_expiry=30.0),
            follow_redirects=False,
        )

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()
            del self.__dict__["_client"]

    def get(self, path: str, params: Mapping[str, str], *, missing_ok: bool = False) -> Page:
        """Ask; a 404 is an answer only where `missing_ok`."""
        request = Request("GET", self.address(path, params))
        return self._stubbornly(lambda: self._follow(request, missing_ok=missing_ok))

    def post(self, path: str, form: Mapping[str, str]) -> Page:
        """Ask by a form, where a query is too long for an address."""
        request = Request("POST", self.address(path, {}), form)
        return self._stubbornly(lambda: self._follow(request, missing_ok=False))

    def download(self, into: IO[bytes], *, most_bytes: int) -> None:
        """Fetch the base address itself, whole or not at all."""
        request = Request("GET", self.address("", {}))
        self._stubbornly(lambda: self._follow(request, missing_ok=False, sink=_Sink(into, most_bytes)))

    def address(self, path: str, params: Mapping[str, str]) -> httpx.URL:
        query = f"?{urlencode(params, safe=PLAIN_IN_QUERY)}" if params else ""
        try:
            return httpx.URL(f"{self.endpoint.base_url.rstrip('/')}{path}{query}")
        except (httpx.InvalidURL, UnicodeError) as error:
            raise Refused(f"{self.name}: no address can be made of this request") from error

    def _stubbornly(self, ask: Callable[[], Page]) -> Page:
        retrying = Retrying(
            retry=retry_if_exception_type(Unavailable),
            stop=self._enough,
            wait=self._pause,
            sleep=self._patience.sleep,
            reraise=True,
        )
        return retrying(ask)

    def _enough(self, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        # A 500 that lasts is one id's fault as likely as not: the caller cuts the batch rather than we insist.
        most = TRIES_AT_500 if getattr(error, "status", None) == SERVER_ERROR else self._patience.attempts
        return (
            stop_after_attempt(min(most, self._patience.attempts))(state) or asked_pause(state) > self._patience.longest
        )

    def _pause(self, state: RetryCallState) -> float:
        """What the service asked for and a little, else a random time below a doubling bound (full jitter)."""
        bound = min(self._patience.longest, 2 * self._patience.first * 2.0 ** (state.attempt_number - 1))
        asked = asked_pause(state)
        return asked + random.uniform(0, self._patience.first) if asked else random.uniform(0, bound)  # noqa: S311 -- jitter

    def _follow(self, request: Request, *, missing_ok: bool, sink: _Sink | None = None) -> Page:
        """Send, and go after redirects that stay with the same host."""
        redirected = False
        for _ in range(MOST_REDIRECTS + 1):
            with self._sent(request) as response:
                if response.status_code not in REDIRECTS:
                    page = Page(response.status_code, self._body(response, sink), redirected)
                    self._judge(page, response.headers, missing_ok=missing_ok)
                    return page
                request = self._redirected(request, response)
            redirected = True
        raise Refused(f"{self.name}: redirected more than {MOST_REDIRECTS} times")

    @contextmanager
    def _sent(self, request: Request) -> Iterator[httpx.Response]:
        self._keep_peace()
        self._acquire()
        try:
            with self._client.stream(request.method, request.url, data=request.form) as response:
                yield response
        except httpx.TimeoutException as error:
            raise Unavailable(f"{self.name}: timed out") from error
        except httpx.DecodingError as error:
            raise Nonsense(f"{self.name}: the answer's encoding is broken") from error
        except httpx.UnsupportedProtocol as error:
            raise Refused(f"{self.name}: the address is not one of HTTP") from error
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise Unavailable(f"{self.name}: {type(error).__name__}") from error
        finally:
            self._peace.answered()

    def _keep_peace(self) -> None:
        """Wait as long as we owe; where the service asked for longer than we wait here, tell the caller."""
        if (asked := self._peace.asked_for()) > self._patience.longest:
            raise Unavailable(f"{self.name}: asked to be left in peace", retry_after=asked)
        if pause := self._peace.pause():
            self._patience.sleep(pause)

    def _body(self, response: httpx.Response, sink: _Sink | None) -> bytes:
        """Read the answer, neither longer nor larger than is sane (a small gzip can hold a very large body)."""
        into = sink if sink is not None and response.status_code == OK else _Sink(None, MOST_BYTES)
        deadline = time.monotonic() + into.time_limit(self.endpoint.timeout)
        into.start()
        for chunk in response.iter_bytes(65_536):
            if not into.take(chunk):
                raise Nonsense(f"{self.name}: the answer is larger than {into.most_bytes} bytes")
            if time.monotonic() > deadline:
                raise Unavailable(f"{self.name}: the answer came too slowly")
        return bytes(into.kept)

    def _judge(self, page: Page, headers: httpx.Headers, *, missing_ok: bool) -> None:
        """Raise unless this is an answer."""
        status = page.status
        if status == OK or (status == NOT_FOUND and missing_ok):
            if self._check is not None:
                self._check(page)
            return
        if status in LATER or status >= SERVER_ERROR:
            after = retry_after(headers.get("Retry-After"))
            self._peace.wait_for(after or 0.0)
            raise Unavailable(f"{self.name}: HTTP {status}", retry_after=after, status=status)
        if 400 <= status < SERVER_ERROR:  # noqa: PLR2004 -- a class of statuses
            raise Refused(f"{self.name}: HTTP {status}", status=status, detail=page.text[:DETAIL])
        raise Nonsense(f"{self.name}: HTTP {status} where an answer was due")

    def _redirected(self, request: Request, response: httpx.Response) -> Request:
        try:
            url = request.url.join(response.headers["Location"])
        except (KeyError, httpx.InvalidURL, UnicodeError) as error:
            raise Nonsense(f"{self.name}: redirected to nowhere") from error
        if request.method != "GET":
            raise Refused(f"{self.name}: a form was redirected", status=response.status_code)
        if not same_place(request.url, url):
            raise Refused(
                f"{self.name}: redirected away, to {url.host}: if it moved, set its new address",
                status=response.status_code,
            )
        return Request("GET", url)


class _Sink:
    """Where a body goes: into memory, or into a file that starts anew with each attempt."""

    def __init__(self, file: IO[bytes] | None, most_bytes: int) -> None:
        self.file = file
        self.most_bytes = most_bytes
        self.start()

    def start(self) -> None:
        self.kept = bytearray()
        self.size = 0
        if self.file is not None:
            self.file.seek(0)
            self.file.truncate()

    def take(self, chunk: bytes) -> bool:
        """Keep a piece; False once there are too many."""
        self.size += len(chunk)
        if self.file is None:
            self.kept += chunk
        else:
            self.file.write(chunk)
        return self.size <= self.most_bytes

    def time_limit(self, timeout: float) -> float:
        return timeout * PATIENT_TIMEOUTS if self.file is None else max(600.0, timeout)


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that are believed, read once: that costs more than a request."""
    return httpx.create_ssl_context()


def same_place(before: httpx.URL, after: httpx.URL) -> bool:
    """Whether a redirect stays with the service: the same origin, or the same host by TLS instead of without."""
    if (before.scheme, before.host, before.port) == (after.scheme, after.host, after.port):
        return True
    upgrade = (before.scheme, after.scheme) == ("http", "https") and before.port is None and after.port is None
    return upgrade and before.host == after.host


def asked_pause(state: RetryCallState) -> float:
    """The pause that the service asked for, in seconds, or 0."""
    error = state.outcome.exception() if state.outcome else None
    return getattr(error, "retry_after", None) or 0.0


def retry_after(value: str | None) -> float | None:
    """Read Retry-After: seconds or a date (RFC 9110, 10.2.3). At most a day; None where it says nothing sane."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_RETRY_AFTER)
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return min(max(0.0, (then - datetime.now(UTC)).total_seconds()), LONGEST_RETRY_AFTER)
