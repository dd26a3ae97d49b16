"""“Automatically post to”: the rule that posts each new record of a data source, kept in step with the source."""

from itertools import count

from automations.models import Action, Rule
from webhooks_in.dialects import key_values
from webhooks_in.models import Source
from webhooks_out.models import Webhook

PREFIX = "Auto-post: "
EVENT = "created"
LONGEST = 120  # characters of a rule's name
NOTE = (
    "Made for the data source by “Automatically post to” on its page. Choosing another webhook there changes this "
    "rule, choosing none removes it."
)
NO_TYPE = "Say above which type its records are: the rule needs to know."
NEVER_NEW = "The event above is always “{}”, so that none of its records is ever new: leave the event empty."


def type_of(source: Source) -> str:
    """The type of the source's records, "" when only its requests say."""
    return source.record_type or (key_values.DEFAULT_TYPE if source.dialect == "key_values" else "")


def problem(source: Source) -> str:
    """Why new records of the source cannot be posted automatically, or ""."""
    if not type_of(source):
        return NO_TYPE
    return NEVER_NEW.format(source.event) if source.event not in ("", EVENT) else ""


def webhook_of(source: Source) -> Webhook | None:
    """Where the source's new records are posted; None for nowhere. One query at most."""
    if source.auto_post_id is None:
        return None
    posts = Action.objects.filter(rule=source.auto_post_id, webhook__isnull=False)
    action = posts.select_related("webhook").first()
    return action.webhook if action else None


def keep(source: Source, webhook: Webhook | None) -> None:
    """Makes, changes or removes the source's rule. What a person added to the rule by hand stays.

    Call `definitions.touch()` in the same transaction.
    """
    before = webhook_of(source)
    if webhook is None:
        if before and source.auto_post:
            source.auto_post.delete()
            source.auto_post = None
        return
    rule = source.auto_post or Rule(event=EVENT, monitor=Rule.Monitor.EVERY, note=NOTE)
    rule.source, rule.record_type = source.title, type_of(source)
    if rule.name.startswith(PREFIX) or not rule.name:
        rule.name = _name(source, webhook, rule)
    rule.save()
    posts = rule.actions.filter(webhook=before) if before else rule.actions.none()
    if not posts.update(webhook=webhook):
        Action.objects.create(rule=rule, webhook=webhook, position=_next(rule))
    Source.objects.filter(pk=source.pk).update(auto_post=rule)
    source.auto_post = rule


def rename(source: Source, before: str) -> None:
    """Rules that asked for the source by its title go on doing so.

    Call `definitions.touch()` in the same transaction.
    """
    Rule.objects.filter(source=before).update(source=source.title)
    source.refresh_from_db(fields=["auto_post"])


def _name(source: Source, webhook: Webhook, rule: Rule) -> str:
    """A name no other rule has; long titles are cut."""
    half = (LONGEST - len(PREFIX) - 3) // 2
    name = f"{PREFIX}{_cut(source.title, half)} → {_cut(webhook.title, half)}"
    others = Rule.objects.exclude(pk=rule.pk)
    tries = (name if at == 1 else f"{name[: LONGEST - 8]} ({at})" for at in count(1))
    return next(one for one in tries if not others.filter(name=one).exists())


def _cut(title: str, longest: int) -> str:
    return title if len(title) <= longest else f"{title[: longest - 1]}…"


def _next(rule: Rule) -> int:
    """A number no action of the rule has."""
    return max(rule.actions.values_list("position", flat=True), default=-1) + 1
