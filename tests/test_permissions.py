"""Every address of the admin asks for its own permission, and nobody is shown what is closed to them."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db import models
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from config.roles import ROLES
from tests.premises import NOBODY, address, furnish, in_role, may, name_of, names, needed

pytestmark = pytest.mark.django_db
WHO = [*(role.name for role in ROLES), "Nothing"]  # the last may sign in, and no more
LINK = re.compile(r'(?:href|action|hx-get|hx-post|formaction)="(/admin/[^"]*)"')


@pytest.fixture(params=WHO)
def user(request: pytest.FixtureRequest) -> User:
    """Somebody in each role."""
    return in_role(request.param)


@pytest.fixture
def client(user: User) -> Client:
    signed_in = Client()
    signed_in.force_login(user)
    return signed_in


@pytest.fixture
def things(user: User) -> dict[str, Any]:
    return furnish()


def is_refused(answer: HttpResponse) -> bool:
    """Whether nothing was shown: forbidden, not that way, or back home as if there were no such thing."""
    return answer.status_code in {403, 405} or answer.headers.get("Location") == reverse("admin:index")


def get(client: Client, url: str) -> HttpResponse:
    """The answer; a file is read to its end, which closes it."""
    answer = client.get(url)
    if answer.streaming:
        b"".join(answer)
    return answer


def stored(*without: type[models.Model]) -> dict[str, list[Any]]:
    """Everything that is in the tables the admin is about."""
    kinds = [model for model in admin.site._registry if model not in without and not model._meta.proxy]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in kinds}


def test_every_address_has_said_which_permission_it_asks_for() -> None:
    assert [needed(name) for name in names()]


def test_get_is_answered_to_who_may_and_nobody_else(
    client: Client, user: User, things: dict[str, Any]
) -> None:
    wrong = []
    for name in names():
        answer = get(client, address(name, things))
        # There is no such page yet, or it is only posted to.
        fits = answer.status_code in {200, 302, 404, 405} if may(user, name) else is_refused(answer)
        wrong += [] if fits else [f"{name}: {answer.status_code}"]
    assert not wrong


def test_a_direct_post_does_nothing_for_who_may_not(
    client: Client, user: User, things: dict[str, Any]
) -> None:
    wrong, before = [], stored()
    for name in names():
        if not may(user, name):
            answer = client.post(address(name, things), {"post": "yes", "confirmed": "yes"})
            wrong += [] if is_refused(answer) else [f"{name}: {answer.status_code}"]
    assert not wrong
    assert stored() == before


def test_a_list_action_does_nothing_for_who_may_not(
    client: Client, user: User, things: dict[str, Any]
) -> None:
    superuser = RequestFactory().get("/")
    superuser.user = User(is_superuser=True, is_active=True)
    before = stored()
    for model, pages in admin.site._registry.items():
        mine = RequestFactory().get("/")
        mine.user = user
        for action in set(pages.get_actions(superuser)) - set(pages.get_actions(mine)):
            thing = things[model._meta.model_name or ""]
            chosen = {
                "action": action,
                ACTION_CHECKBOX_NAME: [str(thing.pk)],
                "post": "yes",
                "confirmed": "1",
            }
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            assert client.post(url, chosen).status_code in {200, 302, 403}, (model, action)
    assert stored() == before


def test_nobody_is_shown_a_way_that_is_closed(client: Client, user: User, things: dict[str, Any]) -> None:
    closed = set()
    for url in [reverse("admin:index"), *(address(name, things) for name in names() if may(user, name))]:
        answer = get(client, url)
        page = answer.content.decode() if "html" in answer.get("Content-Type", "") else ""
        for link in LINK.findall(page):
            name = name_of(link)
            if name in names() and not may(user, name):
                closed.add(f"{url} → {name}")
    assert not closed


def test_nobody_may_do_what_is_closed_to_all(things: dict[str, Any]) -> None:
    admin_of_all = User.objects.create(username="root", is_staff=True, is_superuser=True)
    signed_in = Client()
    signed_in.force_login(admin_of_all)
    closed = [name for name in names() if NOBODY in needed(name)]
    assert {signed_in.get(address(name, things)).status_code for name in closed} == {403}


def test_who_is_refused_is_told_what_to_do() -> None:
    signed_in = Client()
    signed_in.force_login(in_role("Viewer"))
    answer = signed_in.get(reverse("admin:automations_rule_add"))
    assert answer.status_code == 403
    assert "ask an administrator" in answer.content.decode()
    assert f'href="{reverse("admin:index")}"' in answer.content.decode()
