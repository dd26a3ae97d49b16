"""The throw-away PostgreSQL starts with every installation found here, and never stays behind."""

import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.clusters import until
from tests.postgres import NAME, NotStarted, installations, running_postgres

HOLD = "from tests.postgres import *\nwith running_postgres() as url: print(url, flush=True); input()"


@pytest.mark.parametrize("binaries", installations(), ids=str)
def test_every_installation_gives_an_empty_database_that_survives_a_power_cut(binaries: Path) -> None:
    with running_postgres(binaries) as url, _connected(url) as database:
        tables = database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        fsync = database.execute("SHOW fsync").fetchone()
    assert (tables, fsync) == ((0,), ("on",))
    assert not _folder(url).exists()


def test_an_error_inside_ends_the_server() -> None:
    with pytest.raises(KeyboardInterrupt), running_postgres() as url:
        raise KeyboardInterrupt
    assert not _folder(url).exists()


def test_a_killed_owner_leaves_no_server_behind() -> None:
    command = [sys.executable, "-c", HOLD]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=settings.BASE_DIR, text=True, **pipes) as owner:
        url = owner.stdout.readline().strip()
        assert _folder(url).exists()
        owner.send_signal(signal.SIGKILL)
    until(lambda: not _folder(url).exists())


def test_a_broken_installation_says_what_is_wrong(tmp_path: Path) -> None:
    tmp_path.joinpath("initdb").symlink_to("/bin/false")
    with pytest.raises(NotStarted, match="initdb"), running_postgres(tmp_path):
        pass


@pytest.mark.django_db
def test_the_suite_runs_on_the_database_it_was_asked_for(pytestconfig: pytest.Config) -> None:
    assert connection.vendor == {"sqlite": "sqlite", "postgres": "postgresql"}[pytestconfig.option.database]


def _folder(url: str) -> Path:
    return Path(urlsplit(url).path.removeprefix("/")).parent


def _connected(url: str) -> psycopg.Connection:
    return psycopg.connect(host=str(_folder(url)), user=NAME, dbname=NAME)
