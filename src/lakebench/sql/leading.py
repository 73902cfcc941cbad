"""How a text begins: its first word says which grammar reads the rest."""

from __future__ import annotations


def first_word(text: str) -> tuple[str, int]:
    """The first token's text in upper case, and where it ends; the rest may be in either lexis."""
    rest = text.lstrip()
    while rest.startswith(("--", "/*")):
        end = rest.find("\n") if rest.startswith("--") else rest.find("*/") + 1
        rest = rest[end + 1 :].lstrip() if end > 0 else ""
    word = ""
    for sign in rest:
        if not (sign.isalnum() or sign == "_"):
            break
        word += sign
    return word.upper(), len(text) - len(rest) + len(word)
