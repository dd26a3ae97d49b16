"""A real browser on the running site: Debian's Chromium, steered by Playwright."""

import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from tests.clusters import needed

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Read by pytest-playwright; its own download of a browser is not needed."""
    return {"executable_path": needed("chromium", "chromium-browser", "google-chrome"), "args": FLAGS}


@pytest.fixture(scope="session", autouse=True)
def _queries_beside_playwright() -> None:
    # Playwright's loop runs in the test's thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture
def faults(context: BrowserContext, live_server: LiveServer) -> Iterator[list[str]]:
    """What a browser complains of, and every request to another host; the test fails when any is left."""
    found: list[str] = []
    context.on("weberror", lambda error: found.append(f"script: {error.error}"))
    context.on("console", lambda line: _is_bad(line) and found.append(f"console: {line.text}"))
    context.on("request", lambda request: _is_ours(request.url) or found.append(f"leaves us: {request.url}"))
    yield found
    assert not found, "\n".join(found)


@pytest.fixture
def sign_in(
    context: BrowserContext, live_server: LiveServer, faults: list[str]
) -> Callable[[AbstractBaseUser], Page]:
    """`sign_in(user)` gives a page of the running site where that person is signed in; paths are enough for goto()."""

    def page_of(user: AbstractBaseUser) -> Page:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        return context.new_page()

    return page_of


@pytest.fixture
def browser_context_args(live_server: LiveServer) -> dict[str, Any]:
    """Read by pytest-playwright."""
    return {"base_url": live_server.url, "viewport": {"width": 1280, "height": 900}, "locale": "en-GB"}


def _is_ours(url: str) -> bool:
    parts = urlsplit(url)
    # The last two are parts of the browser itself, such as its viewer of PDF files.
    return parts.scheme in {"data", "blob", "about", "chrome", "chrome-extension"} or parts.hostname in {
        "localhost",
        "127.0.0.1",
    }


def _is_bad(line: ConsoleMessage) -> bool:
    # Browsers ask for that icon on their own, now and then.
    return line.type == "error" and not line.location["url"].endswith("/favicon.ico")
