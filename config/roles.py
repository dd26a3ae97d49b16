"""The five roles: groups of people, and what each may do. Everything else asks for a permission, never for a role."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions

OURS = ("webhooks_in", "automations", "webhooks_out")
PEOPLE = ("auth",)
RECORDS = ("record", "contact", "company", "task")


@dataclass(frozen=True)
class Role:
    """A group's name, what it is for, and its permissions; `everything` adds all there are, people included."""

    name: str
    help: str
    permissions: frozenset[str]
    everything: bool = False


def _may(app: str, deeds: str, *models: str) -> frozenset[str]:
    """Permissions such as "automations.view_rule" for each of these deeds, parted by blanks, and models."""
    return frozenset(f"{app}.{deed}_{model}" for deed in deeds.split() for model in models)


_LOOKING = (
    _may("automations", "view", *RECORDS, "change", "document", "run", "batch", "rule", "tag", "system")
    | _may("automations", "view", "certificate", "certificatetemplate", "emailtemplate", "oncekey")
    | _may("automations", "view", "emailmessage")
    | _may("webhooks_in", "view", "source", "receipt", "import")
    | _may("webhooks_out", "view", "webhook", "keyvalue", "delivery")
)
_OPERATING = (
    _LOOKING
    | _may("automations", "add change", *RECORDS)
    | {"automations.add_document", "automations.execute_webhook"}
)
_POSTING = _OPERATING | _may("automations", "add change", "batch") | {"automations.mass_post"}
_EDITING = (
    _LOOKING
    | _may("automations", "view add change delete", "rule", "tag", "column", "emailtemplate")
    | _may("automations", "add change delete", "certificatetemplate")
    | _may("webhooks_out", "add change delete", "webhook", "keyvalue")
    # Who mends a rule or a webhook also does again what it got wrong.
    | {"automations.change_run", "webhooks_out.change_delivery", "webhooks_in.change_receipt"}
    | {"automations.change_certificate", "automations.void_oncekey"}  # to void one
)

VIEWER = Role("Viewer", "looks at records, definitions and the log; changes nothing", _LOOKING)
OPERATOR = Role(
    "Operator", "also adds and edits records, adds documents and executes webhooks on one record", _OPERATING
)
POSTER = Role("Mass poster", "an operator who also posts many records at once", _POSTING)
EDITOR = Role(
    "Rule editor",
    "a viewer who also writes rules, webhooks, e-mail templates, tags and columns, and repeats what they did wrong",
    _EDITING,
)
ADMINISTRATOR = Role(
    "Administrator",
    "everything, data sources, imports, linked hubs and people included",
    _POSTING | _EDITING,
    True,
)
ROLES = (VIEWER, OPERATOR, POSTER, EDITOR, ADMINISTRATOR)


def install(registry: Any = installed) -> None:
    """Makes the groups that are missing and gives each what it lacks; nothing is taken from a group that is there.

    `registry`: the apps as a migration knows them. Permissions that do not exist yet are made first.
    """
    for label in (*OURS, *PEOPLE):
        _make_permissions(label, registry)
    for role in ROLES:
        group, _ = registry.get_model("auth", "Group").objects.get_or_create(name=role.name)
        group.permissions.add(*_found(role, registry))


def _make_permissions(label: str, registry: Any) -> None:
    """What Django does only after the last migration."""
    app = registry.get_app_config(label)
    if not getattr(app, "models_module", None):
        app.models_module = (
            True  # the stand-in a migration has; without it, it is taken for an app without models
        )
    create_permissions(app, apps=registry, verbosity=0)


def _found(role: Role, registry: Any) -> Iterable[Any]:
    all_there_are = registry.get_model("auth", "Permission").objects.select_related("content_type")
    for permission in all_there_are.filter(content_type__app_label__in=(*OURS, *PEOPLE)):
        if (
            role.everything
            or f"{permission.content_type.app_label}.{permission.codename}" in role.permissions
        ):
            yield permission
