"""The page of one mass post: look, post, watch, and see what became of each record."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from automations import access, executions
from automations.admin.batch_orders import BatchOrders
from automations.admin.mass_posts import ChoiceForm, PaceForm
from automations.mass_posts import previews, progress, results, wording
from automations.mass_posts.progress import Progress
from automations.models import Batch
from webhooks_out.jobs import Job

FOLDER = "admin/automations/batch"
LIVE = (Batch.Stage.CHECKING, Batch.Stage.POSTING)
KINDS = {
    "": "All",
    "ready": "To be posted",
    "skipped": "Skipped",
    "under_way": "Under way",
    "delivered": "Delivered",
    "failed": "Failed",
    "cancelled": "Cancelled",
}


class BatchPages(BatchOrders):
    """The part of the admin of mass posts that shows one."""

    change_form_template = f"{FOLDER}/page.html"

    class Media:
        css = {"all": ["mass-posts.css"]}
        js = ["executing.js"]

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "live": self.live_view,
            "preview": self.preview_view,
            "results": self.results_view,
            "csv": self.csv_view,
        }
        return [
            path(
                f"<uuid:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"automations_batch_{name}",
            )
            for name, view in pages.items()
        ] + super().get_urls()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Adds everything the stage of the mass post asks for."""
        batch = context["original"]
        context |= self._told(request, batch) | {
            "title": f"Mass post: {batch.webhook_title}",
            "subtitle": None,
        }
        if batch.stage == Batch.Stage.READY:
            context |= self._preview(request, batch) | {
                "choice": ChoiceForm(
                    record_type=batch.record_type,
                    initial={"webhook": batch.webhook_id, "only_new": batch.only_new},
                ),
                "pace": PaceForm(initial={"pace": batch.pace}),
            }
        if batch.stage != Batch.Stage.CHECKING:
            context |= self._results(request, batch) | {"reasons": progress.reasons(batch)}
        return super().render_change_form(request, context, *args, **kwargs)

    def live_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """The part that changes by itself; when the stage is another one, the whole page is asked for again."""
        batch = self._batch(request, object_id)
        context = self._told(request, batch)
        answer = render(request, f"{FOLDER}/live.html", context)
        if request.GET.get("seen") != context["phase"]:
            answer.headers["HX-Refresh"] = "true"
        return answer

    def preview_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """The next or previous record, as a part of the page."""
        batch = self._batch(request, object_id)
        context = self._preview(request, batch) | {"original": batch, "progress": progress.of(batch)}
        return render(request, f"{FOLDER}/preview.html", context)

    def results_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """What became of each record, as a part of the page."""
        batch = self._batch(request, object_id)
        context = self._results(request, batch) | {
            "original": batch,
            "live": batch.stage == Batch.Stage.POSTING and not batch.settled,
        }
        return render(request, f"{FOLDER}/results.html", context)

    def csv_view(self, request: HttpRequest, object_id: UUID) -> StreamingHttpResponse:
        """All results as a file, written as they are read."""
        batch = self._batch(request, object_id)
        name = f"mass-post-{timezone.localtime(batch.created_at):%Y-%m-%d-%H%M}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(
            results.lines(batch), content_type="text/csv; charset=utf-8", headers=headers
        )

    def _batch(self, request: HttpRequest, object_id: UUID) -> Batch:
        """The mass post, if this person may see it."""
        batch = Batch.objects.select_related("webhook").filter(pk=object_id).first()
        if not self.has_view_permission(request, batch):
            raise PermissionDenied
        if batch is None:
            raise Http404
        return batch

    def _told(self, request: HttpRequest, batch: Batch) -> dict[str, Any]:
        """Counts and words."""
        counts = progress.of(batch)
        left = progress.seconds_left(batch, counts)
        winding_up = batch.stage == Batch.Stage.CANCELLED and not batch.settled
        return {
            "original": batch,
            "progress": counts,
            "phase": f"{batch.stage} {batch.state == Job.State.DEAD} {batch.settled}",
            "live": (batch.stage in LIVE or winding_up) and batch.state != Job.State.DEAD,
            "interrupted": batch.state == Job.State.DEAD,
            "time_left": wording.lasting(left) if left else "",
            "postable": wording.counted(counts.ready, batch.record_type),
            "chosen": wording.counted(batch.total, batch.record_type),
            "noun": wording.noun(batch.record_type),
            "may_order": self.has_order_permission(request, batch),
        }

    def _preview(self, request: HttpRequest, batch: Batch) -> dict[str, Any]:
        """One record's request, exactly as it would be sent now."""
        shown = previews.show(batch, request.GET.get("at", "")) if batch.webhook else None
        if shown is None or batch.webhook is None:
            return {"shown": None}
        preview = executions.preview(batch.webhook, shown.record, request.user.get_username())
        told = executions.told(preview.shown, batch.webhook)
        model = access.model_for(request.user, shown.record.type)
        url = f"admin:automations_{model._meta.model_name}_change" if model else ""
        record_url = reverse(url, args=[shown.record.pk]) if url else ""
        return {"shown": shown, "preview": preview, "request_told": told, "record_url": record_url}

    def _results(self, request: HttpRequest, batch: Batch) -> dict[str, Any]:
        which = request.GET.get("show", "")
        which = which if which in KINDS else ""
        counts = progress.of(batch)
        page = results.page(batch, which, request.GET.get("after", ""))
        return {
            "page": page,
            "which": which,
            "kinds": [(name, words, _number(counts, name)) for name, words in KINDS.items()],
            "may_see_deliveries": request.user.has_perm("webhooks_out.view_delivery"),
            "first_page": not request.GET.get("after"),
        }


def _number(counts: Progress, kind: str) -> int:
    if not kind:
        return counts.total
    return counts.ready + counts.unchecked if kind == "ready" else int(getattr(counts, kind))
