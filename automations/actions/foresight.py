"""What an action would do, as data, told before anything is done: what a step finds, and what it would come to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from automations.conditions import Row
from automations.models import Record
from automations.sensitive import Sensitive
from webhooks_out.jobs import Outcome, done
from webhooks_out.models import Delivery


@dataclass(frozen=True)
class Scene:
    """What a step that is only foreseen finds beside its run, whose record is as the steps before it would leave it."""

    at: datetime  # when it would be due, in the rule's time zone
    rows: tuple[Row, ...] = ()  # the rule's conditions
    certificate: str = ""  # the file a step before it would issue
    hidden: Sensitive = field(default_factory=Sensitive)  # fields whose values are told as dots


@dataclass(frozen=True)
class Line:
    """One thing it would do; `before`: what stands there now, None where nothing is replaced."""

    label: str
    value: str
    before: str | None = None


@dataclass(frozen=True)
class Foreseen:
    """What an action would do if its time were now. Nothing of it is stored, counted, claimed or sent."""

    outcome: Outcome = field(default_factory=done)  # what would become of its run
    lines: tuple[Line, ...] = ()
    text: str = ""  # of an e-mail
    html: str = ""
    files: tuple[str, ...] = ()  # names of what goes with it
    notes: tuple[str, ...] = ()  # what is missing, or else good to know, in sentences
    request: Delivery | None = None  # frozen, not stored
    target: Record | None = None  # the other record that would be written
    fields: Mapping[str, Any] = field(
        default_factory=dict
    )  # at the top of its own record, as it would leave them
    certificate: str = ""  # the file it would issue
    template: int | None = None  # of a certificate
