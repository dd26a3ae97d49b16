"""Certificates survive workers that are killed for real, and several workers at once."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db.models.functions import Now

from automations.models import Certificate, Document, Run
from tests.automations.actions.steps import STEPS
from tests.automations.certified import make_certificate_rule, make_template, pdf_of, words_of
from tests.clusters import database_url
from tests.world import make_source, post, update, work
from webhooks_in.tasks import step as receive

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    """Where documents are kept."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def news(count: int) -> None:
    """So many changes of Ana, each with a run that is due."""
    make_template()
    make_certificate_rule()
    source = make_source()
    for number in range(count):
        post(source, update({"visits": number}))
    while receive():
        pass


def worker(folder: Path, do: str) -> subprocess.Popen[bytes]:
    """A process of its own that does this."""
    code = f"import django; django.setup(); from tests.automations.actions import steps; steps.{do}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "MEDIA_ROOT": str(folder),
    }
    return subprocess.Popen([sys.executable, "-c", code], cwd=project.BASE_DIR, env=environment)


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_after_any_step_leaves_one_number_and_one_file(files: Path, step: str) -> None:
    news(1)
    assert worker(files, f"work_until_killed({step!r})").wait(60) == -signal.SIGKILL
    assert Run.objects.get().state == "running"
    Run.objects.update(due_at=Now())
    work()
    assert Run.objects.get().state == "done"
    assert Certificate.objects.get().sequence == 1
    assert (Document.objects.count(), len([one for one in files.rglob("*") if one.is_file()])) == (1, 1)
    assert "Ana Lopez" in words_of(pdf_of(Certificate.objects.get()))


def test_three_workers_at_once_issue_one(files: Path) -> None:
    news(12)
    workers = [worker(files, "work_to_the_end()") for _ in range(3)]
    assert [one.wait(60) for one in workers] == [0, 0, 0]
    assert set(Run.objects.values_list("state", flat=True)) == {"done"}
    assert (Certificate.objects.count(), Document.objects.count()) == (1, 1)
