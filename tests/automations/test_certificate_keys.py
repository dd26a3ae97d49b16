"""A certificate has one once key, where every action has it, and the form asks for it once."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from automations import once_keys
from automations.actions.issue_certificate import ISSUE_CERTIFICATE
from automations.models import Action, Rule
from config.files import NotLoadable, export, load
from tests.automations.certified import TITLE, make_template
from tests.staff import signed_in, text
from tests.world import make_source, post, update, work

pytestmark = pytest.mark.django_db
migration = import_module("automations.migrations.0011_one_once_key")
KEY = "certificate:{id}:{template}"
FILE = """rules:
  - name: Certify
    actions:
      - kind: issue_certificate
        once_key: '{id}:KEY'
        options: {template: Level 2}
"""


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("{id}:{template}", ""),
        ("{template}", "needs a tag, such as {id}"),
        ("certificate", "needs a tag, such as {id}"),
    ],
)
def test_the_key_of_a_certificate_tells_people_apart(key: str, words: str) -> None:
    problem = once_keys.problem(key, ISSUE_CERTIFICATE.once_tags)
    assert words in problem
    assert bool(words) == bool(problem)


def test_only_the_keys_of_certificates_may_name_the_template() -> None:
    post(make_source(), update({"stage": "Enrolled"}))
    work()
    assert "no tag {template}" in once_keys.problem("{id}:{template}")


def test_the_form_asks_for_one_key_alone() -> None:
    form = text(signed_in(superuser=True).get("/admin/automations/rule/add/"))
    assert "actions-0-options-issue_certificate-template" in form
    assert "options-issue_certificate-key" not in form
    assert form.count('name="actions-0-once_key"') == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (({"template": "T", "key": "c:{id}"}, ""), ({"template": "T"}, "c:{id}")),
        (({"template": "T"}, ""), ({"template": "T"}, "")),
        (({"template": "T", "key": "c:{id}"}, "second"), ({"template": "T"}, "c:{id}")),
        (({"template": "T"}, "second"), ({"template": "T"}, "")),
    ],
)
def test_keys_of_certificates_moved_to_where_all_are(before: Any, after: Any) -> None:
    rule = Rule.objects.create(name="Certify")
    options, key = before
    action = Action.objects.create(rule=rule, kind="issue_certificate", options=options, once_key=key)
    other = Action.objects.create(rule=rule, kind="notify_staff", once_key=KEY)
    migration.to_the_action(apps, None)
    action.refresh_from_db()
    assert (action.options, action.once_key) == after
    migration.to_the_options(apps, None)
    assert Action.objects.get(pk=action.pk).options == (
        {**after[0], "key": after[1]} if after[1] else after[0]
    )
    assert Action.objects.get(pk=other.pk).once_key == KEY


def test_a_file_may_name_the_template_in_the_key_of_a_certificate() -> None:
    make_template(title=TITLE)
    load(FILE.replace("KEY", "{template}").encode(), {})
    assert "once_key: '{id}:{template}'" in export()
    with pytest.raises(NotLoadable, match=r"line 5, .*once_key: There is no tag .FRISTNAME"):
        load(FILE.replace("KEY", "{FRISTNAME}").encode(), {})
