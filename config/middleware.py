"""What stands before everything else in the chain of a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from webhooks_in.views import ingest

PREFIX = "/in/"


class IngestFirst:
    """Hands ingest requests straight to their view: they need no session, login, CSRF or messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The ingest view's answer for its paths, else that of the chain."""
        if request.path_info.startswith(PREFIX):
            return ingest(request, token=request.path_info[len(PREFIX) :].removesuffix("/"))
        return self.get_response(request)
