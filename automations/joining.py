"""An update that tells only parts of an object, such as one item of a budget, leaves the other parts as they are."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from automations.changes import RecordUpdate
from webhooks_out.scalars import is_empty


def whole(update: RecordUpdate, known: Mapping[str, Any]) -> RecordUpdate:
    """The update with its `joined` fields filled up from what is known of the record."""
    if not update.joined:
        return update
    fields = dict(update.fields)
    for name in update.joined & fields.keys():
        fields[name] = _joined(known.get(name), fields[name])
        if fields[name] == {} and name not in known:
            del fields[name]
    return replace(update, fields=fields)


def _joined(known: Any, said: Any) -> Any:
    """What is empty empties the part that is known, and adds none."""
    if not isinstance(said, Mapping):
        return said
    there = known if isinstance(known, Mapping) else {}
    news = {
        part: _joined(there.get(part), value)
        for part, value in said.items()
        if part in there or not is_empty(value)
    }
    return {**there, **{part: value for part, value in news.items() if part in there or value != {}}}
