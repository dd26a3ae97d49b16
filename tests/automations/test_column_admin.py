"""An administrator chooses the columns of a list from the fields that were seen."""

import pytest
from django.test import Client

from automations.models import Column
from tests.staff import form_of, signed_in, text
from tests.world import ANA, make_source, post, work

pytestmark = pytest.mark.django_db
ADD = "/admin/automations/column/add/"


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


@pytest.fixture
def ana() -> None:
    post(make_source(), {**ANA, "ssn": "078-05-1120", 'quo"te': "x"})
    work()


def test_the_fields_that_were_seen_are_offered_sensitive_ones_as_dots(client: Client, ana: None) -> None:
    page = text(client.get(ADD))
    assert '<option value="stage" label="stage, for example Lead">' in page
    assert '<option value="ssn" label="ssn, for example ••••••">' in page
    assert "quo&quot;te" not in page


def test_other_types_offer_other_fields(client: Client, ana: None) -> None:
    url = "/admin/automations/column/fields/"
    assert 'value="email"' in text(client.get(url, {"record_type": "Contact"}))
    assert "option" not in text(client.get(url, {"record_type": "Task"}))
    assert "option" not in text(signed_in(name="nobody").get(url, {"record_type": "Contact"}))


def test_a_column_is_added_behind_the_last_one(client: Client) -> None:
    Column.objects.create(record_type="Task", path="due", position=4)
    form = client.get(f"{ADD}?record_type=Task").context["adminform"].form
    assert (form["record_type"].value(), form["position"].value()) == ("Task", 5)
    entered = form_of(client, f"{ADD}?record_type=Task", path="PRIORITY", label="How urgent")
    assert client.post(ADD, entered).status_code == 302
    assert Column.objects.filter(record_type="Task", path="PRIORITY", position=5).exists()


@pytest.mark.parametrize("path", ['quo"te', "back\\slash"])
def test_a_field_no_list_could_show_is_refused(client: Client, path: str) -> None:
    answer = client.post(ADD, form_of(client, ADD, path=path))
    assert "cannot be a column" in text(answer)


def test_the_same_column_twice_is_refused(client: Client) -> None:
    Column.objects.create(record_type="Contact", path="email")
    assert "already exists" in text(client.post(ADD, form_of(client, ADD, path="email")))


def test_the_list_of_columns_can_be_put_in_another_order(client: Client) -> None:
    column = Column.objects.create(record_type="Contact", path="email", position=1)
    management = {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-id": column.pk,
        "form-0-position": 7,
    }
    client.post("/admin/automations/column/", {**management, "_save": "Save"})
    column.refresh_from_db()
    assert column.position == 7


def test_columns_are_shown_to_those_who_may_see_them() -> None:
    assert signed_in(name="nobody").get("/admin/automations/column/").status_code == 403
    assert signed_in("automations.view_column").get("/admin/automations/column/").status_code == 200
    assert signed_in("automations.view_column", name="bea").get(ADD).status_code == 403


def test_nobody_having_chosen_the_page_says_what_is_shown(client: Client) -> None:
    assert "Nobody has chosen columns yet" in text(client.get("/admin/automations/column/"))
