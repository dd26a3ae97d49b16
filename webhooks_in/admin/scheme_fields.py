"""The knobs of a custom verification as form fields, and back: one row for each field of a scheme."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.html import escape
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from webhooks_in.schemes import DIGESTS, ENCODINGS, MODES, SIGNED_MODES, Scheme

PREFIX = "scheme_"  # of the names of these fields in the form
LONGEST = 200  # characters of a text
MAX_TOLERANCE = 86_400  # seconds

# The label and the help of each knob, by its name.
TEXTS = {
    "header": ("Signature header", "The header with the signature or the token."),
    "prefix": ("Prefix", "What stands before the signature or token: sha256=, v1, or Bearer and a blank."),
    "separator": ("Separator", "What stands between several signatures in one header."),
    "content": (
        "What is signed",
        "{body}, or with more: {id} {timestamp} {method} {url}; a hash also has {secret}. "
        "For example {id}.{timestamp}.{body}",
    ),
    "timestamp_header": ("Timestamp header", "The header with the time of signing, if there is one."),
    "timestamp_prefix": ("Timestamp prefix", "If the timestamp stands in the signature header: t="),
    "id_header": ("Id header", "The header with the message's id, if the id is signed."),
    "body_path": (
        "Place of the token",
        "For a fixed token that stands in the body: a path such as meta.token, or <Element> in XML.",
    ),
    "url_decode": (
        "Decode in the URL",
        "Characters whose %-escapes the sender decodes before it signs {url}.",
    ),
}
CHOICES = {
    "mode": ("Kind", "How the sender proves itself.", MODES),
    "digest": ("Digest", "Of HMAC and hash.", {name: name.upper() for name in DIGESTS}),
    "encoding": ("Encoding", "How the signature is written.", {name: name for name in ENCODINGS}),
    "wrapping": (
        "Wrapping",
        "Whether the whole header is once more encoded.",
        {"": "none", "base64": "base64"},
    ),
    "secret_decoding": (
        "The secret is",
        "How the secret is to be read before it is used as the key.",
        {
            "utf-8": "used as it is written",
            "hex": "hexadecimal",
            "base64": "base64",
            "whsec": "base64 after whsec_",
        },
    ),
    "timestamp_unit": ("Timestamp unit", "", {"s": "seconds", "ms": "milliseconds"}),
}
# The kinds of verification that look at a knob; the kind itself is always asked.
SIGNED = tuple(SIGNED_MODES)
LOOKED_AT = {
    **dict.fromkeys(Scheme.__dataclass_fields__, SIGNED),
    "mode": tuple(MODES),
    "digest": ("hmac", "plain-hash"),
    "header": (*SIGNED, "token-equals", "basic"),
    "prefix": (*SIGNED, "token-equals"),
    "secret_decoding": ("hmac", "plain-hash", "token-equals"),
    "body_path": ("token-equals",),
}
NAMES = tuple(f"{PREFIX}{name}" for name in Scheme.__dataclass_fields__)


def fields() -> dict[str, forms.Field]:
    """A form field for each knob, in the order of the scheme."""
    return {f"{PREFIX}{name}": _field(name) for name in Scheme.__dataclass_fields__}


def initial(scheme: Scheme) -> dict[str, Any]:
    """What the fields show for a scheme."""
    return {f"{PREFIX}{name}": value for name, value in asdict(scheme).items()}


def scheme(cleaned: dict[str, Any]) -> Scheme:
    """The scheme that was entered; a knob left empty is at its default."""
    entered = {name: cleaned.get(f"{PREFIX}{name}") for name in Scheme.__dataclass_fields__}
    return Scheme(**{name: value for name, value in entered.items() if value not in (None, "")})


def _field(name: str) -> forms.Field:
    if name in CHOICES:
        label, help_text, choices = CHOICES[name]
        widget = UnfoldAdminSelectWidget()
        return forms.ChoiceField(
            label=label,
            help_text=escape(help_text),
            choices=list(choices.items()),
            required=False,
            widget=widget,
        )
    if name in TEXTS:
        label, help_text = TEXTS[name]
        return forms.CharField(
            label=label,
            help_text=escape(help_text),
            max_length=LONGEST,
            required=False,
            strip=name != "prefix",
            widget=UnfoldAdminTextInputWidget(),
        )
    return forms.IntegerField(
        label="Tolerance",
        help_text="Seconds the timestamp may differ, either way. 0: not checked.",
        min_value=0,
        max_value=MAX_TOLERANCE,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
