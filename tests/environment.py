"""The pytest plugin that sets the environment and starts the database, before the settings are read."""

import base64
import os
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.postgres import running_postgres

ENVIRONMENT = {
    "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
    "ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8,::1/128",
    # Never opened; as a file it keeps pytest-django's live server from sharing one connection among its threads.
    "DATABASE_URL": f"sqlite:///{Path(tempfile.gettempdir(), 'fieldhook-not-the-tests.sqlite3')}",
    "DEBUG": "off",
    "DEMO": "off",
    "EMAIL_URL": "memorymail://",
    "FIELD_KEYS": base64.urlsafe_b64encode(b"a key for tests only".ljust(32)).decode(),
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "REDIS_URL": "",
    "SECRET_KEY": "a key for tests only, as long as the settings ask for",
    "TIME_ZONE": "UTC",
    "WORKERS": "2",
}
# What these start uses more than one core or watches the clock.
ALONE = {"start", "browser"}
ID_CHARACTERS = 60
DATABASE = {"db", "transactional_db", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--database`."""
    parser.addoption(
        "--database",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="postgres: start a throw-away PostgreSQL and run only the tests that use a database",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Comes before pytest-django reads the settings; the processes of pytest-xdist inherit what is set here."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix="fieldhook-files-")
        early_config.add_cleanup(folder.cleanup)
        os.environ.update(ENVIRONMENT, MEDIA_ROOT=folder.name)
        if early_config.known_args_namespace.database == "postgres":
            stack = ExitStack()
            early_config.add_cleanup(stack.close)
            os.environ["DATABASE_URL"] = stack.enter_context(running_postgres(fsync=False))
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks what must run alone; on PostgreSQL leaves out what has no database, as it ran on SQLite already."""
    for item in items:
        if ALONE & _fixtures(item):
            item.add_marker("alone")
    if config.getoption("database") == "postgres":
        config.hook.pytest_deselected(items=[item for item in items if not _uses_database(item)])
        items[:] = [item for item in items if _uses_database(item)]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A name that is short and the same in every process: gzip, for one, writes the time into its bytes."""
    if isinstance(val, bytes):
        return argname
    return f"{val[:ID_CHARACTERS]}…" if isinstance(val, str) and len(val) > ID_CHARACTERS else None


def _uses_database(item: pytest.Item) -> bool:
    return item.get_closest_marker("django_db") is not None or bool(DATABASE & _fixtures(item))


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))
