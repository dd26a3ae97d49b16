"""Editing a record by hand, and making a new one: what is saved is a change like any other, and starts rules."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern
from django.utils.html import format_html
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES, TEXTAREA_CLASSES

from automations import editing, sections, sensitive, suggestions, verdicts
from automations.admin import record_forms
from automations.admin.one_record import OneRecord
from automations.admin.record_forms import Row
from automations.editing import KINDS, NotAllowed, Outdated
from automations.models import Change, Record, System, Tag

TEMPLATE = "admin/automations/record/edit.html"
CLASSES = {
    "input": " ".join(INPUT_CLASSES),
    "select": " ".join(SELECT_CLASSES),
    "textarea": " ".join(TEXTAREA_CLASSES),
}
PROBLEMS = "Nothing was saved yet: correct what is marked below. What you entered is still there."
OUTDATED = (
    "Somebody else changed this record while you were editing, so nothing was saved yet. Both values stand at the "
    "marked fields: save again to keep yours, or enter theirs."
)
NOTHING = "Nothing was saved: choose the system it lives in, and enter a value at least."
NO_SYSTEM = (
    "A record lives in a system, and there is none yet. Set up a data source first: it names its system."
)


class RecordEdits(OneRecord):
    """The part of a record's page that changes it."""

    record_type = ""  # "" = any: then none is made by hand

    def get_urls(self) -> list[URLPattern]:
        return [self.page_path("edit/", self.edit_view, "edit"), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(self.record_type and request.user.has_perm(f"automations.add_{self.opts.model_name}"))

    def edit_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The form; a POST saves it, or says what is wrong and keeps what was entered."""
        record = self.found(request, object_id, to_change=True)
        if record.deleted:
            messages.error(request, f"{record.system} deleted this record, so it cannot be changed any more.")
            return redirect(self.page_url(record))
        if request.method == "POST":
            return self._save(request, record)
        return self._form(request, self._rows(record), record=record)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form for a new record of this type."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if not System.objects.exists():
            messages.error(request, NO_SYSTEM)
            return redirect(f"{self.admin_site.name}:automations_{self.opts.model_name}_changelist")
        if request.method == "POST":
            return self._create(request)
        return self._form(request, record_forms.blank_rows(self.record_type))

    def _save(self, request: HttpRequest, record: Record) -> HttpResponse:
        changed = _posted(request)
        entered = record_forms.entered(changed, record.fields)
        if not entered.problems:
            try:
                change = editing.edit(record, entered.values, _person(request), seen=entered.seen)
            except Outdated as outdated:
                messages.warning(request, OUTDATED)
                record.refresh_from_db()
                rows = record_forms.overlaid(self._rows(record), changed, {})
                return self._form(request, record_forms.outdated(rows, outdated.now), record=record)
            except NotAllowed as problem:
                entered.problems[""] = str(problem)
            else:
                return self._saved(request, record, change)
        messages.error(request, entered.problems.get("", PROBLEMS))
        rows = record_forms.overlaid(self._rows(record), changed, entered.problems)
        return self._form(request, rows, record=record)

    def _create(self, request: HttpRequest) -> HttpResponse:
        chosen = request.POST.get("system", "")
        system = System.objects.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 10 else None
        changed = _posted(request)
        entered = record_forms.entered(changed, {})
        if system and entered.values and not entered.problems:
            try:
                change = editing.create(system, self.record_type, entered.values, _person(request))
            except NotAllowed as problem:
                entered.problems[""] = str(problem)
            else:
                return self._saved(request, change.record, change)
        messages.error(request, entered.problems.get("", PROBLEMS) if entered.problems else NOTHING)
        rows = record_forms.overlaid(record_forms.blank_rows(self.record_type), changed, entered.problems)
        return self._form(request, rows)

    def _saved(self, request: HttpRequest, record: Record, change: Change | None) -> HttpResponse:
        """Back to the record, with what the change started in words."""
        if change is None:
            messages.info(request, "Nothing was changed.")
            return redirect(self.page_url(record))
        self.log_change(request, record, f"Edited {', '.join(sorted(change.diff))}."[:1000])
        url = f"{self.page_url(record)}#change-{change.pk}"
        told = '{} <a class="text-link" href="{}">See it in the timeline</a>'
        messages.success(request, format_html(told, _summary(change), url))
        return redirect(self.page_url(record))

    def _rows(self, record: Record) -> list[Row]:
        tags = sections.tagged(Tag.objects.values_list("path", "group", "label"))
        return [*record_forms.rows_of(record.fields, tags, sensitive.known()), *record_forms.blank_rows()]

    def _form(self, request: HttpRequest, rows: list[Row], *, record: Record | None = None) -> HttpResponse:
        name = self.opts.verbose_name
        context = {
            **self.admin_site.each_context(request),
            "title": f"Edit {record}" if record else f"New {name}",
            "opts": self.opts,
            "original": record,
            "media": self.media,
            "groups": _grouped([row for row in rows if not row.new]),
            "further": [row for row in rows if row.new],
            "kinds": KINDS,
            "classes": CLASSES,
            "known": sorted(suggestions.fields(record.type if record else self.record_type)),
            "systems": System.objects.all() if record is None else (),
            "chosen": request.POST.get("system", ""),
            "button": "Save" if record else f"Create 1 {name}",
        }
        return render(request, TEMPLATE, context)


def _posted(request: HttpRequest) -> list[Row]:
    """The rows a person changed; none, and a word about it, when the form is not whole."""
    try:
        return record_forms.posted(request.POST, sensitive.known())
    except NotAllowed as problem:
        messages.error(request, str(problem))
        return []


def _grouped(rows: list[Row]) -> Mapping[str, list[Row]]:
    """The rows by the section they stand in, in the order of sections."""
    groups: dict[str, list[Row]] = {title: [] for title in ("", *sections.ICONS)}
    for row in rows:
        groups[row.title].append(row)
    return {title: listed for title, listed in groups.items() if listed}


def _summary(change: Change) -> str:
    """What was saved, and what it started."""
    fired = [f"“{verdict.name}”" for verdict in verdicts.kept(change) if verdict.fired]
    count = f"{len(change.diff)} field{'' if len(change.diff) == 1 else 's'}"
    if not fired:
        return f"Saved {count}. No rule fired; the timeline says why."
    return f"Saved {count}. It started {len(fired)} rule{'' if len(fired) == 1 else 's'}: {', '.join(fired[:5])}."


def _person(request: HttpRequest) -> AbstractUser:
    assert isinstance(request.user, AbstractUser)  # noqa: S101 - the view let nobody else in
    return request.user
