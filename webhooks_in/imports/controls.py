"""What a person may do with an import: try it, start it, pause it, resume it, cancel it.

Each takes the import from the worker that has it: that worker's next chunk is then rolled back, so that a pause holds
at once and nothing is done twice.
"""

from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Now

from webhooks_in.models import Import
from webhooks_out import drains
from webhooks_out.jobs import Job

Stage = Import.Stage

_FRESH = {
    "position": 0,
    "offset": 0,
    "created": 0,
    "updated": 0,
    "unchanged": 0,
    "rejected": 0,
    "finished_at": None,
}
_AT_WORK = (Stage.UNPACKING, Stage.TRYING, Stage.IMPORTING)
_OPEN = (*_AT_WORK, Stage.MAPPING, Stage.READY, Stage.PAUSED)


def unpack(load: Import) -> bool:
    """Has a worker read the workbook."""
    return _go(_in(load, Stage.UNPACKING, Stage.MAPPING, Stage.READY), stage=Stage.UNPACKING, **_FRESH)


def try_out(load: Import) -> bool:
    """Starts the dry run from the first row; False when the import is beyond that."""
    return _go(
        _in(load, Stage.MAPPING, Stage.READY),
        stage=Stage.TRYING,
        rows=None,
        tried={},
        started_at=Now(),
        **_FRESH,
    )


def map_again(load: Import) -> bool:
    """Back to the columns, before anything was imported."""
    return _rest(_in(load, Stage.READY, Stage.TRYING), Job.State.HELD, stage=Stage.MAPPING)


def start(load: Import) -> bool:
    """Starts the import after its dry run; False when it was started already, so that a double click starts it once."""
    return _go(_in(load, Stage.READY), stage=Stage.IMPORTING, started_at=Now(), **_FRESH)


def pause(load: Import) -> bool:
    """Stops the import until it is resumed; False when it is not being imported."""
    return _rest(_in(load, Stage.IMPORTING), Job.State.HELD, stage=Stage.PAUSED, paused_at=Now())


def resume(load: Import) -> bool:
    """Goes on after a pause; its time does not count."""
    moved = F("started_at") + (Now() - F("paused_at"))
    return _go(_in(load, Stage.PAUSED), stage=Stage.IMPORTING, started_at=moved, paused_at=None)


def retry(load: Import) -> bool:
    """Goes on where an import failed."""
    failed = _in(load, *_AT_WORK).filter(state=Job.State.DEAD)
    return _go(failed)


def cancel(load: Import) -> bool:
    """Ends the import where it stands; what was imported stays. False when it is over."""
    return _rest(
        _in(load, *_OPEN), Job.State.CANCELLED, stage=Stage.CANCELLED, settled_at=Now(), finished_at=Now()
    )


def _in(load: Import, *stages: Stage) -> QuerySet[Import]:
    return Import.objects.filter(pk=load.pk, stage__in=stages)


def _go(found: QuerySet[Import], **columns: Any) -> bool:
    """Gives the import to the workers."""
    given = {
        "state": Job.State.WAITING,
        "due_at": Now(),
        "token": "",
        "attempts": 0,
        "reason": "",
        "settled_at": None,
    }
    went = bool(found.update(**given, **columns))
    drains.wake_after_commit(Import.queue)
    return went


def _rest(found: QuerySet[Import], state: Job.State, **columns: Any) -> bool:
    """Takes the import from the workers."""
    return bool(found.update(state=state, due_at=None, token="", reason="", **columns))
