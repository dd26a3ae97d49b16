"""The steps of what rules do, and how a worker dies at one of them."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.core.files.storage import default_storage
from django.core.management import call_command

from automations import documents, issuing, mailing, once_keys, tasks
from automations.actions import ACTIONS, issue_certificate, writing
from automations.models import Document, Run
from automations.tasks import step as do_run
from webhooks_in import processing
from webhooks_out import jobs

DEADLY, FAULTY = "deadly", "faulty"  # contacts whose actions kill their worker, or raise
Place = tuple[Any, str]  # who has the function, and its name

STEPS: dict[str, Place] = {
    "the claim": (issuing, "_claimed"),
    "inside the claim": (issuing, "filled"),
    "what follows the claim": (issuing, "_with_document"),
    "drawing": (issuing.certificates, "draw"),
    "keeping": (documents, "store"),
    "the file": (default_storage, "save"),
    "the document's row": (Document, "save"),
    "telling": (issue_certificate, "_told"),
}
READING: dict[str, Place] = {
    "the engine": (processing.engine, "handle_all"),
    "settling the receipts": (processing, "_settle"),
}
MAILING: dict[str, Place] = {
    "the e-mail's row": (mailing, "_claimed"),
    "the e-mail's data": (mailing, "_handed_over"),
    "noting the e-mail": (mailing, "_noted"),
}
WRITING: dict[str, Place] = {
    "locking the record": (writing, "locked"),
    "writing the record": (writing, "write"),
}
EVERY_RUN: dict[str, Place] = {
    "claiming the once key": (once_keys, "claim"),
    "marking the once key": (once_keys, "mark_done"),
    "settling": (jobs, "settle"),
}
THE_WORK = "the work"  # all that a kind of action does
PLACES = STEPS | READING | MAILING | WRITING | EVERY_RUN


class Killed(BaseException):
    """What a worker that is killed leaves behind is what had been stored by then."""


def fall() -> None:
    """Dies in this process, which lives on."""
    raise Killed


def be_killed() -> None:
    """Dies as the machine lets a process die: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying(step: str, *, after: bool, how: Callable[[], None] = fall) -> Any:
    """A patch by which whoever comes to the step dies, before it or after it."""
    owner, name = PLACES[step]
    do = getattr(owner, name)

    def killed(*args: Any, **kwargs: Any) -> Any:
        if after:
            do(*args, **kwargs)
        how()

    return patch.object(owner, name, killed)


def work_until_killed(step: str) -> None:
    """Does one run, and is killed right after that step of it."""
    with dying(step, after=True, how=be_killed):
        do_run()


def work_to_the_end() -> None:
    """Does every run that is due."""
    while do_run():
        pass


def run_cluster(orders: str) -> None:
    """Runs the queue's workers. One is killed right after the step that the file `orders` names, which goes then.

    The file holds the kind of action, "" for none, and the step, in two lines.
    """
    order, doing = Path(orders), [""]
    do_the_run = tasks.performing.perform

    def perform(run: Run) -> Any:
        doing[0] = run.kind
        return do_the_run(run)

    patch.object(tasks.performing, "perform", perform).start()
    kinds = {
        name: replace(kind, perform=_obedient(kind.perform, THE_WORK, order, doing))
        for name, kind in ACTIONS.items()
    }
    patch.dict(ACTIONS, kinds).start()
    for step, (owner, name) in PLACES.items():
        patch.object(owner, name, _obedient(getattr(owner, name), step, order, doing)).start()
    call_command("qcluster")


def run_poisoned_cluster() -> None:
    """Runs the queue's workers, on whom every kind of action is poison for the contacts DEADLY and FAULTY."""
    poisoned = {name: replace(kind, perform=_poison(kind.perform)) for name, kind in ACTIONS.items()}
    patch.dict(ACTIONS, poisoned).start()
    call_command("qcluster")


def _poison(do: Callable[[Run], Any]) -> Callable[[Run], Any]:
    def perform(run: Run) -> Any:
        if run.record.external_id == DEADLY:
            be_killed()
        if run.record.external_id == FAULTY:
            raise ValueError("nothing good")
        return do(run)

    return perform


def _obedient(do: Callable[..., Any], step: str, order: Path, doing: list[str]) -> Callable[..., Any]:
    def obeying(*args: Any, **kwargs: Any) -> Any:
        answer = do(*args, **kwargs)
        if order.exists() and order.read_text() in (f"\n{step}", f"{doing[0]}\n{step}"):
            order.unlink()
            be_killed()
        return answer

    return obeying
