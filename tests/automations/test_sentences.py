"""A rule reads as one sentence."""

import pytest

from automations.models import Action, Condition, Rule, System
from automations.sentences import sentence
from webhooks_out.models import Webhook


def rule(**options: str) -> Rule:
    return Rule.objects.create(name="A rule", **options)


def acting(made: Rule, *delays: tuple[int, str]) -> Rule:
    """The rule with one post to the dialer per delay."""
    dialer, _ = Webhook.objects.get_or_create(title="Dialer", url="https://dialer.example/")
    for position, (delay, unit) in enumerate(delays):
        Action.objects.create(rule=made, webhook=dialer, position=position, delay=delay, delay_unit=unit)
    return made


@pytest.mark.django_db
def test_a_rule_with_everything_reads_as_one_sentence() -> None:
    made = acting(rule(event="updated", monitor="once"), (0, "minutes"), (3, "days"), (1, "hours"))
    for group, field, operator, value in [
        (1, "Stage", "changed_to", "Enrolled"),
        (1, "email", "is_not_empty", ""),
        (2, "score", "greater", "10"),
    ]:
        Condition.objects.create(rule=made, group=group, field=field, operator=operator, value=value)
    assert sentence(made) == (
        "When a Contact is updated and Stage changed to Enrolled and email is not empty, or score is more than 10: "
        "post to Dialer, then after 3 days post to Dialer, then after 1 hour post to Dialer (once per record)."
    )


@pytest.mark.django_db
def test_a_named_event_of_one_system_happens_to_a_record() -> None:
    system = System.objects.create(name="Harbour CRM")
    made = acting(
        Rule.objects.create(name="x", record_type="Account", event="payment.returned", system=system),
        (0, "days"),
    )
    assert sentence(made) == ("When “payment.returned” happens to an Account of Harbour CRM: post to Dialer.")


@pytest.mark.django_db
def test_a_rule_for_one_data_source_names_it() -> None:
    made = acting(rule(source="Brightwater: leads", event="created"), (0, "days"))
    assert sentence(made) == "When a Contact is created through “Brightwater: leads”: post to Dialer."


@pytest.mark.django_db
def test_a_change_from_one_value_to_another_reads_in_words() -> None:
    made = acting(rule(), (0, "days"))
    Condition.objects.create(rule=made, field="stage", operator="changed_from_to", value="Lead -> Enrolled")
    assert "and stage changed from Lead to Enrolled: post" in sentence(made)


@pytest.mark.django_db
def test_a_rule_without_actions_says_that_nothing_is_done() -> None:
    assert sentence(rule(event="deleted")) == "When a Contact is deleted: nothing is done."


@pytest.mark.django_db
def test_many_conditions_are_counted() -> None:
    made = acting(rule(), (0, "days"))
    for number in range(9):
        Condition.objects.create(rule=made, field=f"f{number}", operator="changed")
    assert "f5 changed and 3 more: post" in sentence(made)
