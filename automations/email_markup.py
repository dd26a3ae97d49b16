"""Where in a template's HTML a value may stand, so that what is in the value stays text."""

import re

LINK = "link to "  # stands before a tag whose value begins an address
SCHEMES = ("https:", "http:", "mailto:", "tel:")  # that a value may begin an address with

_TAG = r"\{[^\W\d_][^{}\"\r\n]*\}"
_LINK = re.compile(r"""(?i)\b((?:href|src|action|background|poster|data)\s*=\s*["']\s*)\{(?=[^\W\d_])""")
_MARKUP = re.compile(r"""<[A-Za-z/!{](?:[^<>"']|"[^"]*"|'[^']*')*>?""")
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_RUNS = re.compile(r"(?i)<\s*(?:script|iframe|object|embed)\b")
_HANDLER = re.compile(r"(?i)[\s\"'/]on[a-z]+\s*=")
_STYLE = re.compile(rf"(?is)<style\b(?:(?!</style).)*?{_TAG}|\bstyle\s*=\s*(?:\"[^\"]*{_TAG}|'[^']*{_TAG})")
_SCHEME = re.compile(r"(?i)[a-z][a-z0-9+.-]*:")


def problem(html: str) -> str:
    """Why this cannot be the HTML of a template, or ""."""
    if _RUNS.search(html):
        return "Mail programs run no scripts and show no embedded pages; take them out."
    if _STYLE.search(html):
        return "A tag may not stand in a style: its value could change the whole e-mail."
    for markup in _MARKUP.findall(html):
        bare = _QUOTED.sub('""', markup)
        if _HANDLER.search(bare):
            return "Mail programs run nothing; take out what begins with on…="
        if re.search(_TAG, bare):
            return 'Inside < and > a tag must stand between quotation marks, as in href="{LINK}".'
    return ""


def links_marked(html: str) -> str:
    """The template with a mark before each tag that begins an address."""
    return _LINK.sub(rf"\1{{{LINK}", html)


def harmless(address: str) -> str:
    """The address, or "#" when it would do anything but lead to a page, a mailbox or a telephone."""
    plain = "".join(sign for sign in address if sign.isprintable()).strip()
    if not _SCHEME.match(plain):
        return plain
    return plain if plain.casefold().startswith(SCHEMES) else "#"
