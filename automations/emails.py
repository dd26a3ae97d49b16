"""From a template and a record's values to an e-mail: its lines, its texts and its recipients. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from email.utils import formataddr

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.encoding import punycode
from django.utils.html import escape

from automations import email_markup, tag_checks
from webhooks_out import mapping
from webhooks_out.mapping import Pair, Values
from webhooks_out.scalars import is_empty, text

MAX_RECIPIENTS = 50  # of one e-mail, copies included
MAX_SUBJECT = 300  # characters; a longer one is cut
POLICIES = {"empty": "Leave it empty", "hold": "Hold the e-mail"}
LINES = {"to": "To", "cc": "Copy to", "reply_to": "Replies go to"}  # of addresses
TEXTS = {"subject": "Subject", "text": "Text", "html": "HTML"}

_LACKS = "; sent empty."  # how the mapping ends a sentence about a gap


class Refused(Exception):
    """This e-mail cannot be sent as it is; str() says why, for an administrator."""


@dataclass(frozen=True)
class Wording:
    """What a template says. `missing`: one of POLICIES."""

    subject: str
    text: str
    html: str = ""
    to: str = ""
    cc: str = ""
    reply_to: str = ""
    sender: str = ""
    missing: str = "empty"


@dataclass(frozen=True)
class Letter:
    """An e-mail with every value in its place. `missing`: what had none; `held`: whether it must not go out so."""

    subject: str
    text: str
    html: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    sender: str = ""
    missing: tuple[str, ...] = ()
    held: bool = False


@dataclass(frozen=True)
class _Escaped(Values):
    """The same values as HTML shows them. A tag at the beginning of a link gives no address that runs anything."""

    plain: Values = field(default_factory=lambda: Values({}))

    def tag(self, name: str) -> object:
        value = self.plain.tag(name.removeprefix(email_markup.LINK))
        if is_empty(value):
            return value
        if name.startswith(email_markup.LINK):
            return escape(email_markup.harmless(text(value)))
        return escape(text(value))


def render(wording: Wording, values: Values) -> Letter:
    """The e-mail for these values, each put in once: a tag in the data stays as it is.

    Refused when a value would break a line of the head, or is no address where one must stand.
    """
    missing: list[str] = []
    subject = _header("The subject", _filled("subject", wording.subject, values, missing))
    html = email_markup.links_marked(wording.html)
    letter = Letter(
        subject=subject if len(subject) <= MAX_SUBJECT else f"{subject[: MAX_SUBJECT - 1]}…",
        text=_filled("text", wording.text, values, missing),
        html=_filled("HTML", html, _Escaped(values.data, values.tags, values), missing),
        to=_addresses("to", wording.to, values, missing),
        cc=_addresses("cc", wording.cc, values, missing),
        reply_to=_addresses("reply_to", wording.reply_to, values, missing),
        sender=wording.sender,
        missing=tuple(dict.fromkeys(missing)),
        held=bool(missing) and wording.missing == "hold",
    )
    if len(letter.to) + len(letter.cc) > MAX_RECIPIENTS:
        raise Refused(f"It has more than {MAX_RECIPIENTS} recipients.")
    return letter


def problems(wording: Wording, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """What keeps the template from being saved: where, and why. `known`: tags and fields that may stand in braces."""
    for name in (*TEXTS, *LINES):
        if reason := tag_checks.problem(getattr(wording, name), known):
            yield name, reason
    for name in LINES:
        for piece in _pieces(getattr(wording, name)):
            if not mapping.tags_in(piece) and (reason := address_problem(piece)):
                yield name, reason
    if wording.sender and (reason := address_problem(wording.sender)):
        yield "sender", reason
    if _breaks(wording.subject):
        yield "subject", "The subject is one line."
    if reason := email_markup.problem(wording.html):
        yield "html", reason


def address_problem(written: str) -> str:
    """Why this cannot be an address an e-mail goes to or comes from, or ""."""
    try:
        return "" if address(*_split(written)) else "Write an address."
    except Refused as refusal:
        return str(refusal)


def address(name: str, bare: str) -> str:
    """The address as it stands in the head, the person's name before it if there is one; Refused when it is none."""
    name, bare = _header("A name", name.strip()), bare.strip()
    local, at, domain = bare.rpartition("@")
    try:
        validate_email(bare)
        ascii_only = f"{local}{at}{punycode(domain)}"
    except (ValidationError, UnicodeError):
        raise Refused(f"“{_shown(bare)}” is not an e-mail address.") from None
    return formataddr((name, ascii_only)) if name else ascii_only


def _filled(key: str, template: str, values: Values, missing: list[str]) -> str:
    """The text with its values. What was missing is added to the list, in words."""
    rendered = mapping.render([Pair(key, "text", template, missing="empty")], values)
    missing += [sentence.removesuffix(_LACKS).replace(email_markup.LINK, "") for sentence in rendered.missing]
    return str(rendered.pairs[0][1])


def _addresses(key: str, template: str, values: Values, missing: list[str]) -> tuple[str, ...]:
    """One address for each piece of the template; what a value holds cannot add another one."""
    found: dict[str, str] = {}
    for piece in _pieces(template):
        name, bare = (_filled(key, part, values, missing) for part in _split(piece))
        if bare.strip():
            written = address(name, bare)
            found.setdefault(bare.strip().casefold(), written)
    return tuple(found.values())


def _pieces(template: str) -> list[str]:
    return [piece.strip() for piece in re.split(r"[,;]", template) if piece.strip()]


def _split(piece: str) -> tuple[str, str]:
    """Name and address of `Ana Lopez <ana@harbour.example>`; no name where there are no brackets."""
    name, bracket, rest = piece.partition("<")
    if not bracket:
        return "", piece
    return name.strip().strip('"'), rest.strip().removesuffix(">")


def _header(what: str, line: str) -> str:
    if _breaks(line):
        raise Refused(f"{what} would have a line break or another control character: “{_shown(line)}”.")
    return line


def _breaks(line: str) -> bool:
    return any(unicodedata.category(sign) in {"Cc", "Zl", "Zp"} for sign in line)


def _shown(written: str) -> str:
    """The beginning of it, on one line."""
    visible = "".join("␤" if _breaks(sign) else sign for sign in written)
    return visible if len(visible) <= 80 else f"{visible[:79]}…"
