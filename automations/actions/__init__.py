"""The kinds of action a rule can take: one file each, registered here under its name in `Action.Kind`."""

from automations.actions.kinds import Kind
from automations.actions.post_webhook import POST_WEBHOOK
from automations.actions.recheck import RECHECK

ACTIONS: dict[str, Kind] = {"post_webhook": POST_WEBHOOK, "recheck": RECHECK}
