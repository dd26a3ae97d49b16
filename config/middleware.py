"""What stands before everything else in the chain of a request."""

from collections.abc import Callable
from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

from webhooks_in.views import ingest

PREFIX = "/in/"
ADMIN = "/admin/"
CERTIFICATES = "/certificates/"

# What Unfold's pages need beyond the policy of the settings: Alpine evaluates expressions and sets inline styles.
ADMIN_POLICY = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "object-src": ["'none'"],
    "form-action": [SELF],
}
# The public pages of certificates: one style sheet.
CERTIFICATE_POLICY = {"style-src": [SELF]}


class IngestFirst:
    """Hands ingest requests straight to their view: they need no session, login, CSRF or messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The ingest view's answer for its paths, else that of the chain."""
        if request.path_info.startswith(PREFIX):
            return ingest(request, token=request.path_info[len(PREFIX) :].removesuffix("/"))
        return self.get_response(request)


class ContentPolicy(CSPMiddleware):
    """Tells the browser what a page may load: nothing, but for the admin's own scripts, styles and pictures."""

    def get_policy_parts(self, request: HttpRequest, *args: Any, **kwargs: Any) -> PolicyParts:
        """The policy of this page."""
        parts = super().get_policy_parts(request, *args, **kwargs)
        if request.path_info.startswith(ADMIN):
            parts.replace = {**ADMIN_POLICY, **(parts.replace or {})}
        elif request.path_info.startswith(CERTIFICATES):
            parts.replace = {**CERTIFICATE_POLICY, **(parts.replace or {})}
        return parts
