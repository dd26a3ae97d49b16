"""`/health/`: one word for machines, the reasons for staff."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.webhooks_out.test_jobs import make_delivery
from webhooks_out.drains import beat

pytestmark = pytest.mark.django_db


def health(client: Client | None = None) -> tuple[int, dict[str, object]]:
    response = (client or Client()).get("/health/")
    return response.status_code, response.json()


def test_working_workers_are_ok() -> None:
    beat()
    assert health() == (200, {"status": "ok"})


def test_silent_workers_are_degraded() -> None:
    assert health() == (503, {"status": "degraded"})


def test_overdue_work_is_degraded() -> None:
    beat()
    make_delivery()
    assert health() == (503, {"status": "degraded"})


def test_what_waits_for_its_time_is_not_overdue() -> None:
    beat()
    make_delivery(due_at=timezone.now() + timedelta(hours=1))
    assert health()[0] == 200


def test_staff_see_the_reasons() -> None:
    client = Client()
    client.force_login(User.objects.create_user("mia", is_staff=True))
    assert "workers are silent" in str(health(client)[1]["problems"])
