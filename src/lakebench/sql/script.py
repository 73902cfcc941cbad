"""A file of statements, cut at its semicolons."""

from __future__ import annotations

from collections.abc import Iterator

_CLOSED_BY = {"'": "'", '"': '"', "`": "`", "--": "\n", "/*": "*/"}


def split_statements(text: str) -> Iterator[str]:
    """Each statement of a script, those before it blanked out, so that its lines and columns are the file's.

    Semicolons in texts, quoted names and comments do not count. Parts with nothing but comments are left out.
    """
    begun, told, at = 0, False, 0
    while at < len(text):
        opener = next((each for each in _CLOSED_BY if text.startswith(each, at)), None)
        if opener is not None:
            told = told or opener not in {"--", "/*"}
            at = _after(text, _CLOSED_BY[opener], at + len(opener))
            continue
        if text[at] == ";":
            if told:
                yield _blank(text[:begun]) + text[begun:at]
            begun, told = at + 1, False
        elif not text[at].isspace():
            told = True
        at += 1
    if told:
        yield _blank(text[:begun]) + text[begun:]


def _after(text: str, closer: str, start: int) -> int:
    """Where a quoted part ends; a doubled quote begins the next part at once, which comes to the same."""
    end = text.find(closer, start)
    return len(text) if end < 0 else end + len(closer)


def _blank(text: str) -> str:
    return "".join(each if each == "\n" else " " for each in text)
