"""A rule as it stands in a form or as it is stored, with its conditions and actions: what is tried, and compared."""

from dataclasses import dataclass

from automations import matching, sentences, steps
from automations.conditions import Row
from automations.matching import CompiledRule
from automations.models import Action, Condition, Rule
from automations.sensitive import Sensitive

NEW = 0  # the id of a rule that is not stored


@dataclass(frozen=True)
class RuleDraft:
    """A rule, stored or not. `conditions` and `actions` are those that were entered, in their order."""

    rule: Rule
    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]

    @property
    def rule_id(self) -> int:
        """The id of the rule, NEW for one that is not stored."""
        return self.rule.pk or NEW

    @property
    def rows(self) -> tuple[Row, ...]:
        """The conditions as the evaluator reads them."""
        return tuple(condition.row() for condition in self.conditions)

    @property
    def sentence(self) -> str:
        """The rule in words."""
        return sentences.told(self.rule, list(self.conditions), list(self.actions))

    def compiled(self, hidden: Sensitive) -> CompiledRule:
        """The rule as the engine reads it; its webhooks are not asked for."""
        return matching.compiled(self.rule, self.conditions, steps.of(self.actions, {}), hidden.mask)


def stored(rule_id: int) -> RuleDraft | None:
    """The rule as it was saved; None when there is none. Four queries."""
    rule = Rule.objects.select_related("system").filter(pk=rule_id).first()
    if rule is None:
        return None
    conditions = sorted(rule.conditions.all(), key=lambda one: (one.group, one.pk))
    return RuleDraft(rule, tuple(conditions), tuple(rule.actions.select_related("webhook")))
