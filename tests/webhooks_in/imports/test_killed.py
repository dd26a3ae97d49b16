"""An import survives its workers, whenever they are killed."""

from collections.abc import Callable
from typing import Any

import psutil

from automations.models import Change, Record
from tests.clusters import Running, until
from tests.webhooks_in.imports.files import counts, numbered, upload
from webhooks_in.imports import controls
from webhooks_in.models import Import

ROWS = 6_000


def test_killed_workers_lose_and_repeat_no_row(start: Callable[..., Running], settings: Any) -> None:
    load = upload(numbered(ROWS))
    controls.try_out(load)
    hub = start("hub", "--only", "workers", MEDIA_ROOT=str(settings.MEDIA_ROOT), WORKERS="2")
    _kill_in_the_middle(hub, "trying")
    until(lambda: controls.start(load), 90)
    _kill_in_the_middle(hub, "importing")
    until(lambda: Import.objects.filter(stage="finished").exists(), 90)
    load.refresh_from_db()
    assert counts(load) == (ROWS, 0, 0, 0)
    assert (Record.objects.count(), Change.objects.filter(receipt_id=load.pk).count()) == (ROWS, ROWS)


def _kill_in_the_middle(hub: Running, stage: str) -> None:
    """Ends everything but the supervisor while rows are being done."""
    middle = Import.objects.filter(stage=stage, position__range=(ROWS // 10, ROWS // 2))
    until(middle.exists)
    for process in hub.workers():
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
