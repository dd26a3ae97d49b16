"""The client of every outgoing request: whatever a receiver does, its answer is a value and comes in time."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from time import monotonic

from webhooks_out import messages
from webhooks_out.addresses import Network, Target, read_url, why_refused
from webhooks_out.connections import FAILURES, Adapter, Raw, Request, Route, reason_of
from webhooks_out.messages import Answer, Outgoing, check_header
from webhooks_out.resolver import Resolver
from webhooks_out.sockets import NotConnected, look_up

__all__ = ["Answer", "Client", "Outgoing", "check_header", "check_url"]

TRIED = 4  # addresses of one name, at most
SHORTEST = 0.001  # seconds given to a step that comes too late, which then fails by itself

SENTENCES = {
    "timeout": "The receiver did not finish its answer in time.",
    "reset": "The connection was closed before the receiver had finished its answer.",
    "tls": "The TLS connection broke: {said}.",
    "protocol": "What came back is not HTTP: {said}.",
}


class Client:
    """Sends requests over kept connections, for many threads at once. One per process, made after any fork."""

    def __init__(self, pool: int, allowed: Sequence[Network] = ()) -> None:
        """`pool` threads send at once; the `allowed` networks may be reached though they are not public."""
        self._why_refused = lru_cache(maxsize=4096)(partial(why_refused, allowed=tuple(allowed)))
        self._resolver = Resolver(look_up)
        self._adapter = Adapter(pool)

    def send(self, outgoing: Outgoing) -> Answer:
        """The answer to one request, of which at most one copy reaches the receiver.

        What the outside world does wrong is in the answer, which comes within a second of the request's timeout.
        """
        started = monotonic()
        answer = self._send(outgoing, started + outgoing.timeout)
        return replace(answer, seconds=monotonic() - started)

    def close(self) -> None:
        """Closes the connections that are kept."""
        self._adapter.close()

    def _send(self, outgoing: Outgoing, ends: float) -> Answer:
        target = read_url(outgoing.url)
        if isinstance(target, str):
            return Answer(error="refused_url", detail=target)
        if problem := messages.check_request(outgoing):
            return Answer(error="protocol", detail=problem)
        addresses = self._find(target, ends)
        return addresses if isinstance(addresses, Answer) else self._try(outgoing, target, addresses, ends)

    def _find(self, target: Target, ends: float) -> tuple[str, ...] | Answer:
        """The addresses of the target; one that may not be reached spoils them all."""
        addresses: tuple[str, ...] = (target.host,)
        if not target.literal:
            found = self._resolver.find(target.host, ends - monotonic())
            if found.problem:
                return Answer(error="dns", detail=f"The name {target.host} was not found: {found.problem}.")
            addresses = found.addresses
        for address in addresses:
            if refusal := self._why_refused(address):
                return Answer(error="refused_address", detail=refusal, address=address)
        return addresses[:TRIED]

    def _try(self, outgoing: Outgoing, target: Target, addresses: tuple[str, ...], ends: float) -> Answer:
        """Goes on to the next address only while none could be connected to; each has its share of the time."""
        answer = Answer()
        for index, address in enumerate(addresses):
            left = max(ends - monotonic(), SHORTEST)
            route = Route(target.scheme, target.host, target.port, address, outgoing.verify_tls, outgoing.ca)
            request = Request(outgoing, route, target.path)
            answer = self._exchange(request, connect=left / (len(addresses) - index), total=left)
            if answer.error != "connect":
                break
        return answer

    def _exchange(self, request: Request, connect: float, total: float) -> Answer:
        address = request.route.address
        try:
            raw = self._adapter.exchange(request, connect=connect, total=total)
        except NotConnected as failure:
            return Answer(error=failure.reason, detail=failure.detail, address=address)
        except FAILURES as failure:
            return _broken(failure, Answer(address=address))
        return _answer(raw, address)


def check_url(url: str, allowed: Sequence[Network] = ()) -> str:
    """The sentence why this URL may not be saved, or ""; looks no name up, so sending may still refuse it."""
    target = read_url(url)
    if isinstance(target, str):
        return target
    if target.host.rstrip(".").rpartition(".")[2] == "localhost":  # always a loopback name (RFC 6761 §6.3)
        return why_refused("127.0.0.1", allowed)
    return why_refused(target.host, allowed) if target.literal else ""


def _answer(raw: Raw, address: str) -> Answer:
    excerpt, cut = messages.read_excerpt(raw.body, raw.headers)
    headers = messages.keep_headers(raw.headers.items())
    answer = Answer(raw.status, headers=headers, excerpt=excerpt, cut=cut or raw.cut, address=address)
    return _broken(raw.failure, answer) if raw.failure else answer


def _broken(failure: Exception, begun: Answer) -> Answer:
    """What came of an answer that was not finished; its status then decides nothing, and is only told."""
    reason, said = reason_of(failure)
    detail = SENTENCES[reason].format(said=said)
    if begun.status:
        detail += f" It had begun to answer {begun.status}."
    return replace(begun, status=None, error=reason, detail=detail)
