"""Workgroups, named queries, tags, and the catalogue as Athena shows it."""

from __future__ import annotations

from typing import Any

import pytest

from lakebench.emulator.wire.provider import ServiceError

from .conftest import OUTPUT, Athena


def configuration(athena: Athena, name: str = "primary") -> dict[str, Any]:
    return dict(athena.call("GetWorkGroup", WorkGroup=name)["WorkGroup"]["Configuration"])


def test_a_refusal_as_the_first_request_of_a_region_leaves_primary_there(athena: Athena) -> None:
    with pytest.raises(ServiceError):
        athena.call("CreatePreparedStatement", StatementName="s", WorkGroup="primary", QueryStatement="SELEC")
    assert athena.call("GetWorkGroup", WorkGroup="primary")["WorkGroup"]["Name"] == "primary"


def test_primary_is_there_with_its_whole_configuration(athena: Athena) -> None:
    workgroup = athena.call("GetWorkGroup", WorkGroup="primary")["WorkGroup"]
    assert workgroup["State"] == "ENABLED"
    assert "Description" not in workgroup
    assert workgroup["Configuration"] == {
        "ResultConfiguration": {},
        "EnforceWorkGroupConfiguration": False,
        "PublishCloudWatchMetricsEnabled": False,
        "RequesterPaysEnabled": False,
        "EnableMinimumEncryptionConfiguration": False,
        "EngineVersion": {
            "SelectedEngineVersion": "AUTO",
            "EffectiveEngineVersion": "Athena engine version 3",
        },
    }


def test_a_workgroup_is_read_back_as_it_was_written(athena: Athena) -> None:
    given = {
        "ResultConfiguration": {
            "OutputLocation": "s3://results/wg/",
            "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
        },
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": True,
        "BytesScannedCutoffPerQuery": 10_000_000,
        "RequesterPaysEnabled": True,
        "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
    }
    athena.call("CreateWorkGroup", Name="wg", Description="d", Configuration=given)
    found = configuration(athena, "wg")
    assert {key: found[key] for key in given if key != "EngineVersion"} == {
        key: value for key, value in given.items() if key != "EngineVersion"
    }
    assert found["EngineVersion"]["SelectedEngineVersion"] == "Athena engine version 3"
    assert athena.call("GetWorkGroup", WorkGroup="wg")["WorkGroup"]["Description"] == "d"


def test_updates_replace_members_and_remove_what_they_say(athena: Athena) -> None:
    given = {
        "ResultConfiguration": {"OutputLocation": "s3://results/wg/"},
        "BytesScannedCutoffPerQuery": 10_000_000,
    }
    athena.call("CreateWorkGroup", Name="wg", Configuration=given)
    athena.call(
        "UpdateWorkGroup",
        WorkGroup="wg",
        Description="new",
        State="DISABLED",
        ConfigurationUpdates={
            "ResultConfigurationUpdates": {
                "RemoveOutputLocation": True,
                "ExpectedBucketOwner": "123456789012",
            },
            "RemoveBytesScannedCutoffPerQuery": True,
            "PublishCloudWatchMetricsEnabled": True,
        },
    )
    found = configuration(athena, "wg")
    assert found["ResultConfiguration"] == {"ExpectedBucketOwner": "123456789012"}
    assert "BytesScannedCutoffPerQuery" not in found
    assert found["PublishCloudWatchMetricsEnabled"] is True
    with pytest.raises(ServiceError, match="is disabled"):
        athena.start("SELECT 1 AS n", WorkGroup="wg")


def test_an_enforcing_workgroup_overrides_the_clients_location(athena: Athena) -> None:
    settings = {"ResultConfiguration": {"OutputLocation": "s3://results/wg/"}}
    athena.call("CreateWorkGroup", Name="wg", Configuration=settings)
    execution = athena.succeed("SELECT 1 AS n", WorkGroup="wg")
    assert execution["ResultConfiguration"]["OutputLocation"].startswith("s3://results/wg/")
    athena.call(
        "UpdateWorkGroup", WorkGroup="wg", ConfigurationUpdates={"EnforceWorkGroupConfiguration": False}
    )
    execution = athena.succeed("SELECT 1 AS n", WorkGroup="wg")
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(OUTPUT)
    execution = athena.succeed("SELECT 1 AS n", WorkGroup="wg", ResultConfiguration={})
    assert execution["ResultConfiguration"]["OutputLocation"].startswith("s3://results/wg/")


def test_workgroups_are_listed_by_name_in_pages(athena: Athena) -> None:
    for name in ("b", "a", "c"):
        athena.call("CreateWorkGroup", Name=name)
    first = athena.call("ListWorkGroups", MaxResults=3)
    second = athena.call("ListWorkGroups", MaxResults=3, NextToken=first["NextToken"])
    names = [one["Name"] for one in (*first["WorkGroups"], *second["WorkGroups"])]
    assert names == ["a", "b", "c", "primary"]
    assert first["WorkGroups"][0]["Description"] == ""
    assert "NextToken" not in second


def test_names_are_taken_once_and_primary_stays(athena: Athena) -> None:
    athena.call("CreateWorkGroup", Name="wg")
    with pytest.raises(ServiceError, match=r"^WorkGroup is already created$"):
        athena.call("CreateWorkGroup", Name="wg")
    with pytest.raises(ServiceError, match="primary"):
        athena.call("DeleteWorkGroup", WorkGroup="primary")
    with pytest.raises(ServiceError, match=r"^WorkGroup is not found\.$"):
        athena.call("GetWorkGroup", WorkGroup="nope")


def test_a_workgroup_with_contents_is_deleted_by_the_recursive_option_only(athena: Athena) -> None:
    settings = {"ResultConfiguration": {"OutputLocation": "s3://results/wg/"}}
    athena.call("CreateWorkGroup", Name="wg", Configuration=settings)
    execution_id = athena.succeed("SELECT 1 AS n", WorkGroup="wg")["QueryExecutionId"]
    with pytest.raises(ServiceError, match="is not empty"):
        athena.call("DeleteWorkGroup", WorkGroup="wg")
    athena.call("DeleteWorkGroup", WorkGroup="wg", RecursiveDeleteOption=True)
    with pytest.raises(ServiceError, match="was not found"):
        athena.get(execution_id)


def test_engine_versions_are_listed(athena: Athena) -> None:
    versions = [one["SelectedEngineVersion"] for one in athena.call("ListEngineVersions")["EngineVersions"]]
    assert versions == ["AUTO", "Athena engine version 3"]


def test_named_queries_are_saved_read_changed_and_deleted(athena: Athena) -> None:
    given = {"Name": "q", "Database": "db", "QueryString": "SELECT 1", "Description": "d"}
    token = "t" * 32
    query_id = athena.call("CreateNamedQuery", ClientRequestToken=token, **given)["NamedQueryId"]
    assert athena.call("CreateNamedQuery", ClientRequestToken=token, **given)["NamedQueryId"] == query_id
    assert athena.call("GetNamedQuery", NamedQueryId=query_id)["NamedQuery"] == {
        **given,
        "NamedQueryId": query_id,
        "WorkGroup": "primary",
    }
    assert athena.call("ListNamedQueries")["NamedQueryIds"] == [query_id]
    athena.call("UpdateNamedQuery", NamedQueryId=query_id, Name="r", QueryString="SELECT 2")
    batch = athena.call("BatchGetNamedQuery", NamedQueryIds=[query_id, "nope"])
    assert [query["Name"] for query in batch["NamedQueries"]] == ["r"]
    assert [one["NamedQueryId"] for one in batch["UnprocessedNamedQueryIds"]] == ["nope"]
    athena.call("DeleteNamedQuery", NamedQueryId=query_id)
    with pytest.raises(ServiceError, match=f"NamedQuery {query_id} was not found"):
        athena.call("GetNamedQuery", NamedQueryId=query_id)


def test_tags_are_put_listed_and_removed(athena: Athena) -> None:
    athena.call("CreateWorkGroup", Name="wg", Tags=[{"Key": "a", "Value": "1"}])
    arn = "arn:aws:athena:us-east-1:123456789012:workgroup/wg"
    athena.call("TagResource", ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    athena.call("UntagResource", ResourceARN=arn, TagKeys=["a", "zz"])
    assert athena.call("ListTagsForResource", ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    with pytest.raises(ServiceError) as caught:
        athena.call("ListTagsForResource", ResourceARN=arn + "x")
    assert caught.value.code == "ResourceNotFoundException"


def test_the_one_data_catalogue_is_glues(athena: Athena) -> None:
    (summary,) = athena.call("ListDataCatalogs")["DataCatalogsSummary"]
    assert (summary["CatalogName"], summary["Type"]) == ("AwsDataCatalog", "GLUE")
    catalog = athena.call("GetDataCatalog", Name="awsdatacatalog")["DataCatalog"]
    assert catalog["Parameters"] == {"catalog-id": "123456789012"}
    with pytest.raises(ServiceError, match="was not found"):
        athena.call("GetDataCatalog", Name="other")


def test_table_metadata_tells_columns_keys_and_storage(athena: Athena) -> None:
    athena.succeed(
        "CREATE EXTERNAL TABLE orders (id bigint COMMENT 'k') PARTITIONED BY (day string) "
        "LOCATION 's3://lake/orders/'"
    )
    asked = {"CatalogName": "AwsDataCatalog", "DatabaseName": "db"}
    table = athena.call("GetTableMetadata", **asked, TableName="ORDERS")["TableMetadata"]
    assert table["Columns"] == [{"Name": "id", "Type": "bigint", "Comment": "k"}]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["Parameters"]["location"] == "s3://lake/orders"
    assert table["Parameters"]["serde.serialization.lib"].endswith("LazySimpleSerDe")
    listed = athena.call("ListTableMetadata", **asked, Expression="ord.*")["TableMetadataList"]
    assert [one["Name"] for one in listed] == ["orders"]
    assert athena.call("ListTableMetadata", **asked, Expression="x*")["TableMetadataList"] == []


def test_missing_databases_and_tables_are_metadata_exceptions(athena: Athena) -> None:
    calls = [
        ("GetDatabase", {"DatabaseName": "nope"}),
        ("ListTableMetadata", {"DatabaseName": "nope"}),
        ("GetTableMetadata", {"DatabaseName": "db", "TableName": "nope"}),
    ]
    for operation, wire in calls:
        with pytest.raises(ServiceError) as caught:
            athena.call(operation, CatalogName="AwsDataCatalog", **wire)
        assert caught.value.code == "MetadataException"


def test_databases_are_listed_by_name(athena: Athena) -> None:
    athena.succeed("CREATE DATABASE another COMMENT 'c'")
    databases = athena.call("ListDatabases", CatalogName="AwsDataCatalog")["DatabaseList"]
    assert databases == [{"Name": "another", "Description": "c"}, {"Name": "db"}]
