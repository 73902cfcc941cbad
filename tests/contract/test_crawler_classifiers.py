"""Custom classifiers over HTTP: made, changed, used by a crawler, and refused."""

import uuid

import pytest
from botocore.exceptions import ClientError

from .crawler_session import Crawlers

QUOTED = b'"id","who"\n"1","Gil, Ana"\n"2","Ruiz, Eva"\n'


@pytest.fixture
def name():
    return f"classifier-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def crawlers(s3, glue, bucket):
    return Crawlers(s3, glue, bucket)


def _refusal(call, **request):
    with pytest.raises(ClientError) as refusal:
        call(**request)
    return refusal.value.response["Error"]


def test_a_classifier_is_made_changed_and_removed(glue, name):
    glue.create_classifier(CsvClassifier={"Name": name, "Delimiter": "|", "QuoteSymbol": '"'})
    first = glue.get_classifier(Name=name)["Classifier"]["CsvClassifier"]
    assert first.pop("CreationTime") == first.pop("LastUpdated")
    assert first == {
        "Name": name,
        "Delimiter": "|",
        "QuoteSymbol": '"',
        "ContainsHeader": "UNKNOWN",
        "DisableValueTrimming": True,
        "AllowSingleColumn": False,
        "Version": 1,
    }
    glue.update_classifier(CsvClassifier={"Name": name, "ContainsHeader": "PRESENT"})
    second = glue.get_classifier(Name=name)["Classifier"]["CsvClassifier"]
    assert (second["Version"], second["ContainsHeader"], second["Delimiter"]) == (2, "PRESENT", "|")
    glue.delete_classifier(Name=name)
    assert _refusal(glue.get_classifier, Name=name)["Code"] == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("CsvClassifier", {"Header": ["a", "b"], "AllowSingleColumn": True}),
        ("JsonClassifier", {"JsonPath": "$.rows[*]"}),
        ("XMLClassifier", {"Classification": "xml", "RowTag": "row"}),
        ("GrokClassifier", {"Classification": "log", "GrokPattern": "%{WORD:w}", "CustomPatterns": "A b"}),
    ],
)
def test_every_kind_is_answered_as_it_was_given(glue, name, kind, members):
    glue.create_classifier(**{kind: {"Name": name, **members}})
    answered = glue.get_classifier(Name=name)["Classifier"]
    assert list(answered) == [kind]
    assert answered[kind].items() >= {"Name": name, "Version": 1, **members}.items()
    pages = glue.get_paginator("get_classifiers").paginate(PaginationConfig={"PageSize": 1})
    assert name in [one["Name"] for page in pages for each in page["Classifiers"] for one in each.values()]


@pytest.mark.parametrize(
    ("kind", "members", "named"),
    [
        ("CsvClassifier", {"Delimiter": ";", "QuoteSymbol": ";"}, "QuoteSymbol"),
        ("CsvClassifier", {"Header": ["a", "A"]}, "Header"),
        ("CsvClassifier", {"CustomDatatypes": ["MONEY"]}, "MONEY"),
        ("CsvClassifier", {"CustomDatatypeConfigured": True}, "CustomDatatypes"),
        ("JsonClassifier", {"JsonPath": "rows"}, "begin with $"),
        ("JsonClassifier", {"JsonPath": "$.a[?(@.b)]"}, "[?(@.b)]"),
        ("XMLClassifier", {"Classification": "xml"}, "RowTag"),
        ("GrokClassifier", {"Classification": "x", "GrokPattern": "%{NOPE:a}"}, "NOPE"),
        ("GrokClassifier", {"Classification": "x", "GrokPattern": "plain"}, "names no field"),
        ("GrokClassifier", {"Classification": "x", "GrokPattern": "%{WORD:a:money}"}, "money"),
        ("GrokClassifier", {"Classification": "x", "GrokPattern": "(?<=a)%{WORD:a}"}, "cannot be used"),
        (
            "GrokClassifier",
            {"Classification": "x", "GrokPattern": "%{A:a}", "CustomPatterns": "A %{A}%{A}"},
            "endless",
        ),
        ("GrokClassifier", {"Classification": "x", "GrokPattern": "%{A:a}", "CustomPatterns": "A"}, "'A'"),
    ],
)
def test_a_classifier_that_is_not_understood_is_refused_by_member(glue, name, kind, members, named):
    refusal = _refusal(glue.create_classifier, **{kind: {"Name": name, **members}})
    assert refusal["Code"] == "InvalidInputException"
    assert named in refusal["Message"]


def test_names_are_shared_by_all_kinds_and_kinds_stay(glue, name):
    glue.create_classifier(JsonClassifier={"Name": name, "JsonPath": "$"})
    csv = {"CsvClassifier": {"Name": name}}
    assert _refusal(glue.create_classifier, **csv)["Code"] == "AlreadyExistsException"
    assert _refusal(glue.update_classifier, **csv)["Code"] == "InvalidInputException"
    assert _refusal(glue.create_classifier)["Code"] == "InvalidInputException"
    missing = {"CsvClassifier": {"Name": f"{name}-not"}}
    assert _refusal(glue.update_classifier, **missing)["Code"] == "EntityNotFoundException"
    assert _refusal(glue.delete_classifier, Name=f"{name}-not")["Code"] == "EntityNotFoundException"


def test_a_crawler_asks_its_classifiers_first_and_athena_reads_the_table(athena, glue, crawlers, name):
    glue.create_classifier(CsvClassifier={"Name": name, "QuoteSymbol": '"'})
    crawlers.put("people/a.csv", QUOTED)
    crawlers.create("people/", Classifiers=[name])
    assert glue.get_crawler(Name=crawlers.name)["Crawler"]["Classifiers"] == [name]
    assert crawlers.run()["Status"] == "SUCCEEDED"
    assert crawlers.table("people")["Parameters"]["areColumnsQuoted"] == "true"
    rows = crawlers.query(athena, "SELECT id, who FROM people ORDER BY id")
    assert rows == [["1", "Gil, Ana"], ["2", "Ruiz, Eva"]]


def test_a_crawler_whose_classifier_is_gone_does_not_start(glue, crawlers, name):
    glue.create_classifier(CsvClassifier={"Name": name})
    crawlers.create("people/", Classifiers=[name])
    glue.delete_classifier(Name=name)
    assert _refusal(glue.start_crawler, Name=crawlers.name)["Code"] == "EntityNotFoundException"
    assert glue.get_crawler(Name=crawlers.name)["Crawler"]["State"] == "READY"
    refusal = _refusal(glue.update_crawler, Name=crawlers.name, Classifiers=[name])
    assert refusal["Code"] == "InvalidInputException"
