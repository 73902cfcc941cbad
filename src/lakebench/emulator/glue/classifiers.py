"""Custom classifiers as CreateClassifier and UpdateClassifier make them, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from lakebench.emulator.crawler import (
    CUSTOM_DATATYPES,
    Classifier,
    ContainsHeader,
    CsvRules,
    CustomCsvClassifier,
    CustomJsonClassifier,
    GrokClassifier,
    XmlClassifier,
)
from lakebench.emulator.glue.errors import invalid_input
from lakebench.emulator.wire.provider import Wire
from lakebench.errors import ConfigError

KINDS = ("GrokClassifier", "XMLClassifier", "JsonClassifier", "CsvClassifier")
_CSV_DEFAULTS = {"ContainsHeader": "UNKNOWN", "DisableValueTrimming": True, "AllowSingleColumn": False}
_OPEN_CSV = {"OpenCSVSerDe": True, "LazySimpleSerDe": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomClassifier:
    """A classifier of the account: ``kind`` is its member in the service model, ``members`` as given."""

    kind: str
    members: Mapping[str, Any]
    classifier: Classifier
    created: datetime
    updated: datetime
    version: int = 1

    @property
    def name(self) -> str:
        """Names are shared by all kinds."""
        return str(self.members["Name"])

    def to_wire(self) -> Wire:
        """Classifier of the service model."""
        defaults = _CSV_DEFAULTS if self.kind == "CsvClassifier" else {}
        times = {"CreationTime": self.created, "LastUpdated": self.updated, "Version": self.version}
        return {self.kind: {**defaults, **self.members, **times}}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptClassifier:
    """A classifier without what is read from its members."""

    kind: str
    members: Mapping[str, Any]
    created: datetime
    updated: datetime
    version: int

    @classmethod
    def of(cls, classifier: CustomClassifier) -> KeptClassifier:
        """As it outlives the server."""
        return cls(
            kind=classifier.kind,
            members=classifier.members,
            created=classifier.created,
            updated=classifier.updated,
            version=classifier.version,
        )

    def read(self) -> CustomClassifier:
        """The classifier again."""
        return CustomClassifier(
            kind=self.kind,
            members=self.members,
            classifier=_read(self.kind, self.members),
            created=self.created,
            updated=self.updated,
            version=self.version,
        )


def given_classifier(request: Wire) -> tuple[str, dict[str, Any]]:
    """The one kind of a request and its members; raises InvalidInputException for none or several."""
    given = [kind for kind in KINDS if request.get(kind)]
    if len(given) != 1:
        raise invalid_input("Exactly one of " + ", ".join(KINDS) + " must be given")
    members = {key: value for key, value in request[given[0]].items() if value is not None}
    return given[0], members


def new_classifier(kind: str, members: Mapping[str, Any]) -> CustomClassifier:
    """Read the members; raises InvalidInputException naming the one at fault."""
    now = datetime.now(UTC)
    return CustomClassifier(
        kind=kind, members=members, classifier=_read(kind, members), created=now, updated=now
    )


def updated_classifier(current: CustomClassifier, kind: str, members: Mapping[str, Any]) -> CustomClassifier:
    """The classifier with the given members replaced; its kind stays."""
    if kind != current.kind:
        raise invalid_input(f"Classifier {current.name} is a {current.kind}, not a {kind}")
    merged = {**current.members, **members}
    return CustomClassifier(
        kind=kind,
        members=merged,
        classifier=_read(kind, merged),
        created=current.created,
        updated=datetime.now(UTC),
        version=current.version + 1,
    )


def _read(kind: str, members: Mapping[str, Any]) -> Classifier:
    try:
        return _READERS[kind](members)
    except ConfigError as error:
        raise invalid_input(error.message) from None


def _read_csv(members: Mapping[str, Any]) -> Classifier:
    delimiter, quote = members.get("Delimiter"), members.get("QuoteSymbol")
    if quote is not None and quote == (delimiter or ","):
        raise invalid_input("QuoteSymbol must not be the Delimiter")
    names = members.get("CustomDatatypes") or []
    unknown = [name for name in names if str(name).upper() not in CUSTOM_DATATYPES]
    if unknown:
        raise invalid_input(f"Custom datatype {unknown[0]} is none of {', '.join(CUSTOM_DATATYPES)}")
    if members.get("CustomDatatypeConfigured") and not names:
        raise invalid_input("CustomDatatypeConfigured needs CustomDatatypes")
    header = tuple(members.get("Header") or ())
    if len({name.lower() for name in header}) < len(header):
        raise invalid_input("Header must not name a column twice")
    configured = names if members.get("CustomDatatypeConfigured") else []
    return CustomCsvClassifier(
        CsvRules(
            delimiter=delimiter,
            quote=quote,
            contains_header=ContainsHeader(members.get("ContainsHeader") or "UNKNOWN"),
            header=header,
            trim=members.get("DisableValueTrimming") is False,
            single_column=bool(members.get("AllowSingleColumn")),
            datatypes=tuple(CUSTOM_DATATYPES[str(name).upper()] for name in configured),
            open_csv=_OPEN_CSV.get(members.get("Serde") or "None"),
        )
    )


def _read_json(members: Mapping[str, Any]) -> Classifier:
    return CustomJsonClassifier(members["JsonPath"])


def _read_xml(members: Mapping[str, Any]) -> Classifier:
    if not members.get("RowTag"):
        raise invalid_input("An XML classifier needs a RowTag")
    return XmlClassifier(classification=_classification(members), row_tag=members["RowTag"])


def _read_grok(members: Mapping[str, Any]) -> Classifier:
    classifier = GrokClassifier(
        _classification(members), members["GrokPattern"], members.get("CustomPatterns") or ""
    )
    classifier.check()
    return classifier


def _classification(members: Mapping[str, Any]) -> str:
    if not members.get("Classification"):
        raise invalid_input("Classification must not be empty")
    return str(members["Classification"])


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Classifier]] = MappingProxyType(
    {
        "CsvClassifier": _read_csv,
        "JsonClassifier": _read_json,
        "XMLClassifier": _read_xml,
        "GrokClassifier": _read_grok,
    }
)
