"""What every kind of action must say of itself."""

from collections.abc import Callable
from dataclasses import dataclass

from automations.models import Run
from webhooks_out.jobs import Outcome


@dataclass(frozen=True)
class Kind:
    """A kind of action. `perform` does one run and says what became of it; it may be called again after a crash."""

    help: str
    needs_webhook: bool
    perform: Callable[[Run], Outcome]
