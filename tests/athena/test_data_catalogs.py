"""Data catalogues: Glue's is read; others are registered and refused clearly."""

from __future__ import annotations

import pytest

from lakebench.emulator.wire.provider import ServiceError

from .conftest import Athena

LAMBDA = {"Name": "Orders", "Type": "LAMBDA", "Parameters": {"function": "arn:aws:lambda:::function:f"}}


def test_a_catalogue_is_registered_listed_and_forgotten(athena: Athena) -> None:
    athena.call("CreateDataCatalog", **LAMBDA, Description="d", Tags=[{"Key": "k", "Value": "v"}])
    assert athena.call("GetDataCatalog", Name="orders")["DataCatalog"] == (
        LAMBDA | {"Description": "d", "Status": "CREATE_COMPLETE"}
    )
    listed = athena.call("ListDataCatalogs")["DataCatalogsSummary"]
    assert [(found["CatalogName"], found["Type"]) for found in listed] == [
        ("AwsDataCatalog", "GLUE"),
        ("Orders", "LAMBDA"),
    ]
    arn = "arn:aws:athena:us-east-1:123456789012:datacatalog/Orders"
    assert athena.call("ListTagsForResource", ResourceARN=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    athena.call("UpdateDataCatalog", **LAMBDA)
    assert "Description" not in athena.call("GetDataCatalog", Name="Orders")["DataCatalog"]
    athena.call("DeleteDataCatalog", Name="Orders")
    assert len(athena.call("ListDataCatalogs")["DataCatalogsSummary"]) == 1


@pytest.mark.parametrize(
    ("operation", "wire", "words"),
    [
        ("GetDataCatalog", {"Name": "nope"}, "Data catalog nope was not found"),
        ("DeleteDataCatalog", {"Name": "AwsDataCatalog"}, "cannot be changed or deleted"),
        ("CreateDataCatalog", {"Name": "awsdatacatalog", "Type": "GLUE"}, "already exists"),
        (
            "ListDatabases",
            {"CatalogName": "orders"},
            "Data catalogs of type LAMBDA cannot be read here: Orders",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(
    athena: Athena, operation: str, wire: dict[str, str], words: str
) -> None:
    athena.call("CreateDataCatalog", **LAMBDA)
    with pytest.raises(ServiceError, match=words) as caught:
        athena.call(operation, **wire)
    assert caught.value.code == "InvalidRequestException"


@pytest.mark.parametrize(
    ("catalog", "reason"),
    [
        ("Orders", "NOT_SUPPORTED: Queries over data catalogs of type LAMBDA are not supported: orders"),
        ("nope", "CATALOG_NOT_FOUND: line 1:1: Catalog 'nope' does not exist"),
    ],
)
def test_queries_over_other_catalogues_fail(athena: Athena, catalog: str, reason: str) -> None:
    athena.call("CreateDataCatalog", **LAMBDA)
    execution = athena.run("SELECT 1", QueryExecutionContext={"Database": "db", "Catalog": catalog})
    assert execution["Status"]["StateChangeReason"] == reason


def test_the_accounts_own_catalogue_under_another_name_is_read(athena: Athena) -> None:
    athena.numbers(2)
    mine = {"Name": "mine", "Type": "GLUE", "Parameters": {"catalog-id": "123456789012"}}
    athena.call("CreateDataCatalog", **mine)
    context = {"QueryExecutionContext": {"Database": "db", "Catalog": "mine"}}
    assert athena.rows(athena.succeed("SELECT count(*) AS n FROM numbers", **context)) == [["n"], ["2"]]
