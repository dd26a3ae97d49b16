"""What the sender of leads has to know, to be handed over: the URL, its keys, examples and answers.

Examples are made up, never taken from what was received; no secret of the verification is in them, but the URL is one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from webhooks_in import checks, examples, replies
from webhooks_in.dialects.key_values import ID_KEYS
from webhooks_in.models import Source, SourceField
from webhooks_in.replies import Reply
from webhooks_in.schemes import Scheme
from webhooks_out import exact_json

RECEIPT = UUID("01890a5d-ac96-774b-bcce-b302099a8057")  # in examples of answers
SHORT = 3  # letters: SSN, DOB, ZIP
TEST = "test"  # the example of a key nothing is known of
# Example values by what a key or field is called, in lower case and without signs.
VALUES = {
    "firstname": "Ana",
    "lastname": "Lopez",
    "name": "Ana Lopez",
    "email": "ana@example.com",
    "phone": "555-010-7788",
    "homephone": "555-010-7788",
    "workphone": "555-010-7789",
    "cellphone": "555-010-7790",
    "mobile": "555-010-7790",
    "address": "12 Harbour Street",
    "address1": "12 Harbour Street",
    "city": "Los Angeles",
    "state": "CA",
    "zip": "90001",
    "dob": "1980-04-12",
    "debt": "18400",
    "totaldebt": "18400",
    "campaign": "Spring",
    "id": "L-1001",
    "myid": "L-1001",
    "externalid": "L-1001",
}
# The keys of a source nobody has mapped yet.
USUAL = ("firstname", "lastname", "email", "phone", "state")
OWN_ID = "Your own id of the lead{}. The same id again means the same lead"
KNOWN = {
    Source.MatchAction.UPDATE: "updates the lead that is there",
    Source.MatchAction.REJECT: "is rejected",
    Source.MatchAction.MARK: "is taken in and marked as a duplicate",
}
ERRORS = (
    ("400", "The request could not be read: malformed, or without any key."),
    ("401", "Not verified, or the URL is not right."),
    ("413", "The request is larger than {max_body:,} bytes."),
    ("415", "Neither a form nor JSON."),
    ("503", "Nothing was stored. Send the same request again after some seconds."),
)


@dataclass(frozen=True)
class Key:
    """One key a sender may use."""

    key: str
    about: str
    example: str
    required: bool = False
    sensitive: bool = False


@dataclass(frozen=True)
class Part:
    """Something to copy: a command or an answer, and when it is the right one."""

    heading: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Instructions:
    """All of it."""

    title: str
    url: str
    methods: tuple[str, ...]
    keys: tuple[Key, ...]
    sample: str  # the URL with every key; "" for a sender that posts no keys
    duplicates: str  # what becomes of a lead that is known already; "" when nothing is compared
    verification: str
    ways: tuple[Part, ...]
    answers: tuple[Part, ...]
    errors: tuple[tuple[str, str], ...]


def instructions(source: Source, url: str, seen: Iterable[str] = ()) -> Instructions:
    """What to hand over. `seen`: keys it sent lately, of which those without a row are told as optional."""
    posted = source.dialect in checks.POSTED
    keys = tuple(_keys(source, seen)) if posted else ()
    query = urlencode(_open(keys))
    errors = [(status, words.format(max_body=source.max_body)) for status, words in ERRORS]
    if not source.allow_get:
        errors.append(("405", "GET is not accepted here: use POST."))
    return Instructions(
        title=source.title,
        url=url,
        methods=("POST", "GET") if source.allow_get else ("POST",),
        keys=keys,
        sample=f"{url}?{query}" if posted else "",
        duplicates=_duplicates(source) if posted else "",
        verification=_verification(source.scheme()),
        ways=tuple(_ways(source, url, keys)),
        answers=tuple(_answers(source)),
        errors=tuple(sorted(errors)),
    )


def _keys(source: Source, seen: Iterable[str]) -> Iterator[Key]:
    rows = list(source.field_map.all())
    mapped = {row.key for row in rows}
    for row in rows:
        yield _mapped(source, row)
    own_id = source.path_record_id or ID_KEYS[-1]
    if own_id not in mapped and own_id not in {row.field for row in rows}:
        needed = bool(source.path_record_id)
        about = OWN_ID.format("" if needed else ", if you have one")
        yield Key(own_id, f"{about}.", _example(own_id), needed)
    others = [key for key in seen if key not in mapped and key != own_id and "." not in key]
    for key in others or ([] if rows else USUAL):
        yield Key(key, f"{_readable(key)}.", _example(key))


def _mapped(source: Source, row: SourceField) -> Key:
    about = [OWN_ID.format("") if row.field == source.path_record_id else _readable(row.field)]
    if row.missing == SourceField.Missing.DEFAULT and not row.sensitive:
        about.append(f"“{row.default}” when it is left out")
    example = TEST if row.sensitive else _example(row.key, row.field)
    return Key(row.key, f"{'; '.join(about)}.", example, row.required, row.sensitive)


def _readable(field: str) -> str:
    plain = field.rpartition(".")[2].replace("_", " ").strip()
    return (plain.upper() if len(plain) <= SHORT else plain[:1].upper() + plain[1:]) or field


def _example(*names: str) -> str:
    plain = ("".join(c for c in name.rpartition(".")[2].lower() if c.isalnum()) for name in names)
    return next((VALUES[name] for name in plain if name in VALUES), TEST)


def _duplicates(source: Source) -> str:
    if not source.match_field:
        return ""
    what = {"email": "e-mail address", "phone": "telephone number"}.get(
        source.match_field, source.match_field
    )
    return f"A lead whose {what} is known already {KNOWN[Source.MatchAction(source.match_action)]}."


def _verification(scheme: Scheme) -> str:
    if scheme.mode == "none":
        return "None beside the URL itself: whoever knows it can post, so keep it secret."
    if scheme.mode == "basic":
        return "HTTP Basic authentication. You get user and password from us by another way."
    if scheme.mode == "token-equals":
        where = f"at {scheme.body_path} in the body" if scheme.body_path else f"in the header {scheme.header}"
        return f"A fixed token {where}. You get it from us by another way."
    return (
        f"Each request is signed, in the header {scheme.header}. You get the secret from us by another way."
    )


def _open(keys: Iterable[Key]) -> dict[str, str]:
    """What may stand in a URL: logs keep URLs, so nothing sensitive."""
    return {key.key: key.example for key in keys if not key.sensitive}


def _ways(source: Source, url: str, keys: tuple[Key, ...]) -> Iterator[Part]:
    """The same lead in each way the source understands."""
    pairs = {key.key: key.example for key in keys}
    if not pairs:
        told = examples.example(source, url)
        yield Part("Example", told.command, told.hint)
        return
    form, json = urlencode(pairs), exact_json.dumps(pairs)
    if source.allow_get and (command := examples.by_get(source, f"{url}?{urlencode(_open(keys))}")):
        yield Part("GET, in a terminal", command.command, command.hint)
    for heading, sent in (("POST a form", (examples.FORM, form)), ("POST JSON", (examples.JSON, json))):
        told = examples.example(source, url, sent)
        yield Part(f"{heading}, in a terminal", told.command, told.hint)


def _answers(source: Source) -> Iterator[Part]:
    """What the sender is told, written as it will be."""
    kind = source.reply
    if kind == Source.Reply.RECEIPT:
        stored = exact_json.dumps({"receipt": str(RECEIPT), "duplicate": False})
        again = exact_json.dumps({"receipt": str(RECEIPT), "duplicate": True})
        yield Part("202: stored", stored, "It is read a moment later.")
        yield Part("200: the same request once more", again, "It counts once.")
        return
    told = [("200: created", Reply("created", VALUES["id"]), "With our id of the lead.")]
    if source.match_action == Source.MatchAction.UPDATE:
        told.append(
            ("200: known already", Reply("updated", VALUES["id"]), "The lead that was there has your values.")
        )
        told.append(("200: nothing new", Reply("unchanged", VALUES["id"]), "We knew all of it."))
    rejects = source.match_field and source.match_action == Source.MatchAction.REJECT
    reason = "Rejected as a duplicate: …" if rejects else "The post lacks …, which the data source requires."
    told.append(
        (
            "200: rejected",
            Reply("rejected", reason=reason),
            "Nothing was stored as a lead; the reason says why.",
        )
    )
    told.append(
        ("202: accepted", Reply(replies.ACCEPTED), "Stored; it could not be read within five seconds.")
    )
    for heading, reply, note in told:
        yield Part(heading, replies.written([reply], RECEIPT, kind)[1].strip(), note)
