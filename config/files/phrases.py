"""What a person writes in one piece and tables keep in columns: a delay, a value's origin, a scheme, a token."""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import time
from typing import Any

from automations import timing
from automations.models import Action, Rule
from automations.timing import AFTER, BEFORE, SINCE
from config.files.document import Value
from config.files.entries import KEEP, Filling, SecretColumn, from_environment, unknown
from webhooks_in.models import CUSTOM, Source, digest_of
from webhooks_in.schemes import Scheme
from webhooks_out.models import KeyValue
from webhooks_out.secrets import Secret

_DELAY = re.compile(r"(0|[1-9][0-9]{0,8}) +(minute|hour|day)s?")
_PLAIN = re.compile(r"(?!weekdays$)[^\s{}]+")
_WHEN = re.compile(
    r"(?:(?:(?P<count>[0-9]+ +\w+) +(?=before|after))?(?P<side>before|after|on) +"
    r"(?:\{(?P<braced>[^{}]+)\}|(?P<plain>(?!weekdays(?: |$))[^\s{}]+)))?"
    r"(?:(?:^| +)at +(?P<at>(?:[01][0-9]|2[0-3]):[0-5][0-9]))?(?P<weekdays>(?:^| +)on +weekdays)?"
)
_TOKEN = re.compile(r"[\w-]{20,200}", re.ASCII)  # long enough not to be guessed, and a path by itself


class Token:
    """The secret of an ingest URL: never written; made when the source is new, or taken from the environment."""

    keys = ("token",)

    def write(self, row: Source) -> dict[str, Any]:
        """Nothing."""
        return {}

    def read(self, given: Mapping[str, Value], row: Source, filling: Filling) -> None:
        """Gives a new source its URL; a source that is there keeps its own unless the file names a variable."""
        value = given.get("token")
        if value is None or value.content == KEEP:
            if not row.token_digest:
                row.renew_token()
            return
        text = from_environment(value, filling.environment)
        if not _TOKEN.fullmatch(text):
            value.place.refuse("a token has 20 to 200 letters, digits, - and _.")
        if Source.objects.filter(token_digest=digest_of(text)).exclude(pk=row.pk).exists():
            value.place.refuse("another data source has this token.")
        if row.token_digest != digest_of(text):
            row.renew_token(text)
            filling.set_secret(value)


class CustomScheme:
    """How a sender that no preset knows proves itself, field by field."""

    keys = ("custom_scheme",)

    def write(self, row: Source) -> dict[str, Any]:
        """The mode, and the other fields that differ from their defaults, in their own order."""
        if row.preset != CUSTOM:
            return {}
        said = {one.name: row.custom_scheme.get(one.name, one.default) for one in fields(Scheme)}
        defaults = vars(Scheme()) | {"mode": ""}
        return {"custom_scheme": {name: value for name, value in said.items() if value != defaults[name]}}

    def read(self, given: Mapping[str, Value], row: Source, filling: Filling) -> None:
        """The scheme; none when a preset is chosen. The mode must be said: without one, everything is accepted."""
        scheme = given.get("custom_scheme")
        if (scheme is not None) != (row.preset == CUSTOM):
            filling.place.refuse(f"“preset: {CUSTOM}” and a custom_scheme need each other.")
        row.custom_scheme = {}
        if scheme is not None:
            kinds = {one.name: type(one.default) for one in fields(Scheme)}
            said = scheme.known(kinds)
            if "mode" not in said:
                scheme.place.refuse("the custom_scheme has no mode.")
            row.custom_scheme = {
                name: value.whole() if kinds[name] is int else value.text() for name, value in said.items()
            }


class Origin:
    """Where the value of a key comes from, as “field: email”, “constant: Spring”, “text: …” or “secret: {env: …}”."""

    keys = tuple(KeyValue.Kind.values)

    def write(self, row: KeyValue) -> dict[str, Any]:
        """The kind as the key and the value behind it; a secret only says that it stays."""
        return {str(row.kind): KEEP if row.kind == KeyValue.Kind.SECRET else row.value}

    def read(self, given: Mapping[str, Value], row: KeyValue, filling: Filling) -> None:
        """Kind and value; a secret that the file keeps must not be carried over from another kind."""
        said = [key for key in self.keys if key in given]
        if len(said) != 1:
            filling.place.refuse(f"say where the value comes from: one of {', '.join(self.keys)}.")
        row.kind, value = said[0], given[said[0]]
        row.value = "" if row.kind == KeyValue.Kind.SECRET else value.text()
        if row.kind == KeyValue.Kind.SECRET:
            SecretColumn("secret").read(given, row, filling)
        else:
            row.secret = Secret("")


class AutoPost:
    """The data source that a rule was made for by “Automatically post to”."""

    keys = ("auto_post_of",)

    def write(self, row: Rule) -> dict[str, Any]:
        """Its title, unless the rule is an ordinary one."""
        title = self._said(row) if self.keys[0] in vars(row) else self._stored(row)
        return {self.keys[0]: title} if title else {}

    def read(self, given: Mapping[str, Value], row: Rule, filling: Filling) -> None:
        """A data source that is there; `link` tells it once the rule is stored."""
        value = given.get(self.keys[0])
        if value and not Source.objects.filter(title=value.text()).exists():
            unknown(value, "data source", Source.objects.values_list("title", flat=True))
        vars(row)[self.keys[0]] = value.text() if value else ""

    @classmethod
    def link(cls, row: Rule) -> None:
        """The rule is the one of this source, and of no other."""
        title = cls._said(row)
        Source.objects.filter(auto_post=row).exclude(title=title).update(auto_post=None)
        Source.objects.filter(title=title).update(auto_post=row)

    @classmethod
    def _said(cls, row: Rule) -> str:
        return str(vars(row)[cls.keys[0]])

    @staticmethod
    def _stored(row: Rule) -> str:
        found = Source.objects.filter(auto_post=row.pk).first() if row.pk else None
        return found.title if found else ""


class Options:
    """What is said of a kind of action, as a table of texts."""

    keys = ("options",)

    def write(self, row: Action) -> dict[str, Any]:
        """The texts, unless there are none."""
        return {"options": dict(row.options)} if row.options else {}

    def read(self, given: Mapping[str, Value], row: Action, filling: Filling) -> None:
        """The texts as they are written; which there may be is checked with the rule."""
        table = given["options"].table() if "options" in given else {}
        row.options = {name: value.text() for name, value in table.items()}


class Delay:
    """When an action is due: “delay: 2 days”, and “when: 2 hours before due_date at 09:00 on weekdays”."""

    keys = ("delay", "when")

    def write(self, row: Action) -> dict[str, Any]:
        """Number and unit, and what else there is to say, unless it is done at once."""
        said = {} if row.counts_from == AFTER else {"when": self._dated(row)}
        if row.counts_from == AFTER and row.delay:
            said["delay"] = timing.span(row.timing)
        clock = f"at {row.at_time:%H:%M}" if row.at_time else ""
        when = " ".join(filter(None, [said.get("when"), clock, "on weekdays" if row.weekdays else ""]))
        return said | {"when": when} if when else said

    def read(self, given: Mapping[str, Value], row: Action, filling: Filling) -> None:
        """Number and unit, what they count from, the time of day, and whether weekends are left out."""
        row.delay, row.delay_unit, row.counts_from, row.date_field = 0, Action.Unit.MINUTES, AFTER, ""
        row.at_time, row.weekdays = None, False
        if "delay" in given:
            self._count(given["delay"], given["delay"].text(), row)
        if "when" in given:
            self._when(given["when"], row, dated_only="delay" in given)

    def _when(self, value: Value, row: Action, *, dated_only: bool) -> None:
        found = _WHEN.fullmatch(value.text().strip())
        if found is None or not value.text().strip():
            value.place.refuse(
                "write “2 hours before due_date”, “on due_date at 09:00”, “at 09:00” or “at 09:00 on weekdays”."
            )
        if found["side"]:
            if dated_only:
                value.place.refuse("the delay stands here already: “2 days after due_date”.")
            self._count(value, found["count"] or "0 minutes", row)
            row.counts_from = BEFORE if found["side"] == "before" else SINCE
            row.date_field = found["braced"] or found["plain"]
        row.at_time = time.fromisoformat(found["at"]) if found["at"] else None
        row.weekdays = bool(found["weekdays"])

    @staticmethod
    def _count(value: Value, written: str, row: Action) -> None:
        found = _DELAY.fullmatch(written.strip())
        if found is None:
            value.place.refuse("write a delay such as “30 minutes”, “3 hours” or “2 days”.")
        row.delay, row.delay_unit = int(found[1]), f"{found[2]}s"

    @staticmethod
    def _dated(row: Action) -> str:
        """A field whose name could be read as something else stands in braces."""
        name = row.date_field if _PLAIN.fullmatch(row.date_field) else f"{{{row.date_field}}}"
        if not row.delay and row.counts_from == SINCE:
            return f"on {name}"
        return f"{timing.span(row.timing)} {'before' if row.counts_from == BEFORE else 'after'} {name}"
