"""YAML as a tree that knows its lines: texts, lists and tables within limits; no tags, aliases or guessed types."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

import yaml

from webhooks_out import exact_json

MAX_BYTES = 5_000_000  # of a file
MAX_EVENTS = 500_000  # beginnings and ends of texts, lists and tables of a file
MAX_DEPTH = 12  # levels of a file; its own format needs six
MAX_SHOWN = 60  # characters of a wrong value that a sentence repeats
FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
NOTHING = ("", "~", "null")

_NAME = re.compile(r"[A-Za-z_]\w*")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # only its events are used, so nothing is ever built


class NotLoadable(Exception):
    """The file cannot be loaded and changed nothing; str() says on each line where and why."""


@dataclass(frozen=True)
class Place:
    """Where in the file: line 12, rules[1].conditions[0].operator."""

    line: int
    path: str = ""
    depth: int = 0

    def __str__(self) -> str:
        return f"line {self.line}, {self.path}" if self.path else f"line {self.line}"

    def below(self, name: str | int, line: int) -> "Place":
        """The place of an item of this list or of a key of this table."""
        if isinstance(name, int):
            return Place(line, f"{self.path}[{name}]", self.depth + 1)
        name = name if _NAME.fullmatch(name) else repr(cut(name))
        return Place(line, f"{self.path}.{name}" if self.path else name, self.depth + 1)

    def refuse(self, sentence: str) -> NoReturn:
        """Raises NotLoadable, saying that this is wrong here."""
        raise NotLoadable(f"{self}: {sentence}")


@dataclass(frozen=True)
class Value:
    """A text as it is written, a list or a table, and where it stands."""

    content: "str | list[Value] | dict[str, Value]"
    place: Place
    quoted: bool = False

    @property
    def nothing(self) -> bool:
        """Whether nothing is written here, or null."""
        return self.content in NOTHING and not self.quoted

    def text(self) -> str:
        """What is written, whatever type YAML would make of it: 007, yes and 2026-03-10 are texts too."""
        if not isinstance(self.content, str):
            self.place.refuse("write a text here.")
        if exact_json.clean(self.content)[1]:
            self.place.refuse("this text holds a character that no database can store.")
        return self.content

    def flag(self) -> bool:
        """True or False."""
        found = FLAGS.get(self.content.lower()) if isinstance(self.content, str) else None
        return self.place.refuse("write true or false here.") if found is None else found

    def whole(self) -> int:
        """A whole number of at most nine digits."""
        if not isinstance(self.content, str) or not _WHOLE.fullmatch(self.content):
            self.place.refuse("write a whole number here.")
        return int(self.content)

    def items(self) -> "list[Value]":
        """The items of a list; none when nothing is written."""
        if self.nothing:
            return []
        return self.content if isinstance(self.content, list) else self.place.refuse("write a list here.")

    def table(self) -> "dict[str, Value]":
        """The values of a table by their keys; none when nothing is written."""
        if self.nothing:
            return {}
        return (
            self.content
            if isinstance(self.content, dict)
            else self.place.refuse("write keys and values here.")
        )

    def known(
        self, keys: Mapping[str, Any] | Collection[str], others: Mapping[str, str] | None = None
    ) -> "dict[str, Value]":
        """The table, with only these keys; `others` are names by which a person may look for one of them."""
        table = self.table()
        for key, value in table.items():
            if key not in keys:
                value.place.refuse(f"there is no key “{cut(key)}” here{did_you_mean(key, keys, others)}")
        return table


def did_you_mean(wrong: str, names: Collection[str], others: Mapping[str, str] | None = None) -> str:
    """The end of a sentence about a wrong name, with the most similar right one if there is one."""
    known = {name.casefold(): name for name in names} | {
        other.casefold(): name for other, name in (others or {}).items()
    }
    close = get_close_matches(wrong.casefold(), known, n=1)
    return f"; did you mean “{known[close[0]]}”?" if close else "."


def cut(text: str) -> str:
    """The text, or its beginning when it is long."""
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def parse(raw: bytes) -> Value:
    """The one document of a file; NotLoadable when it is not YAML or goes beyond the limits."""
    if len(raw) > MAX_BYTES:
        raise NotLoadable(f"The file is larger than {MAX_BYTES} bytes.")
    try:
        return _document(_bounded(yaml.parse(raw.decode("utf-8-sig"), Loader=_LOADER)))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise NotLoadable(f"line {line}: this is not UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}" if mark else "The file"
        raise NotLoadable(f"{where}: this is not YAML: {error.problem or error.context}.") from None
    except yaml.YAMLError as error:
        raise NotLoadable(f"The file is not YAML: {str(error).splitlines()[0]}.") from None


def _bounded(events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
    for number, event in enumerate(events):
        if number > MAX_EVENTS:
            _place(event).refuse("the file holds too many values.")
        yield event


def _document(events: Iterator[yaml.Event]) -> Value:
    found: Value | None = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent | yaml.StreamStartEvent):
            continue
        if isinstance(event, yaml.NodeEvent):
            if found is not None:
                _place(event).refuse("a second document begins here; a file holds one.")
            found = _value(event, events, _place(event))
    return found or Value({}, Place(1))


def _value(event: yaml.Event, events: Iterator[yaml.Event], place: Place) -> Value:
    """The value that begins with this event."""
    if place.depth > MAX_DEPTH:
        place.refuse(f"this is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        place.refuse("anchors and aliases (& and *) are not read; write it out.")
    if getattr(event, "tag", None):
        place.refuse("tags (!) are not read.")
    if isinstance(event, yaml.ScalarEvent):
        return Value(event.value, place, quoted=bool(event.style))
    if isinstance(event, yaml.SequenceStartEvent):
        return Value(list(_items(events, place)), place)
    return Value(_entries(events, place), place)


def _items(events: Iterator[yaml.Event], place: Place) -> Iterator[Value]:
    for index, event in enumerate(events):
        if isinstance(event, yaml.SequenceEndEvent):
            return
        yield _value(event, events, place.below(index, _place(event).line))


def _entries(events: Iterator[yaml.Event], place: Place) -> dict[str, Value]:
    entries: dict[str, Value] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        key = _value(event, events, place).content
        if not isinstance(key, str):
            _place(event).refuse("a key is a text.")
        at = place.below(key, _place(event).line)
        if key in entries:
            at.refuse("this key stands here twice.")
        entries[key] = _value(next(events), events, at)
    return entries


def _place(event: yaml.Event) -> Place:
    return Place(event.start_mark.line + 1 if event.start_mark else 1)
