"""What the form of a data source says and shows, by what is chosen in it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from automations import suggestions
from webhooks_in import checks
from webhooks_in.admin import scheme_fields
from webhooks_in.admin.source_form import POSTED_FIELDS
from webhooks_in.dialects import DIALECTS
from webhooks_in.models import CUSTOM, PATHS, Source
from webhooks_in.presets import PRESETS
from webhooks_in.samples import Sample

# The paths each dialect looks at; of any JSON all of them.
PATHS_READ = {
    "insites": ("record_type", "record_id", "event", "event_id", "occurred_at"),
    "insightly": ("record_type", "record_id", "event", "event_id", "occurred_at"),
    "key_values": ("record_type", "record_id", "event", "event_id", "occurred_at"),
    "standard_webhooks": tuple(path for path in PATHS if path != "items"),
}
# Fields that a form offers first: what duplicates are recognised by, and what lists are filtered by.
USUAL_FIELDS = (
    "email",
    "phone",
    "first_name",
    "last_name",
    "stage",
    "status",
    "campaign",
    "type",
    "file_type",
)
USUAL_TYPE = "Contact"


def of_dialects() -> SafeString:
    """The help of each dialect, of which the form shows the chosen one's."""
    return _chosen("dialect", {name: _about_dialect(name) for name in DIALECTS})


def of_presets() -> SafeString:
    """The help of each preset, of which the form shows the chosen one's."""
    helps = {name: preset.help for name, preset in PRESETS.items()}
    return _chosen("preset", {**helps, CUSTOM: "Say below how the sender proves itself."})


def names(source: Source | None, latest: Iterable[Sample]) -> dict[str, Any]:
    """The keys and fields to choose from: as records have them, and as the source sent them last. One query."""
    seen = suggestions.fields((source and source.record_type) or USUAL_TYPE)
    items = [item for sample in latest for item in sample.items]
    sent = [path for sample in latest for path in sample.payload.paths]
    fields = [path for item in items for path in item.fields.paths]
    return {
        "known_keys": list(dict.fromkeys(sent)),
        "known_fields": list(dict.fromkeys([*USUAL_FIELDS, *fields, *seen])),
    }


def missing(source: Source) -> list[str]:
    """What a saved source still lacks before anything can come in."""
    found = []
    if source.scheme().mode != "none" and not source.secret:
        found.append(
            "No secret is stored yet: requests are answered 401 and kept. Enter the secret, then verify them again."
        )
    if DIALECTS[source.dialect].needs_paths and not source.path_record_id:
        found.append(
            "Nothing is understood before the path to the record id is set: send a request, then copy the path from it."
        )
    return found


def _is_one_of(field: str, names: Iterable[str]) -> str:
    """A condition of the form: the field has one of these values."""
    return " || ".join(f"{field} == '{name}'" for name in names) or "false"


def _reading(path: str) -> list[str]:
    return [name for name in DIALECTS if path in PATHS_READ.get(name, PATHS)]


def _chosen(field: str, helps: Mapping[str, str]) -> SafeString:
    rows = ((field, option, text) for option, text in helps.items())
    return format_html_join("", "<span x-show=\"{} == '{}'\" x-cloak>{}</span>", rows)


def _about_dialect(name: str) -> SafeString:
    dialect = DIALECTS[name]
    identity = dialect.default_dedup or "none, so every request counts"
    return format_html("{} Identity of an event, unless set below: {}.", dialect.help, identity)


# When each field is shown; the others always are.
CONDITIONS = {
    **{
        f"{scheme_fields.PREFIX}{knob}": _is_one_of(f"{scheme_fields.PREFIX}mode", modes)
        for knob, modes in scheme_fields.LOOKED_AT.items()
    },
    **{f"path_{path}": _is_one_of("dialect", _reading(path)) for path in PATHS},
    **dict.fromkeys(POSTED_FIELDS, _is_one_of("dialect", checks.POSTED)),
    "match_action": f"match_field && ({_is_one_of('dialect', checks.POSTED)})",
    "secret": "!(" + _is_one_of("preset", (n for n, p in PRESETS.items() if p.scheme.mode == "none")) + ")",
}
# When each part of the form is shown or opened.
WHEN = {
    "custom": _is_one_of("preset", [CUSTOM]),
    "mapped": _is_one_of("dialect", checks.POSTED),
    "paths": _is_one_of("dialect", (name for name, dialect in DIALECTS.items() if dialect.needs_paths)),
}
