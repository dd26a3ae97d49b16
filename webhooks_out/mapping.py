"""From a webhook's rows and a record to what is sent; preview and sending use the same function."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from webhooks_out.paths import MISSING, look_up
from webhooks_out.scalars import is_empty, text
from webhooks_out.transforms import TRANSFORMS, find

MAX_TAG = 100  # characters between the braces
MASK = "••••••"

KINDS = {
    "field": "Field",
    "constant": "Constant",
    "secret": "Secret constant",
    "text": "Text with {TAGS}",
}
POLICIES = {
    "omit": "Leave the key out",
    "empty": "Send it empty",
    "default": "Send the default",
    "hold": "Stop and hold the delivery",
}
_CONSEQUENCES = {"omit": "left out", "empty": "sent empty", "default": "default used", "hold": "held"}

# A tag starts with a letter, so that {0.x}, {7*7}, {} and the braces of JSON are just text.
_TAG = re.compile(rf'\{{([^\W\d_][^{{}}"\r\n]{{0,{MAX_TAG - 1}}})\}}')
_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True)
class Pair:
    """One row of a webhook's mapping: an exact key and where its value comes from."""

    key: str
    kind: str  # one of KINDS
    value: str  # a field path, a constant, or text with {TAGS}
    missing: str = "omit"  # one of POLICIES
    default: str = ""
    transform: str = ""  # one of TRANSFORMS, or none
    argument: str = ""
    sensitive: bool = False


@dataclass(frozen=True)
class Values:
    """A record's data and the tags that name places in it. A function in the data stands for what it returns, and
    is called only when a row asks for it.

    A tag `C#_NAME` with the path `creditors.#.name` stands for C1_NAME, C2_NAME … and the list's items in
    order; `CCF:*` with `coapp.*` stands for every tag that starts with `CCF:`.
    """

    data: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        """The value of a field name or dotted path, or MISSING."""
        return _asked(look_up(self.data, name))

    def tag(self, name: str) -> Any:
        """The value of a {TAG}: as the tag table says, else of the field of that name; MISSING if none."""
        return _asked(look_up(self.data, path_of(name, self.tags) or name))


@dataclass(frozen=True)
class Rendered:
    """What is sent: (key, value, concealed) in the order of the rows, what was missing, whether to hold."""

    pairs: tuple[tuple[str, Any, bool], ...]
    missing: tuple[str, ...] = ()
    held: bool = False


def render(pairs: Sequence[Pair], values: Values) -> Rendered:
    """The pairs filled from the values, each substituted once: a tag in the data stays as it is.

    Empty (missing, null, "", [], {}) counts as missing and follows the row's policy. In a text, `empty` and
    `default` fill the gap of the one tag, `omit` and `hold` give up the whole key; a transform is applied to
    each tag's value. Constants are sent as they are written.
    """
    rendered: list[tuple[str, Any, bool]] = []
    missing: list[str] = []
    held = False
    for pair in pairs:
        value, lacks = _SOURCES[pair.kind](pair, values)
        if lacks:
            missing.append(f"{pair.key}: {lacks}; {_CONSEQUENCES[pair.missing]}.")
            held = held or pair.missing == "hold"
        if value is not MISSING:
            rendered.append((pair.key, value, pair.sensitive or pair.kind == "secret"))
    return Rendered(tuple(rendered), tuple(missing), held)


def masked(rendered: Rendered) -> Rendered:
    """The same with every concealed value replaced, for people's eyes."""
    pairs = tuple((key, MASK if concealed else value, concealed) for key, value, concealed in rendered.pairs)
    return replace(rendered, pairs=pairs)


def tags_in(template: str) -> tuple[str, ...]:
    """The names of the {TAGS} in a text, in order, each once."""
    return tuple(dict.fromkeys(_TAG.findall(template)))


def unknown_tags(template: str, known: Collection[str]) -> tuple[str, ...]:
    """The tags of a text that are neither in the tag table nor otherwise known (field names)."""
    table = dict.fromkeys(known, "known")
    return tuple(name for name in tags_in(template) if not path_of(name, table))


def path_of(tag: str, table: Mapping[str, str]) -> str:
    """The path the tag table gives for a tag, or ""; numbered and starred rows are filled in."""
    if path := table.get(tag):
        return path
    if number := _NUMBER.search(tag):
        path = table.get(f"{tag[: number.start()]}#{tag[number.end() :]}", "")
        if path and int(number[0]) > 0:
            return path.replace("#", str(int(number[0]) - 1))
    prefix, colon, rest = tag.partition(":")
    return table.get(f"{prefix}:*", "").replace("*", rest) if colon else ""


def problem(pair: Pair) -> str:
    """Why this row cannot be saved, or "": the sentence for the administrator."""
    if not pair.key.strip():
        return "Write the key, exactly as the receiver expects it."
    if pair.kind not in KINDS or pair.missing not in POLICIES:
        return f"{pair.key}: choose where the value comes from and what happens when it is missing."
    if pair.kind == "field" and not pair.value.strip():
        return f"{pair.key}: choose the field."
    if not pair.transform:
        return ""
    transform = TRANSFORMS.get(pair.transform)
    reason = transform.check(pair.argument) if transform else f"there is no transform {pair.transform}."
    return f"{pair.key}: {reason}" if reason else ""


def _asked(value: Any) -> Any:
    return value() if callable(value) else value


def _constant(pair: Pair, _values: Values) -> tuple[Any, str]:
    if pair.kind == "secret" and not pair.value:
        return _filling(pair), "the secret is not set"
    return pair.value, ""


def _field(pair: Pair, values: Values) -> tuple[Any, str]:
    return _filled(pair, pair.value, values.get(pair.value))


def _text(pair: Pair, values: Values) -> tuple[Any, str]:
    parts: list[str] = []
    lacking: list[str] = []
    for literal, name in _parts(pair.value):
        parts.append(literal)
        if name:
            value, lacks = _filled(pair, f"{{{name}}}", values.tag(name))
            parts.append(text(value))
            if lacks and lacks not in lacking:
                lacking.append(lacks)
    left_out = lacking and pair.missing in ("omit", "hold")
    return MISSING if left_out else "".join(parts), ", ".join(lacking)


@lru_cache(maxsize=4_096)
def _parts(template: str) -> tuple[tuple[str, str], ...]:
    """The literals of a text, each with the tag that follows it ("" after the last)."""
    pieces = [*_TAG.split(template), ""]
    return tuple(zip(pieces[::2], pieces[1::2], strict=True))


def _filled(pair: Pair, name: str, value: Any) -> tuple[Any, str]:
    """The value of one field or tag after its transform, or what stands in for it and why."""
    if is_empty(value):
        return _filling(pair), f"{name} is empty"
    if not pair.transform:
        return value, ""
    transform = find(pair.transform, pair.argument)
    if transform is None:
        return _filling(pair), f"{pair.transform} cannot be used like this"
    value = transform.apply(value, pair.argument)
    if is_empty(value):
        return _filling(pair), f"{transform.label} finds nothing to send in {name}"
    return value, ""


def _filling(pair: Pair) -> Any:
    if pair.missing == "default":
        return pair.default
    return "" if pair.missing == "empty" else MISSING


_SOURCES: dict[str, Callable[[Pair, Values], tuple[Any, str]]] = {
    "field": _field,
    "constant": _constant,
    "secret": _constant,
    "text": _text,
}
