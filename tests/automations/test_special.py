"""The special values: always there, and free of cost for who does not use them."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db.models import prefetch_related_objects
from pytest_django import DjangoAssertNumQueries

from automations import special
from automations.actions import post_webhook
from automations.models import Change, Document, Record, System, Tag
from webhooks_out import mapping
from webhooks_out.mapping import Pair

pytestmark = pytest.mark.django_db
PLAN = {"months": 48, "payment": "310.50"}
COPY = Pair("__copydocs", "text", "{ACCTID}-{ID}-{UPLOAD_DOC_IDS}", missing="empty")
NAME = Pair("firstname", "text", "{FIRSTNAME}")


@pytest.fixture
def tags() -> dict[str, str]:
    return dict(Tag.objects.values_list("name", "path"))


@pytest.fixture
def ana() -> Record:
    system = System.objects.create(name="Harbour CRM")
    fields = {"first_name": "Ana", "plan_data": PLAN, "account_id": "not the hub's"}
    return Record.objects.create(system=system, type="Contact", external_id="7", fields=fields)


def add_document(record: Record, name: str) -> int:
    """The id of a document of the record."""
    file = ContentFile(name.encode(), name)
    return int(Document.objects.create(record=record, file=file, name=name, digest=name).pk)


def rendered(record: Record, tags: dict[str, str], *pairs: Pair) -> dict[str, Any]:
    """What the pairs give, sent by hand."""
    change = Change(record=record, event="executed", fields=record.fields)
    filled = mapping.render(pairs, post_webhook.values(change, tags))
    return {key: value for key, value, _ in filled.pairs}


@pytest.fixture(autouse=True)
def _elsewhere(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT, settings.ACCOUNT_ID = tmp_path, "22"


def test_documents_are_named_with_account_and_record_oldest_first(ana: Record, tags: dict[str, str]) -> None:
    first, second = add_document(ana, "a.pdf"), add_document(ana, "b.pdf")
    assert rendered(ana, tags, COPY) == {"__copydocs": f"22-7-{first},{second}"}


def test_a_record_without_documents_names_none(ana: Record, tags: dict[str, str]) -> None:
    assert rendered(ana, tags, COPY) == {"__copydocs": "22-7-"}


@pytest.mark.parametrize(
    ("plan", "sent"),
    [(PLAN, '{"months":48,"payment":"310.50"}'), ([1, 2], "[1,2]"), ("not JSON", "not JSON"), ({}, "")],
)
def test_the_plan_goes_out_as_json_text(ana: Record, tags: dict[str, str], plan: Any, sent: str) -> None:
    ana.fields["plan_data"] = plan
    assert rendered(ana, tags, Pair("p", "text", "{EP_DATA}", missing="empty")) == {"p": sent}


def test_a_field_of_the_record_cannot_pose_as_the_hub(ana: Record, tags: dict[str, str]) -> None:
    ana.fields["hub.account_id"] = "99"
    assert rendered(ana, tags, Pair("a", "text", "{ACCTID}")) == {"a": "22"}


def test_documents_cost_a_query_only_when_they_are_asked_for(
    ana: Record, tags: dict[str, str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        rendered(ana, tags, NAME)
    with django_assert_num_queries(1):
        rendered(ana, tags, COPY)


def test_prefetched_documents_cost_none(
    ana: Record, tags: dict[str, str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    prefetch_related_objects([ana], "documents")
    with django_assert_num_queries(0):
        rendered(ana, tags, COPY)


@pytest.mark.parametrize(
    ("pair", "needs"),
    [
        (COPY, True),
        (Pair("d", "field", "hub.document_ids"), True),
        (NAME, False),
        (Pair("c", "constant", "x"), False),
    ],
)
def test_a_mapping_says_whether_it_asks_for_documents(tags: dict[str, str], pair: Pair, needs: bool) -> None:
    assert special.needs_documents([NAME, pair], tags) is needs


def test_every_standard_tag_has_a_group_and_a_meaning() -> None:
    assert not Tag.objects.filter(label="").exists()
    assert not Tag.objects.filter(group="custom").exists()
    assert Tag.objects.filter(group="budget", path__startswith="budget.").count() > 40
