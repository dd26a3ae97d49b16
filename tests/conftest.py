"""What every test gets: a database in a file, so that threads and processes can share it as they do in production."""

import hypothesis
import pytest
from django.conf import settings

from automations import braking, mailing
from webhooks_in.directory import directory
from webhooks_out import drains

pytest_plugins = [
    "tests.clusters",
    "tests.browser",
    "tests.mail_sink",
]  # a plugin stands before those that import it

# A busy machine is no defect of ours; on CI the inputs are the same every time, which is Hypothesis' own habit there.
hypothesis.settings.register_profile(
    "patient",
    hypothesis.settings(),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _forgetful() -> None:
    """No test profits from what the process remembers of another one."""
    drains._promised.clear()
    directory.forget()
    braking.forget()
    mailing._asked_again_at.clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Called by pytest-django before it creates the test database."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
