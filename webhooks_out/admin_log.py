"""What all pages of logs share: read-only, newest first, and as quick with a million rows as with ten."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qsl
from uuid import UUID

from django.contrib.admin import ShowFacets
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.views import ChangeList

from webhooks_out import exact_json
from webhooks_out.jobs import Job
from webhooks_out.masks import masked_headers
from webhooks_out.stats import first_id

PER_PAGE = 50
NBSP = "\u00a0"
COUNTED = 10_000  # rows counted at most; beyond it the list says "more than"
SHOWN = 200_000  # characters of a body shown at most

# The colours of Unfold's labels, by state.
STATE_COLOURS = {
    Job.State.WAITING.value: "info",
    Job.State.RUNNING.value: "primary",
    Job.State.DONE.value: "success",
    Job.State.DEAD.value: "danger",
    Job.State.CANCELLED.value: "",
    Job.State.HELD.value: "warning",
}
SPANS = {"1h": ("The last hour", 1), "24h": ("24 hours", 24), "7d": ("7 days", 168), "30d": ("30 days", 720)}

_STEPS = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"))


class LogPaginator(Paginator):
    """Pages of a log. It counts no further than COUNTED, so that a million rows cost no more than ten thousand."""

    template_name = "admin/log_pagination.html"
    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most COUNTED."""
        return int(self.object_list.order_by()[:COUNTED].count())

    @property
    def more(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.count >= COUNTED


class LogList(ChangeList):
    """A list whose heading names no total, as none is counted."""

    is_dead_end = False  # whether this person cannot take the next step an empty list names

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count
        _, address = getattr(self.model_admin, "empty_link", ("", ""))
        self.is_dead_end = not _may_open(request, address)


class SinceFilter(DropdownFilter):
    """Rows made within a span that ends now, found by their time-ordered ids."""

    title = "time"
    parameter_name = "since"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, label) for name, (label, _) in SPANS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if (span := SPANS.get(self.value() or "")) is None:
            return queryset
        return queryset.filter(id__gte=first_id(timezone.now() - timedelta(hours=span[1])))


class StateFilter(DropdownFilter):
    """Jobs in one state. All but “done” are found through the index of what is not done."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Job.State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if (state := self.value()) not in Job.State.values:
            return queryset
        found = queryset.filter(state=state)
        return found if state == Job.State.DONE else found.exclude(state=Job.State.DONE)


class LogAdmin(ModelAdmin):
    """The admin of a log table whose ids are time-ordered UUIDs.

    Say in `list_select_related` what rows show of others, and in `list_deferred` which large columns the list can do
    without, so that the number of queries does not grow with the rows.
    """

    uuid_fields: ClassVar[tuple[str, ...]] = (
        "id",
        "correlation_id",
    )  # searched for a UUID; each needs an index
    exact_fields: ClassVar[tuple[str, ...]] = ()  # searched for the very text; each needs an index
    list_deferred: ClassVar[tuple[str, ...]] = ()

    paginator = LogPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # each would count the whole table
    list_per_page = PER_PAGE
    list_max_show_all = PER_PAGE
    ordering = ("-id",)
    sortable_by = ()
    list_filter_submit = True
    search_fields = ("id",)  # shows the search box; get_search_results decides what is searched

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LogList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the large columns, unless one row is being looked at."""
        match = request.resolver_match
        rows = super().get_queryset(request)
        return rows if match and "object_id" in match.kwargs else rows.defer(*self.list_deferred)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows in which a searched column is exactly this; every look-up is that of an index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(pk__in=())
        for name in self.exact_fields:
            wanted |= Q(**{name: term})
        if (number := as_uuid(term)) is not None:
            for name in self.uuid_fields:
                wanted |= Q(**{name: number})
        return queryset.filter(wanted), False

    @display(description="State", label=STATE_COLOURS)
    def state_badge(self, job: Job) -> tuple[str, str]:
        """The state, coloured."""
        return job.state, job.get_state_display()

    @display(description="Time", header=True)
    def when(self, row: Any) -> list[str]:
        """When the row was made, with its age below."""
        return [brief(row.created_at), f"{ago(row.created_at)} ago".replace(" ", NBSP)]


def as_uuid(text: str) -> UUID | None:
    """The UUID a text is, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


def moment(at: datetime | None) -> str:
    """A point in time to the second, in the site's time zone; "" for none."""
    return date_format(timezone.localtime(at), "j M Y H:i:s") if at else ""


def brief(at: datetime) -> str:
    """A point in time for a column: the year only if it is not this one, and no line break."""
    local = timezone.localtime(at)
    form = "j M H:i:s" if local.year == timezone.localtime().year else "j M Y H:i"
    return date_format(local, form).replace(" ", NBSP)


def ago(at: datetime, now: datetime | None = None) -> str:
    """How long ago, or until when, in one unit: "12 s", "4 min", "3 h", "2 d"."""
    seconds = abs(((now or timezone.now()) - at).total_seconds())
    for end, unit, word in _STEPS:
        if seconds < end:
            return f"{int(seconds // unit)} {word}"
    return f"{int(seconds // 86_400)} d"


def pretty(body: bytes | str, content_type: str = "") -> str:
    """A body as a person reads it: JSON indented, a form one pair a line, anything else as it is."""
    text = bytes(body).decode("utf-8", "replace") if not isinstance(body, str) else body
    if "form-urlencoded" in content_type:
        text = "\n".join(f"{key} = {value}" for key, value in parse_qsl(text, keep_blank_values=True))
    elif text[:1] in "{[" and text:
        text = _indented(text)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}\n… cut after {SHOWN} characters"


def code(text: str, note: str = "") -> SafeString:
    """A text in a box of fixed-width type, escaped; the note stands below it."""
    return render_to_string("admin/blocks/code.html", {"text": text, "note": note})


def table(headers: Iterable[str], rows: Iterable[Iterable[object]]) -> SafeString:
    """A table; cells are escaped unless they are safe already, such as a link made by format_html."""
    return render_to_string("admin/blocks/table.html", {"headers": list(headers), "rows": list(rows)})


def header_table(headers: Mapping[str, str]) -> SafeString:
    """HTTP headers as a table, credentials as dots."""
    return table(("Header", "Value"), masked_headers(headers).items())


def badge(text: str, colour: str = "") -> SafeString:
    """A coloured label: success, danger, warning, info, primary, or grey."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def _indented(text: str) -> str:
    try:
        return str(exact_json.ExactEncoder(indent=2, ensure_ascii=False).encode(exact_json.loads(text)))
    except ValueError:
        return text


def _may_open(request: HttpRequest, address: str) -> bool:
    """Whether this person may open a list or the form of a new row, by its name such as admin:app_model_add."""
    app_and_model, _, page = address.removeprefix("admin:").rpartition("_")
    app, _, model = app_and_model.rpartition("_")
    return request.user.has_perm(f"{app}.{'add' if page == 'add' else 'view'}_{model}")
