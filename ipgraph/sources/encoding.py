"""Bytes to text, whatever the encoding claims to be."""

from __future__ import annotations

import codecs
import re

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(
    rb"""(?:<meta[^>]{0,200}?charset\s*=\s*["']?|<\?xml[^>]{0,80}?encoding\s*=\s*["'])([\w.:-]{2,40})""", re.I
)
_CJK = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_EAST = ("gb18030", "shift_jis", "euc_kr", "big5")
WINDOW = 1 << 16
"""Bytes looked at where a guess has to be made."""


def _known(name: str | None) -> str | None:
    """A charset as Python knows it, with the superset that pages mean when they name the subset."""
    try:
        found = codecs.lookup(name or "").name
    except (LookupError, ValueError):
        return None
    return {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}.get(found, found)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: Latin text has a zero in nearly every other byte."""
    head = data[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 2 < len(head) * 0.7:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _mostly_utf8(data: bytes) -> bool:
    """Whether nearly all that is beyond ASCII is well-formed UTF-8 (a page cut or patched in the middle)."""
    text = data[: WINDOW * 8].decode("utf-8", "replace")
    high = sum(c > "\x7f" for c in text)
    return high > 0 and text.count("\ufffd") <= 0.1 * high


def _decodes(data: bytes, name: str) -> bool:
    try:
        # The window may cut a character in two.
        codecs.getincrementaldecoder(name)().decode(data[:WINDOW])
    except (UnicodeError, ValueError):
        return False
    return True


def _guess(data: bytes) -> str:
    for name in _EAST:
        if _decodes(data, name):
            text = codecs.getincrementaldecoder(name)().decode(data[:WINDOW])
            high = [c for c in text if c > "\x7f"]
            if len(high) > 20 and sum(bool(_CJK.match(c)) for c in high) > 0.6 * len(high):
                return name
    return "cp1252"


def encoding_of(data: bytes, declared: str | None = None) -> tuple[str, int]:
    """Encoding of the bytes and the length of their byte order mark; `declared` is what a header says."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, len(mark)
    if wide := _wide(data):
        return wide, 0
    try:
        data.decode("utf-8")
        return "utf-8", 0
    except UnicodeDecodeError:
        pass
    found = _DECLARED.search(data[:4096])
    for claim in (declared, found.group(1).decode("ascii") if found else None):
        name_or_none = _known(claim)
        if name_or_none and name_or_none != "utf-8" and _decodes(data, name_or_none):
            return name_or_none, 0
    return ("utf-8" if _mostly_utf8(data) else _guess(data)), 0


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of the bytes, without a byte order mark; what is in no encoding becomes U+FFFD. Never raises.

    Line ends stay as they are: offsets into the decoded source count them.

    >>> decode(b"caf\\xe9"), decode("\\ufeffcafé".encode())
    ('café', 'café')
    """
    name, skip = encoding_of(data, declared)
    return tidy(data[skip:].decode(name, "replace"))


def tidy(text: str) -> str:
    """The text with lone surrogates, which later steps cannot store, replaced one by one.

    >>> tidy("a\\ud800b")
    'a\\ufffdb'
    """
    return _SURROGATE.sub("\ufffd", text)
