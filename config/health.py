"""`/health/`: is work getting done? Made for a load balancer and for the person who is paged."""

from datetime import timedelta

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from webhooks_out.drains import BEAT, queues
from webhooks_out.models import Heartbeat

STALE = timedelta(seconds=60)  # without a heartbeat or with work overdue this long, something is wrong


def health(request: HttpRequest) -> JsonResponse:
    """200 `{"status": "ok"}`, or 503 `degraded`; staff who are signed in also see why."""
    try:
        problems = list(_problems())
    except DatabaseError:
        problems = ["The database does not answer."]
    answer: dict[str, object] = {"status": "degraded" if problems else "ok"}
    if problems and "The database does not answer." not in problems and request.user.is_staff:
        answer["problems"] = problems
    return JsonResponse(answer, status=503 if problems else 200)


def _problems() -> list[str]:
    """What is wrong, in sentences."""
    now, found = timezone.now(), []
    beat = Heartbeat.objects.filter(name=BEAT).first()
    if beat is None or now - beat.beat_at > STALE:
        found.append("The workers are silent: start `manage.py hub`, or look at its log.")
    for name, model in queues().items():
        oldest = model._default_manager.filter(due_at__lt=now - STALE).order_by("due_at").first()
        if oldest and oldest.due_at:
            found.append(
                f"The oldest of the {name} has been due for {int((now - oldest.due_at).total_seconds())} s."
            )
    return found
