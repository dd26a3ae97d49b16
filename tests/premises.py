"""One of everything an admin page can be about, and which permission each address of the admin asks for."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.urls import URLPattern, get_resolver, resolve, reverse

from automations.models import (
    Batch,
    Certificate,
    CertificateTemplate,
    Change,
    Column,
    Document,
    EmailMessage,
    EmailTemplate,
    Hub,
    OnceKey,
    Record,
    Run,
    System,
    Tag,
)
from config.roles import ROLES, install
from tests.world import make_rule, make_source, make_webhook
from webhooks_in.models import Import, Receipt
from webhooks_out.models import Delivery

NOBODY = "nobody"  # not even an administrator
ANYBODY = ""  # who may sign in
RECORDS = ("record", "contact", "company", "task")
LOGS = (
    "change",
    "run",
    "batch",
    "certificate",
    "delivery",
    "emailmessage",
    "receipt",
    "import",
)  # nobody adds or deletes one by a form
ORDERS = ("confirm", "check", "pause", "resume", "cancel", "retry", "rest")
IMPORT_ORDERS = ("layout", "columns", "again", "start", "pause", "resume", "retry", "cancel")

# What the pages of Django's own kinds ask for; everything else has a row of its own below.
USUAL = {"changelist": "view", "change": "view", "history": "view", "add": "add", "delete": "delete"}
SPECIAL: dict[str, tuple[str, ...]] = {
    **{f"automations_{kind}_delete": (NOBODY,) for kind in (*RECORDS, *LOGS)},
    **{f"automations_{kind}_add": (NOBODY,) for kind in LOGS},
    **{f"webhooks_{app}_delete": (NOBODY,) for app in ("out_delivery", "in_receipt", "in_import")},
    **{f"webhooks_{app}_add": (NOBODY,) for app in ("out_delivery", "in_receipt")},
    "automations_record_add": (NOBODY,),  # of no type
    "webhooks_in_source_delete": (NOBODY,),  # one that has received something
    "webhooks_in_import_add": ("webhooks_in.add_import", "webhooks_in.view_source"),
    **{f"automations_{kind}_execute": ("automations.execute_webhook",) for kind in RECORDS},
    **{f"automations_{kind}_execution": ("automations.execute_webhook",) for kind in RECORDS},
    **{f"automations_{kind}_edit": (f"automations.change_{kind}",) for kind in RECORDS},
    **{f"automations_{kind}_reveal": (f"automations.change_{kind}",) for kind in RECORDS},
    **{f"automations_{kind}_upload": ("automations.add_document",) for kind in RECORDS},
    **{f"automations_{kind}_document": ("automations.view_document",) for kind in RECORDS},
    **{f"automations_{kind}_copy_again": ("automations.add_document",) for kind in RECORDS},
    **{f"automations_{kind}_document_delete": ("automations.delete_document",) for kind in RECORDS},
    **{f"automations_{kind}_mass_post_list": ("automations.mass_post",) for kind in RECORDS},
    **{f"automations_{kind}_choose_columns": ("automations.view_column",) for kind in RECORDS},
    **{
        f"automations_batch_{page}": ("automations.view_batch",)
        for page in ("live", "preview", "results", "csv")
    },
    **{f"automations_batch_{order}": ("automations.mass_post",) for order in ORDERS},
    **{
        f"webhooks_in_import_{page}": ("webhooks_in.view_import",)
        for page in ("live", "preview", "results", "rejects")
    },
    **{f"webhooks_in_import_{order}": ("webhooks_in.change_import",) for order in IMPORT_ORDERS},
    "automations_certificate_void": ("automations.change_certificate",),
    "automations_certificatetemplate_delete": (NOBODY,),  # one that certificates were issued from
    "automations_certificatetemplate_preview": ("automations.change_certificatetemplate",),
    "automations_certificatetemplate_preview_new": ("automations.add_certificatetemplate",),
    "automations_hub_test": ("automations.change_hub",),
    "automations_emailtemplate_preview": ("automations.change_emailtemplate",),
    "automations_emailtemplate_test": ("automations.change_emailtemplate",),
    "automations_queued_changelist": ("automations.view_run",),
    "automations_queued_order": ("automations.change_run",),
    **{f"automations_oncekey_{page}": (NOBODY,) for page in ("add", "delete")},
    "automations_oncekey_void": ("automations.void_oncekey",),
    "automations_run_repeat": ("automations.change_run",),
    "automations_run_cancel": ("automations.change_run",),
    "webhooks_out_delivery_send_again": ("webhooks_out.change_delivery",),
    "webhooks_out_delivery_cancel": ("webhooks_out.change_delivery",),
    "webhooks_out_webhook_try": ("webhooks_out.change_webhook",),
    "webhooks_out_webhook_close_breaker": ("webhooks_out.change_webhook",),
    "webhooks_out_webhook_try_new": ("webhooks_out.change_webhook",),
    "webhooks_in_receipt_process": ("webhooks_in.change_receipt",),
    "webhooks_in_receipt_verify": ("webhooks_in.change_receipt",),
    "webhooks_in_source_renew": ("webhooks_in.change_source",),
    "webhooks_in_source_instructions": ("webhooks_in.change_source",),
    "automations_rule_held": ("automations.view_run",),
    "automations_rule_why": ("automations.view_rule", "automations.view_change"),
    **{f"automations_rule_{page}": ("automations.view_rule",) for page in ("trial", "backtest")},
    **{f"automations_rule_{page}_new": ("automations.add_rule",) for page in ("trial", "backtest")},
    "automations_rule_trial_records": ("automations.view_rule",),
    "automations_rule_fields": (ANYBODY,),  # answers with no field to who may not see them
    "automations_column_fields": (ANYBODY,),
    "auth_user_password_change": ("auth.change_user",),
}


def needed(name: str) -> tuple[str, ...]:
    """The permissions that the address of this name asks for; KeyError when nobody has said so yet."""
    if name in SPECIAL:
        return SPECIAL[name]
    model, _, page = name.rpartition("_")
    app, _, model = model.rpartition("_")
    return (f"{app}.{USUAL[page]}_{model}",)


def may(user: User, name: str) -> bool:
    """Whether this person should get in there."""
    return all(permission == ANYBODY or user.has_perm(permission) for permission in needed(name))


def names() -> list[str]:
    """The names of all addresses that belong to a model."""
    labels = {model._meta.app_label for model in admin.site._registry}
    return sorted(name for name in _walk(get_resolver()) if name.split("_")[0] in {"auth", *_first(labels)})


def address(name: str, things: dict[str, Any]) -> str:
    """The address of that name, about these things."""
    patterns = [one for one in _patterns(get_resolver()) if one.name == name]
    wanted = patterns[0].pattern.converters
    model = min((key for key in things if f"_{key}_" in name), key=lambda key: name.index(f"_{key}_"))
    ids = {"object_id": things[model].pk, "id": things[model].pk}
    ids |= {"document_id": things["document"].pk, "delivery_id": things["delivery"].pk}
    if model in ("company", "task"):
        ids["document_id"] = things[f"document of {model}"].pk
        ids["delivery_id"] = things[f"delivery of {model}"].pk
    return reverse(f"admin:{name}", kwargs={key: ids[key] for key in wanted})


def name_of(url: str) -> str:
    """The name of the address a link leads to."""
    return resolve(url.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]).url_name or ""


def in_role(role_name: str) -> User:
    """A person with this role; with none for any other name."""
    install()
    user = User.objects.create(username=f"a {role_name}", is_staff=True)
    if role_name in {role.name for role in ROLES}:
        user.groups.add(Group.objects.get(name=role_name))
    return User.objects.get(pk=user.pk)


def furnish() -> dict[str, Any]:
    """One of everything, by the name of its model."""
    webhook = make_webhook("http://127.0.0.1:9/", pairs={"Email": "email"})
    source, rule = make_source(), make_rule(webhook)
    system = System.objects.create(name="Empty")
    things: dict[str, Any] = {"webhook": webhook, "source": source, "rule": rule, "system": system}
    for kind in ("Contact", "Company", "Task"):
        record = Record.objects.create(system=source.system, type=kind, external_id="7", fields={"ssn": "1"})
        things[kind.lower()] = record
        things[f"document of {kind.lower()}"] = Document.objects.create(
            record=record, name="a", digest=kind, file=ContentFile(b"a", "a.txt")
        )
        things[f"delivery of {kind.lower()}"] = _delivery(record, webhook)
    things |= {name: things[f"{name} of contact"] for name in ("document", "delivery")}
    things["record"] = contact = things["contact"]
    things["change"] = change = Change.objects.create(record=contact, event="updated")
    things["run"] = Run.objects.create(
        change=change, record=contact, rule=rule, rule_name="r", kind="post_webhook"
    )
    things["certificatetemplate"] = template = CertificateTemplate.objects.create(title="Level 2")
    things["certificate"] = Certificate.objects.create(
        template=template, record=contact, run=things["run"], key="k", sequence=1, number="1", code="c"
    )
    things["oncekey"] = OnceKey.objects.create(key="certificate:7", record=contact)
    things["queued"] = Run.objects.create(
        change=change, record=contact, rule=rule, rule_name="r", kind="post_webhook", position=1
    )
    things["batch"] = Batch.objects.create(webhook=webhook, webhook_title="w", record_type="Contact", total=0)
    things["receipt"] = Receipt.objects.create(source=source, body=b"{}")
    rows = ContentFile(b"id,name\n1,Ana\n", "a.csv")
    things["import"] = Import.objects.create(source=source, name="a.csv", digest="a", file=rows)
    things["tag"] = Tag.objects.create(name="OURS", path="a")
    things["column"] = Column.objects.create(path="email")
    things |= _mail(things["run"])
    things["hub"] = Hub.objects.create(title="Partner", url="https://partner.example/", account="1")
    things["group"] = Group.objects.create(name="Guests")
    things["user"] = User.objects.create(username="guest")
    return things


def _delivery(record: Record, webhook: Any) -> Delivery:
    about = {"record_type": record.type, "record_id": record.external_id, "webhook": webhook}
    return Delivery.objects.create(title="d", method="POST", url=webhook.url, origin="manual", **about)


def _mail(run: Run) -> dict[str, Any]:
    template = EmailTemplate.objects.create(title="Welcome", to="a@b.example", subject="s", text="t")
    sent = EmailMessage.objects.create(run=run, record=run.record, message_id="<a@b>")
    return {"emailtemplate": template, "emailmessage": sent}


def _first(labels: set[str]) -> set[str]:
    return {label.split("_")[0] for label in labels}


def _patterns(resolver: Any) -> list[URLPattern]:
    found = []
    for one in resolver.url_patterns:
        found += _patterns(one) if hasattr(one, "url_patterns") else [one]
    return found


def _walk(resolver: Any) -> set[str]:
    return {one.name for one in _patterns(resolver) if one.name and "_" in one.name}
