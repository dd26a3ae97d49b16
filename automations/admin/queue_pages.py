"""The pages of the queue: found in an index, so that one far back costs little more than the first."""

from django.core.paginator import Page

from automations.models import Queued
from webhooks_out.admin_log import LogPaginator

JOINED = ("record", "action__webhook")  # what rows show of others …
DEFERRED = ("record__fields",)  # … without this


class QueuePaginator(LogPaginator):
    """Reads from an index which rows a page has, and fetches only those, with what they show of others."""

    def page(self, number: int | str) -> Page:
        page = super().page(number)
        start = (page.number - 1) * self.per_page
        shown = list(self.object_list.values_list("pk", flat=True)[start : start + self.per_page])
        rows = Queued._base_manager.select_related(*JOINED).defer(*DEFERRED).in_bulk(shown)
        page.object_list = [rows[pk] for pk in shown if pk in rows]
        return page
