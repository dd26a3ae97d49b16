"""People of Harbour Learning who may sign in, each with the permissions a test gives."""

from typing import Any

from django.contrib.auth.models import Permission, User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext


def person(*permissions: str, name: str = "mia", superuser: bool = False) -> User:
    """A member of staff with permissions such as "automations.view_rule"."""
    user = User.objects.create(username=name, is_staff=True, is_superuser=superuser)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def signed_in(*permissions: str, name: str = "mia", superuser: bool = False) -> Client:
    """A browser in which this person is signed in; it checks CSRF as a real one would be checked."""
    client = Client()
    client.force_login(person(*permissions, name=name, superuser=superuser))
    return client


def text(answer: HttpResponse) -> str:
    """The page's HTML."""
    return answer.content.decode()


def queries(client: Client, url: str) -> int:
    """How many statements the page takes, once everything that is kept in memory is there."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def form_of(client: Client, url: str, **entered: Any) -> dict[str, Any]:
    """What a browser would post from the form at this URL, with these fields entered."""
    adminform = client.get(url).context["adminform"]
    formsets = client.get(url).context["inline_admin_formsets"]
    posted: dict[str, Any] = {}
    for form in (
        adminform.form,
        *(each for one in formsets for each in (one.formset.management_form, *one.formset.forms)),
    ):
        for bound in form:
            value = bound.value()
            if value is not None and value is not False and not hasattr(value, "reveal"):
                posted[bound.html_name] = value
    return {key: value for key, value in (posted | entered).items() if value is not None}
