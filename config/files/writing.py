"""YAML as a person would write it: indented lists, long texts as blocks, a blank line between things."""

from collections.abc import Mapping
from typing import Any

import yaml

WIDE = 1_000_000  # characters of a line, so that no text is folded


class _Dumper(yaml.SafeDumper):
    """Writes lists indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def document(head: str, sections: Mapping[str, Any]) -> str:
    """The whole file: the comment, then each section that holds something."""
    comment = "".join(f"# {line}".rstrip() + "\n" for line in head.splitlines())
    return comment + "".join(f"\n{_section(name, content)}" for name, content in sections.items() if content)


def one_line(value: Any) -> str:
    """A value as it would stand on one line of the file; nothing in it can steer a terminal."""
    text = _dump(value, default_flow_style=True).removesuffix("\n").removesuffix("\n...")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _section(name: str, content: Any) -> str:
    """Tables of a list are set apart by a blank line."""
    if not (isinstance(content, list) and isinstance(content[0], dict)):
        return _dump({name: content})
    items = (_dump({name: [item]}).removeprefix(f"{name}:\n") for item in content)
    return f"{name}:\n" + "\n".join(items)


def _dump(value: Any, *, default_flow_style: bool = False) -> str:
    written: str = yaml.dump(
        value,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=default_flow_style,
        sort_keys=False,
        width=WIDE,
    )
    return written


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """A text of several plain lines as a block, one with odd characters escaped; the writer decides on any other."""
    lines = text.split("\n")
    block = len(lines) > 1 and all(line == line.rstrip() and line.isprintable() for line in lines)
    block = block and lines[0] == lines[0].lstrip() != "" and lines[-2:] != ["", ""]
    style = "|" if block else None if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
