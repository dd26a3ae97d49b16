"""The kinds of action a rule can take: one file each, registered here under its name in `Action.Kind`."""

from automations.actions.create_record import CREATE_RECORD
from automations.actions.issue_certificate import ISSUE_CERTIFICATE
from automations.actions.kinds import Kind
from automations.actions.notify_staff import NOTIFY_STAFF
from automations.actions.post_webhook import POST_WEBHOOK
from automations.actions.recheck import RECHECK
from automations.actions.send_email import SEND_EMAIL
from automations.actions.update_record import UPDATE_RECORD

ACTIONS: dict[str, Kind] = {
    "post_webhook": POST_WEBHOOK,
    "update_record": UPDATE_RECORD,
    "create_record": CREATE_RECORD,
    "send_email": SEND_EMAIL,
    "notify_staff": NOTIFY_STAFF,
    "issue_certificate": ISSUE_CERTIFICATE,
    "recheck": RECHECK,
}
