"""Old changes forget why rules did not fire, in small steps, and keep that they fired."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automations import retention
from automations.models import Change, Record, System
from automations.verdicts import Verdict, keep, kept
from webhooks_out.stats import first_id

pytestmark = pytest.mark.django_db
SILENT, FIRED = Verdict(1, "Silent", False, "did not fire: no"), Verdict(2, "Loud", True, "fired")


def changed(days_ago: int, *verdicts: Verdict) -> Change:
    """A change of so long ago, and what rules said of it."""
    system, _ = System.objects.get_or_create(name="Harbour CRM")
    record, _ = Record.objects.get_or_create(system=system, type="Contact", external_id="7")
    start = first_id(timezone.now() - timedelta(days=days_ago)).int
    change = Change(record=record, event="updated")
    change.id = type(change.id)(int=start + Change.objects.count() + 1)
    keep(change, verdicts)
    change.save()
    return change


def said(change: Change) -> list[str]:
    """The names of the rules whose verdicts are kept."""
    change.refresh_from_db()
    return [one.name for one in kept(change)]


def forget(*options: str) -> str:
    """What the command says."""
    out = StringIO()
    call_command("forget_reasons", *options, stdout=out)
    return out.getvalue()


def test_old_changes_keep_only_the_rules_that_fired() -> None:
    old, quiet, young = changed(91, SILENT, FIRED), changed(91, SILENT), changed(89, SILENT, FIRED)
    assert "2 changes of more than 90 days ago" in forget()
    assert (said(old), said(quiet), said(young)) == (["Loud"], [], ["Loud", "Silent"])


def test_how_old_may_be_said() -> None:
    change = changed(10, SILENT)
    forget("--days", "11")
    assert said(change) == ["Silent"]
    forget("--days", "9")
    assert said(change) == []


@pytest.mark.parametrize("days", ["0", "-1", "99999999"])
def test_a_number_that_cannot_be_is_refused(days: str) -> None:
    with pytest.raises(CommandError, match="from 1 to 36500"):
        forget("--days", days)


def test_it_goes_on_from_chunk_to_chunk_and_finds_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 2)
    changes = [changed(91, SILENT) for _ in range(5)]
    assert list(retention.forget_reasons(timezone.now())) == [2, 2, 1]
    assert not any(map(said, changes))
    assert sum(retention.forget_reasons(timezone.now())) == 0


def test_a_chunk_costs_the_same_for_two_changes_and_for_twenty() -> None:
    counts = []
    for number in (2, 20):
        for _ in range(number):
            changed(91, SILENT)
        with CaptureQueriesContext(connection) as queries:
            list(retention.forget_reasons(timezone.now()))
        counts.append(len(queries))
    assert counts[0] == counts[1]
