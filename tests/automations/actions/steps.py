"""The steps of issuing a certificate, and how a worker dies at one of them."""

import os
import signal
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from django.core.files.storage import default_storage

from automations import documents, issuing
from automations.actions import issue_certificate
from automations.models import Document
from automations.tasks import step as do_run

STEPS: dict[str, tuple[Any, str]] = {
    "the claim": (issuing, "_claimed"),
    "inside the claim": (issuing, "filled"),
    "what follows the claim": (issuing, "_with_document"),
    "drawing": (issuing.certificates, "draw"),
    "keeping": (documents, "store"),
    "the file": (default_storage, "save"),
    "the document's row": (Document, "save"),
    "telling": (issue_certificate, "_told"),
}


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
    owner, name = STEPS[step]
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
