"""The home page: what is going on today."""

from typing import Any

from django.http import HttpRequest


def overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The context of the home page."""
    return context
