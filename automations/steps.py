"""The actions of a rule as the engine does them, without a query."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from automations.models import Action
from automations.timing import Timing
from webhooks_out.outbox import Definition


@dataclass(frozen=True)
class Step:
    """One action of a rule, ready to be done without a query."""

    action_id: int
    position: int
    kind: str
    timing: Timing
    definition: Definition | None
    gated: bool = False  # behind a re-check, for which it waits
    once: bool = False  # with a once key, which a worker claims

    @property
    def later(self) -> bool:
        """Whether it is not done as soon as the rule fires."""
        return self.gated or not self.timing.at_once


def of(actions: Iterable[Action], webhooks: Mapping[int, Definition]) -> Iterator[Step]:
    """The steps of a rule's actions, numbered in their order; `webhooks`: their definitions, by their ids."""
    gated = False
    for position, action in enumerate(actions):
        definition = webhooks.get(action.webhook_id or 0)
        yield Step(
            action_id=action.pk,
            position=position,
            kind=action.kind,
            timing=action.timing,
            definition=definition,
            gated=gated,
            once=bool(action.once_key),
        )
        gated = gated or action.kind == Action.Kind.RECHECK
