"""Where a chain of changes ends, so that rules and hubs which answer each other come to rest."""

from automations.models import Change

MAX_HOPS = 5  # times a change may travel between hubs before rules stop answering it
MAX_DEPTH = 5  # actions that may follow from one another before rules stop answering what they change


def stopped(change: Change) -> str:
    """Why no rule answers this change at all, or ""."""
    if change.hops > MAX_HOPS:
        return f"this change has passed through {change.hops} hubs: a loop, so nothing answers it"
    if change.quiet:
        return "an action of a rule made this change, and what that action changes starts no rules"
    if change.depth > MAX_DEPTH:
        return f"{change.depth} actions in a row led to this change: a loop, so nothing answers it"
    return ""
