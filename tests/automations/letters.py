"""Harbour Learning writes to the people it trains."""

from typing import Any

from django.contrib.auth.models import Group, User

from automations.models import Action, EmailTemplate, Rule, Run
from tests.world import make_source, post, update, work

WELCOME = {
    "title": "Welcome",
    "to": "{FIRSTNAME} {LASTNAME} <{EMAIL}>",
    "subject": "Welcome, {FIRSTNAME}",
    "text": "Hello {FIRSTNAME}, your stage is {stage}.",
}


def make_template(**options: Any) -> EmailTemplate:
    """A template that greets a contact, unless told otherwise."""
    return EmailTemplate.objects.create(**{**WELCOME, **options})


def make_mailing_rule(kind: str = "send_email", **options: str) -> Rule:
    """A rule that does this whenever a contact's stage changes."""
    rule = Rule.objects.create(name="Write", monitor="every")
    Action.objects.create(rule=rule, kind=kind, options=options or {"template": "Welcome"})
    return rule


def enrol(**snapshot: Any) -> Run:
    """The CRM says that Ana is enrolled; what followed is done as far as it is due."""
    post(make_source(), update({"stage": "Enrolled"}, **snapshot))
    work()
    return Run.objects.latest("id")


def make_member(role: str, email: str, **options: Any) -> User:
    """A person in a role."""
    user = User.objects.create(username=f"{role} {email} {len(options)}", email=email, **options)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user
