"""The five roles."""

import pytest
from django.contrib.auth.models import Group, Permission

from config import roles
from config.roles import ADMINISTRATOR, EDITOR, OPERATOR, POSTER, ROLES, VIEWER, Role

pytestmark = pytest.mark.django_db


def granted(role: Role) -> set[str]:
    """The permissions of the stored group."""
    found = Permission.objects.filter(group__name=role.name).select_related("content_type")
    return {f"{one.content_type.app_label}.{one.codename}" for one in found}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_a_migration_makes_the_role_with_all_its_permissions(role: Role) -> None:
    assert role.permissions
    assert granted(role) >= role.permissions


@pytest.mark.parametrize("role", [VIEWER, OPERATOR, POSTER, EDITOR], ids=lambda role: role.name)
def test_a_role_has_no_more_than_the_table_says(role: Role) -> None:
    assert granted(role) == role.permissions


def test_an_administrator_may_do_everything() -> None:
    ours = Permission.objects.filter(content_type__app_label__in=(*roles.OURS, *roles.PEOPLE))
    assert len(granted(ADMINISTRATOR)) == ours.count()


@pytest.mark.parametrize(
    ("role", "permission", "has"),
    [
        (VIEWER, "automations.execute_webhook", False),
        (VIEWER, "automations.change_contact", False),
        (OPERATOR, "automations.execute_webhook", True),
        (OPERATOR, "automations.mass_post", False),
        (POSTER, "automations.mass_post", True),
        (POSTER, "automations.change_rule", False),
        (EDITOR, "automations.change_rule", True),
        (EDITOR, "automations.execute_webhook", False),
        (EDITOR, "webhooks_out.send_unverified", False),
        (EDITOR, "webhooks_in.change_source", False),
    ],
)
def test_who_may_what(role: Role, permission: str, has: bool) -> None:
    assert (permission in granted(role)) is has


def test_installing_again_takes_nothing_from_a_group() -> None:
    viewers = Group.objects.get(name=VIEWER.name)
    extra = Permission.objects.get(codename="mass_post")
    viewers.permissions.add(extra)
    viewers.permissions.remove(Permission.objects.get(codename="view_rule"))
    roles.install()
    assert granted(VIEWER) == VIEWER.permissions | {"automations.mass_post"}
    assert Group.objects.count() == len(ROLES)
