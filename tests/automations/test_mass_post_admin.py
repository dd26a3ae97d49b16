"""From the list to the last result, for those who may, and nothing by any other way."""

import csv
import io

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from automations.models import Batch, BatchItem
from tests.automations.mass_posts.crowd import confirm, fresh, make_contacts, make_hook, prepare, work_on
from tests.receiver import receiver
from tests.staff import queries, signed_in, text
from tests.webhooks_out.test_sender import Listen
from webhooks_out.models import Delivery, Webhook

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db
LIST = "/admin/automations/contact/"
POSTER = ("automations.view_contact", "automations.mass_post", "automations.view_batch")


@pytest.fixture
def client() -> Client:
    return signed_in(*POSTER, name="pia")


def page(batch: Batch, name: str = "change") -> str:
    """The address of a mass post's page, or of one of its parts."""
    return f"/admin/automations/batch/{batch.pk}/{name}/"


def choose(client: Client, hook: Webhook, query: str = "", **form: object) -> Batch:
    """The webhook is chosen for the whole list, or for the ids ticked."""
    posted = {"webhook": hook.pk, "only_new": "on", **form}
    answer = client.post(f"{LIST}mass-post/{query}", posted)
    assert answer.status_code == 302, text(answer)
    return Batch.objects.latest("created_at")


def test_selected_records_are_chosen_with_the_action(client: Client) -> None:
    ids = list(make_contacts(5).values_list("pk", flat=True)[:3])
    hook = make_hook()
    ticked = {"action": "mass_post", "_selected_action": ids, "select_across": "0"}
    assert "Preview 3 contacts" in text(client.post(LIST, ticked))
    batch = choose(client, hook, _selected_action=ids)
    assert (batch.total, batch.selection, batch.requested_by) == (3, "Selected contacts", "pia")


def test_the_list_means_all_that_the_filters_find(client: Client) -> None:
    make_contacts(120)
    make_contacts(4, stage="Lead")
    hook = make_hook()
    across = {"action": "mass_post", "_selected_action": ["1"], "select_across": "1"}
    assert "Preview 124 contacts" in text(client.post(LIST, across))
    batch = choose(client, hook, "?q=Person+12")
    assert (batch.total, batch.selection) == (6, "Contacts with search “Person 12”")


def test_the_way_to_the_list_takes_the_filters_along(client: Client) -> None:
    make_contacts(1)
    assert f"{LIST}mass-post/?q=Person" in text(client.get(f"{LIST}?q=Person"))


def test_filters_that_make_no_sense_lead_back_to_the_list(client: Client) -> None:
    assert client.get(f"{LIST}mass-post/?nonsense__x=1").status_code == 302


@pytest.mark.parametrize("form", [{"webhook": "0"}, {"webhook": ""}])
def test_without_a_webhook_nothing_is_made(client: Client, form: dict[str, str]) -> None:
    make_contacts(1)
    make_hook()
    assert client.post(f"{LIST}mass-post/", form).status_code == 200
    assert not Batch.objects.exists()


def test_the_preview_goes_from_record_to_record(client: Client) -> None:
    batch = prepare(make_contacts(3), make_hook())
    seen, url = [], page(batch, "preview")
    for _ in range(3):
        answer = client.get(url)
        seen.append(answer.context["shown"].record.external_id)
        url = f"{page(batch, 'preview')}?at={answer.context['shown'].following}"
    assert seen == ["1", "2", "3"]
    assert "Record 3 of 3" in text(answer)
    assert "p3@harbour.example" in text(answer)
    assert answer.context["shown"].following is None


def test_the_page_says_how_many_are_posted_and_why_not_the_others(client: Client) -> None:
    make_contacts(2, email="")
    batch = prepare(make_contacts(3), make_hook(missing="hold"))
    said = text(client.get(page(batch)))
    assert "Post 3 contacts" in said
    assert "2 × Required data is missing: email: email is empty." in said


def test_the_button_posts_once_and_the_history_says_who(client: Client) -> None:
    batch = prepare(make_contacts(2), make_hook())
    for _ in range(2):
        client.post(page(batch, "confirm"), {"number": "2", "pace": "5"})
    batch = fresh(batch)
    assert (batch.stage, batch.requested_by, batch.pace) == ("posting", "pia", 5)
    assert LogEntry.objects.get().change_message == "Posted 2 contacts."


@pytest.mark.parametrize("posted", [{"number": "3"}, {}, {"number": "2", "pace": "0"}])
def test_another_number_than_shown_is_not_posted(client: Client, posted: dict[str, str]) -> None:
    batch = prepare(make_contacts(2), make_hook())
    client.post(page(batch, "confirm"), posted)
    assert fresh(batch).stage == "ready"


def test_progress_is_asked_for_until_it_is_over(client: Client, receiver: Listen) -> None:
    batch = confirm(prepare(make_contacts(2), make_hook(receiver(200).url)))
    seen = client.get(page(batch)).context["phase"]
    live = client.get(page(batch, "live"), {"seen": seen})
    assert "every 1s" in text(live)
    assert "HX-Refresh" not in live.headers
    work_on(batch)
    live = client.get(page(batch, "live"), {"seen": seen})
    assert live.headers["HX-Refresh"] == "true"
    assert "every 1s" not in text(live)


def test_results_are_narrowed_and_paged(client: Client, receiver: Listen) -> None:
    make_contacts(3, email="")
    batch = work_on(confirm(prepare(make_contacts(60), make_hook(receiver(200).url, missing="hold"))))
    url = page(batch, "results")
    assert len(client.get(url, {"show": "skipped"}).context["page"].results) == 3
    first = client.get(url, {"show": "delivered"}).context["page"]
    second = client.get(url, {"show": "delivered", "after": first.following}).context["page"]
    assert (len(first.results), len(second.results), second.following) == (50, 10, "")
    for odd in ("x", "-1", "9" * 400):
        assert client.get(url, {"show": "failed", "after": odd}).status_code == 200
        assert client.get(url, {"show": odd, "after": odd}).status_code == 200


def test_the_csv_file_has_every_record_and_no_formula(client: Client, receiver: Listen) -> None:
    records = make_contacts(2)
    records.filter(external_id="1").update(name='=HYPERLINK("http://evil.example")')
    batch = work_on(confirm(prepare(records, make_hook(receiver(200).url))))
    answer = client.get(page(batch, "csv"))
    lines = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [line["Result"] for line in lines] == ["Delivered", "Delivered"]
    assert lines[0]["Name"] == '\'=HYPERLINK("http://evil.example")'
    assert "attachment" in answer.headers["Content-Disposition"]


def test_the_failed_ones_lead_to_a_mass_post_of_their_own(client: Client, receiver: Listen) -> None:
    batch = work_on(confirm(prepare(make_contacts(2), make_hook(receiver(404).url))))
    assert "Post the 2 that failed again" in text(client.get(page(batch)))
    client.post(page(batch, "retry"))
    assert Batch.objects.count() == 2
    assert Batch.objects.latest("created_at").selection.startswith("2 that failed of the mass post")


def test_the_list_tells_of_past_ones_with_the_same_queries_for_any_number(
    client: Client, receiver: Listen
) -> None:
    hook = make_hook(receiver(200).url)
    work_on(confirm(prepare(make_contacts(2), hook)))
    listing = "/admin/automations/batch/"
    assert "2 delivered, 0 failed, 0 skipped" in text(client.get(listing))
    before = queries(client, listing)
    for _ in range(3):
        work_on(confirm(prepare(make_contacts(1), hook, only_new=False)))
    assert queries(client, listing) == before


def test_a_page_takes_the_same_queries_for_any_number_of_records(client: Client) -> None:
    few, many = prepare(make_contacts(2), make_hook()), prepare(make_contacts(100), make_hook(title="b"))
    assert queries(client, page(few)) == queries(client, page(many))


ORDERS = ("confirm", "check", "pause", "resume", "cancel", "retry", "rest")


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize(
    "permissions",
    [
        ("automations.view_contact", "automations.view_batch"),
        ("automations.mass_post", "automations.view_contact"),
        ("automations.mass_post", "automations.view_batch", "automations.view_task"),
    ],
)
def test_who_may_not_orders_nothing_by_a_direct_post(name: str, permissions: tuple[str, ...]) -> None:
    hook = make_hook()
    batch = prepare(make_contacts(2), hook)
    other = signed_in(*permissions, name="vic")
    assert other.post(page(batch, name), {"number": "2", "webhook": hook.pk}).status_code == 403
    assert (fresh(batch).stage, Batch.objects.count()) == ("ready", 1)


@pytest.mark.parametrize("name", ORDERS)
def test_orders_are_given_by_post_only(client: Client, name: str) -> None:
    batch = prepare(make_contacts(1), make_hook())
    assert client.get(page(batch, name)).status_code == 405


@pytest.mark.parametrize("name", ["live", "preview", "results", "csv", "change"])
def test_who_may_not_see_the_records_sees_no_page_of_them(name: str) -> None:
    batch = prepare(make_contacts(1), make_hook())
    other = signed_in("automations.view_batch", "automations.view_task", name="vic")
    assert other.get(page(batch, name)).status_code in (302, 403)
    assert not other.get("/admin/automations/batch/").context["cl"].result_list


def test_who_may_not_mass_post_is_offered_nothing() -> None:
    make_contacts(1)
    other = signed_in("automations.view_contact", name="vic")
    assert "ass post" not in text(other.get(LIST))
    assert other.get(f"{LIST}mass-post/").status_code == 403
    assert other.post(f"{LIST}mass-post/", {"webhook": make_hook().pk}).status_code == 403
    assert not BatchItem.objects.exists()
    assert not Delivery.objects.exists()
