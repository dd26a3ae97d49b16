"""Requests' adapter, made to connect to addresses that were checked and to try nothing twice."""

import logging
import ssl
from collections.abc import Callable, Mapping
from http.client import HTTPException, IncompleteRead
from time import monotonic
from typing import Any, NamedTuple, cast

from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPResponse, Retry, Timeout
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as TimedOut

from webhooks_out.addresses import PORTS
from webhooks_out.messages import EXCERPT, Outgoing
from webhooks_out.sockets import Socket, add_tls, open_plain, tls_context

USER_AGENT = "Fieldhook"  # unless the request names another
OK = 200  # the only status whose body a request can have written elsewhere
HOSTS = 16  # whose connections are kept, for each of them up to the size of the pool
PIECE = 64 * 1024  # bytes read at once
IDLE = 1.5  # seconds a connection is kept unused: the hastiest servers close theirs after 2

# Whatever an exchange can raise once connected, and what the innermost of it means; the first match counts.
FAILURES = (RequestException, HTTPError, HTTPException, OSError, ValueError)
REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((TimedOut, TimeoutError), "timeout"),
    ((ConnectionError, IncompleteRead, ssl.SSLEOFError, ssl.SSLZeroReturnError), "reset"),
    ((ssl.SSLError,), "tls"),
    ((HTTPException, HTTPError, ValueError), "protocol"),
    ((OSError,), "reset"),
)

# It logs paths and queries, and those may hold a secret.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


class Route(NamedTuple):
    """How a connection is made; requests of equal routes may share one."""

    scheme: str
    host: str  # the name that is spoken: in TLS and in the Host header
    port: int
    address: str  # the address that is connected to
    verify_tls: bool
    ca: str


class Raw(NamedTuple):
    """A response as it came off the wire."""

    status: int
    headers: Mapping[str, str]  # case-insensitive
    body: bytes  # the beginning of it, unless it was written to where the request said
    cut: bool  # there was more of it than is taken
    failure: Exception | None  # what broke it off


class Request(PreparedRequest):
    """A request as the adapter takes it. Its URL is the path alone, so that no second parser reads the host."""

    def __init__(self, outgoing: Outgoing, route: Route, path: str) -> None:
        super().__init__()
        self.route = route
        self.into, self.most = outgoing.into, outgoing.most
        self.method = outgoing.method
        self.url = path
        self.body = outgoing.body or None
        self.headers = CaseInsensitiveDict({"User-Agent": USER_AGENT} | dict(outgoing.headers))
        if outgoing.body:
            self.headers["Content-Length"] = str(len(outgoing.body))


class Adapter(HTTPAdapter):
    """Knows no proxy, no cookie, no redirect and no second try."""

    def __init__(self, pool: int) -> None:
        super().__init__(pool_connections=HOSTS, pool_maxsize=pool, max_retries=Retry(False))
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        self.pool = pool

    def exchange(self, request: Request, *, connect: float, total: float) -> Raw:
        """Sends the request and reads as much of the answer as is wanted; both times are in seconds.

        NotConnected when nothing was sent, one of FAILURES when no status came back.
        """
        timeout: Any = Timeout(connect=connect, total=total)
        return _read(self.send(request, timeout=timeout).raw, request)

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: object, proxies: object = None, cert: object = None
    ) -> HTTPConnectionPool:
        """The pool of the request's route."""
        route = cast(Request, request).route
        name = {"scheme": route.scheme, "host": route.host, "port": route.port}
        return cast(
            HTTPConnectionPool,
            self.poolmanager.connection_from_pool_key(route, name | {"route": route, "maxsize": self.pool}),
        )

    def cert_verify(self, conn: object, url: object, verify: object, cert: object) -> None:
        """Nothing: the route says how certificates are verified."""

    def request_url(self, request: PreparedRequest, proxies: object) -> str:
        """The path and query."""
        return str(request.url)

    def build_response(self, req: PreparedRequest, resp: BaseHTTPResponse) -> Response:
        """No more than is used: requests' own looks for cookies."""
        response = Response()
        response.raw = resp
        return response


def reason_of(failure: BaseException) -> tuple[str, str]:
    """The reason in a word, and what the innermost exception said, quoted."""
    while failure.args and isinstance(failure.args[-1], BaseException):
        failure = failure.args[-1]
    reason = next((word for types, word in REASONS if isinstance(failure, types)), "protocol")
    return reason, repr(str(failure)[:200])


def _read(raw: HTTPResponse, request: Request) -> Raw:
    """Reads the beginning of the body; the connection is closed unless that was all of it."""
    pieces: list[bytes] = []
    failure = None
    wanted = request.into is not None and raw.status == OK
    keep: Callable[[bytes], object] = request.into.write if request.into and wanted else pieces.append
    left = 1 + (request.most if wanted else EXCERPT)  # one more, to tell whether there is more
    try:
        if raw.status < 200:
            raise HTTPException("only an interim answer")
        while left and not raw.isclosed():
            piece = raw.read1(min(left, PIECE), decode_content=False)
            left -= len(piece)
            keep(piece)
    except FAILURES as error:
        failure = error
    if failure or not raw.isclosed():
        raw.close()
    return Raw(raw.status, raw.headers, b"".join(pieces), left == 0, failure)


class _Connection(HTTPConnection):
    """Says the route's host, and connects to the route's address."""

    sock: Socket | None

    def __init__(self, host: str, port: int, *, route: Route, **options: Any) -> None:
        super().__init__(host, port, **options)
        self.route = route
        self.body = b""

    def connect(self) -> None:
        """Opens the connection within its timeout, or raises NotConnected."""
        self.sock = self._open()

    def request(self, method: str, url: str, body: Any = None, headers: Any = None, **options: Any) -> None:
        """Sends head and body in one piece: half the system calls, half the packets."""
        self.body = body or b""
        super().request(method, url, None, headers, **options)

    def send(self, data: Any) -> None:
        """Called by `request`, once and with the head."""
        super().send(data + self.body)

    @property
    def is_connected(self) -> bool:
        """Whether it may carry another request: not closed, nor idle for so long that it soon may be."""
        return self.sock is not None and monotonic() - self.sock.heard < IDLE and super().is_connected

    def _open(self) -> Socket:
        return open_plain(self.route.address, self.route.port, cast(float, self.timeout))


class _TlsConnection(_Connection):
    default_port = PORTS["https"]  # type: ignore[misc] # - urllib3 sets it in the same way

    def connect(self) -> None:
        """Opens the connection and makes sure of the host, within its timeout, or raises NotConnected."""
        route = self.route
        context = tls_context(verify=route.verify_tls, authorities=route.ca, public=DEFAULT_CA_BUNDLE_PATH)
        self.sock = add_tls(self._open(), self.host, context)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPConnectionPool):
    scheme = "https"
    ConnectionCls = _TlsConnection
