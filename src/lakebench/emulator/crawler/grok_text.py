"""The grok classifiers: custom ones, and the built-in ones of log formats (AWS: add-classifier)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lakebench.catalog import SerDe
from lakebench.emulator.crawler.columns import InferredColumn, distinct, inferred
from lakebench.emulator.crawler.format import TEXT_INPUT, TEXT_OUTPUT, Recognised
from lakebench.emulator.crawler.sample import Sample
from lakebench.emulator.grok.expression import expand_grok
from lakebench.errors import ConfigError

_SERDE = "com.amazonaws.glue.serde.GrokSerDe"
_MAX_LINES = 1000
_MAX_LINE = 8 << 10
_LOGS = (
    ("combined_apache", "%{COMBINEDAPACHELOG}", '] "'),
    ("apache", "%{COMMONAPACHELOG}", '] "'),
    ("ruby_logger", "%{RUBY_LOGGER}", "] "),
    ("squid", "%{SQUID3}", "/"),
    ("redismonlog", "%{REDISMONLOG}", '] "'),
    ("redislog", "%{REDISLOG}", "] "),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrokFormat:
    """Lines under Glue's grok SerDe."""

    classification: str
    pattern: str
    custom_patterns: str = ""

    input_format = TEXT_INPUT
    output_format = TEXT_OUTPUT

    @property
    def parameters(self) -> Mapping[str, str]:
        """None of its own."""
        return {}

    def serde(self, columns: Sequence[InferredColumn]) -> SerDe:
        """The pattern, and the custom patterns it uses (AWS: athena, grok SerDe)."""
        del columns
        parameters = {"input.format": self.pattern}
        if self.custom_patterns:
            parameters["input.grokCustomPatterns"] = self.custom_patterns
        return SerDe(library=_SERDE, parameters=parameters)


class GrokClassifier:
    """Recognises text most of whose lines match. ``hint`` must be in the first line: a cheap first look."""

    def __init__(self, classification: str, pattern: str, custom_patterns: str = "", hint: str = "") -> None:
        """Raises ConfigError for a pattern that is not understood."""
        self._format = GrokFormat(
            classification=classification, pattern=pattern, custom_patterns=custom_patterns
        )
        self._expression = expand_grok(pattern, custom_patterns)
        self._hint = hint

    def check(self) -> None:
        """Raises ConfigError for what RE2 cannot read."""
        self._matches([""])

    def classify(self, sample: Sample) -> Recognised | None:
        """The fields as columns, in the order of the pattern."""
        if not sample.is_text:
            return None
        text = sample.text
        if self._hint not in text.partition("\n")[0]:
            return None
        lines = [line[:_MAX_LINE] for line in text.splitlines()[:_MAX_LINES] if line.strip()]
        if not lines or self._matches(lines) * 2 <= len(lines):
            return None
        first: dict[str, InferredColumn] = {}
        for name, kind in self._expression.fields:  # a field that two branches name is one column
            first.setdefault(name.lower(), inferred(name, kind))
        return Recognised(
            format=self._format,
            columns=distinct(list(first.values())),
            sampled_bytes=len(text.encode()),
            sampled_records=text.count("\n") + (not text.endswith("\n")),
        )

    def _matches(self, lines: Sequence[str]) -> int:
        import pyarrow as pa  # 0.2 s to import, which few objects need
        import pyarrow.compute as pc

        try:
            return int(
                pc.sum(pc.match_substring_regex(pa.array(lines), self._expression.pattern)).as_py() or 0
            )
        except pa.ArrowInvalid as error:
            raise ConfigError(f"The grok pattern cannot be used: {error}") from None


def log_classifiers() -> tuple[GrokClassifier, ...]:
    """The built-in classifiers of logs, in Glue's order."""
    return tuple(GrokClassifier(name, pattern, hint=hint) for name, pattern, hint in _LOGS)
