"""Glue's catalogue over HTTP as AWS answers it: names, pages, expressions, versions, statistics, functions."""

import uuid

import pytest
from botocore.exceptions import ClientError


def refusal(call, **request):
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return caught.value.response["Error"]


def _table(name="t", keys=(), **members):
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": key, "Type": kind} for key, kind in keys],
        "StorageDescriptor": {
            "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "city", "Type": "string"}],
            "Location": "s3://lake/t/",
        },
        **members,
    }


@pytest.fixture
def db(glue):
    name = f"db_{uuid.uuid4().hex[:8]}"
    glue.create_database(DatabaseInput={"Name": name})
    return name


@pytest.fixture
def table(glue, db):
    glue.create_table(DatabaseName=db, TableInput=_table(keys=[("region", "string"), ("year", "int")]))
    for region in ("es", "fr"):
        for year in ("2023", "2024"):
            glue.create_partition(DatabaseName=db, TableName="t", PartitionInput=_partition([region, year]))
    return "t"


def _partition(values, **members):
    descriptor = {
        "Columns": [{"Name": "id", "Type": "bigint"}],
        "Location": f"s3://lake/t/{'/'.join(values)}/",
    }
    return {"Values": values, "StorageDescriptor": descriptor, **members}


def _partitions(glue, db, **request):
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName=db, TableName="t", **request)
    return ["/".join(one["Values"]) for page in pages for one in page["Partitions"]]


def test_names_are_folded_to_lower_case_and_found_in_any(glue):
    name = f"Db_{uuid.uuid4().hex[:8]}"
    glue.create_database(DatabaseInput={"Name": name})
    assert glue.get_database(Name=name.upper())["Database"]["Name"] == name.lower()
    glue.create_table(DatabaseName=name, TableInput=_table("Sales"))
    found = glue.get_table(DatabaseName=name.lower(), Name="SALES")["Table"]
    assert (found["DatabaseName"], found["Name"]) == (name.lower(), "sales")
    assert (
        refusal(glue.create_database, DatabaseInput={"Name": name})["Message"] == "Database already exists."
    )
    assert (
        refusal(glue.create_table, DatabaseName=name, TableInput=_table("SALES"))["Message"]
        == "Table already exists."
    )


def test_a_table_has_the_members_that_aws_always_answers(glue, db):
    glue.create_table(
        DatabaseName=db, TableInput={"Name": "bare", "StorageDescriptor": {"Location": "s3://l/"}}
    )
    found = glue.get_table(DatabaseName=db, Name="bare")["Table"]
    assert found["CatalogId"] == "123456789012"
    assert found["VersionId"] == "1" or found["VersionId"] == "0"
    assert found["Retention"] == 0
    assert found["IsRegisteredWithLakeFormation"] is False
    assert found["CreateTime"] == found["UpdateTime"]
    assert found["PartitionKeys"] == []
    descriptor = found["StorageDescriptor"]
    assert (descriptor["Compressed"], descriptor["NumberOfBuckets"]) == (False, 0)
    assert "Owner" not in found


def test_parameters_are_answered_in_the_order_that_glue_has(glue, db):
    """Held by aws-sdk-pandas' own test on AWS (test_athena_generate_create_query)."""
    given = dict.fromkeys(("classification", "compressionType", "typeOfData", "projection.enabled"), "x")
    glue.create_table(DatabaseName=db, TableInput=_table(Parameters=given))
    found = glue.get_table(DatabaseName=db, Name="t")["Table"]["Parameters"]
    assert list(found) == ["compressionType", "classification", "projection.enabled", "typeOfData"]


def test_what_get_table_answered_is_taken_back_by_update_table(glue, db):
    glue.create_table(DatabaseName=db, TableInput=_table(Parameters={"a": "b"}))
    answered = glue.get_table(DatabaseName=db, Name="t")["Table"]
    model = glue.meta.service_model.shape_for("TableInput").members
    given = {key: value for key, value in answered.items() if key in model}
    glue.update_table(DatabaseName=db, TableInput=given)
    again = glue.get_table(DatabaseName=db, Name="t")["Table"]
    kept = {key: again[key] for key in given}
    assert kept == given


def test_missing_entities_are_told_in_glues_words(glue, db):
    assert refusal(glue.get_database, Name="nope")["Message"] == "Database nope not found."
    assert refusal(glue.get_table, DatabaseName=db, Name="nope")["Message"] == "Entity Not Found"
    assert refusal(glue.get_tables, DatabaseName="nope")["Code"] == "EntityNotFoundException"
    assert refusal(glue.delete_table, DatabaseName=db, Name="nope")["Code"] == "EntityNotFoundException"
    error = refusal(glue.update_table, DatabaseName=db, TableInput=_table("nope"))
    assert error["Code"] == "EntityNotFoundException"


def test_tables_are_listed_by_name_in_pages(glue, db):
    for at in range(7):
        glue.create_table(DatabaseName=db, TableInput=_table(f"t{6 - at}"))
    first = glue.get_tables(DatabaseName=db, MaxResults=5)
    assert [one["Name"] for one in first["TableList"]] == ["t0", "t1", "t2", "t3", "t4"]
    second = glue.get_tables(DatabaseName=db, MaxResults=5, NextToken=first["NextToken"])
    assert [one["Name"] for one in second["TableList"]] == ["t5", "t6"]
    assert "NextToken" not in second
    assert refusal(glue.get_tables, DatabaseName=db, NextToken="nonsense")["Code"] == "InvalidInputException"


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("sales.*", ["sales", "sales_2024"]),
        ("sales", ["sales"]),
        ("SALES", ["sales"]),
        ("sale", []),
        ("sales*", ["sales", "sales_2024"]),
        ("*2024", ["sales_2024"]),
        ("orders|sales", ["orders", "sales"]),
        (".*", ["orders", "sales", "sales_2024"]),
        ("[a-o].*", ["orders"]),
    ],
)
def test_an_expression_matches_whole_names(glue, db, expression, found):
    for name in ("sales", "sales_2024", "orders"):
        glue.create_table(DatabaseName=db, TableInput=_table(name))
    listed = glue.get_tables(DatabaseName=db, Expression=expression)["TableList"]
    assert [one["Name"] for one in listed] == found


def test_databases_are_listed_in_pages(glue, db):
    pages = glue.get_paginator("get_databases").paginate(PaginationConfig={"PageSize": 1})
    names = [one["Name"] for page in pages for one in page["DatabaseList"]]
    assert db in names
    assert names == sorted(names)


def test_versions_grow_newest_first_and_old_ones_can_be_deleted(glue, db):
    glue.create_table(DatabaseName=db, TableInput=_table(Description="first"))
    for text in ("second", "third"):
        glue.update_table(DatabaseName=db, TableInput=_table(Description=text))
    versions = glue.get_table_versions(DatabaseName=db, TableName="t")["TableVersions"]
    assert [one["Table"]["Description"] for one in versions] == ["third", "second", "first"]
    newest, middle, oldest = (one["VersionId"] for one in versions)
    got = glue.get_table_version(DatabaseName=db, TableName="t", VersionId=oldest)["TableVersion"]
    assert got["Table"]["Description"] == "first"
    latest = glue.get_table_version(DatabaseName=db, TableName="t")["TableVersion"]
    assert latest["VersionId"] == newest
    error = refusal(glue.delete_table_version, DatabaseName=db, TableName="t", VersionId=newest)
    assert error["Code"] == "InvalidInputException"
    answer = glue.batch_delete_table_version(DatabaseName=db, TableName="t", VersionIds=[oldest, "99"])
    assert [one["VersionId"] for one in answer["Errors"]] == ["99"]
    left = glue.get_table_versions(DatabaseName=db, TableName="t")["TableVersions"]
    assert [one["VersionId"] for one in left] == [newest, middle]


def test_an_update_that_skips_the_archive_leaves_one_version(glue, db):
    glue.create_table(DatabaseName=db, TableInput=_table(Description="first"))
    glue.update_table(DatabaseName=db, TableInput=_table(Description="second"), SkipArchive=True)
    versions = glue.get_table_versions(DatabaseName=db, TableName="t")["TableVersions"]
    assert [one["Table"]["Description"] for one in versions] == ["second"]


def test_an_update_of_another_version_than_the_current_one_is_refused(glue, db):
    glue.create_table(DatabaseName=db, TableInput=_table())
    error = refusal(glue.update_table, DatabaseName=db, TableInput=_table(), VersionId="77")
    assert error["Code"] == "ConcurrentModificationException"


def test_partitions_are_kept_by_an_expression(glue, db, table):
    assert _partitions(glue, db) == ["es/2023", "es/2024", "fr/2023", "fr/2024"]
    assert _partitions(glue, db, Expression="year > 2023 AND region = 'es'") == ["es/2024"]
    error = refusal(glue.get_partitions, DatabaseName=db, TableName="t", Expression="nobody = 1")
    assert error["Code"] == "InvalidInputException"
    assert "nobody" in error["Message"]


def test_segments_are_disjoint_and_together_whole(glue, db, table):
    shares = [_partitions(glue, db, Segment={"SegmentNumber": at, "TotalSegments": 3}) for at in range(3)]
    assert sorted(one for share in shares for one in share) == _partitions(glue, db)
    error = refusal(
        glue.get_partitions, DatabaseName=db, TableName="t", Segment={"SegmentNumber": 3, "TotalSegments": 3}
    )
    assert error["Code"] == "InvalidInputException"


def test_partitions_come_in_pages_and_without_columns_when_asked(glue, db, table):
    page = glue.get_partitions(DatabaseName=db, TableName="t", MaxResults=3, ExcludeColumnSchema=True)
    assert len(page["Partitions"]) == 3
    assert all("Columns" not in one["StorageDescriptor"] for one in page["Partitions"])
    assert page["Partitions"][0]["CatalogId"] == "123456789012"
    assert _partitions(glue, db, PaginationConfig={"PageSize": 3}) == _partitions(glue, db)


def test_a_batch_of_partitions_lists_its_errors(glue, db, table):
    answer = glue.batch_create_partition(
        DatabaseName=db,
        TableName="t",
        PartitionInputList=[_partition(["es", "2023"]), _partition(["it", "2024"]), _partition(["es"])],
    )
    told = {tuple(one["PartitionValues"]): one["ErrorDetail"]["ErrorCode"] for one in answer["Errors"]}
    assert told == {("es", "2023"): "AlreadyExistsException", ("es",): "InvalidInputException"}
    assert "it/2024" in _partitions(glue, db)
    got = glue.batch_get_partition(
        DatabaseName=db,
        TableName="t",
        PartitionsToGet=[{"Values": ["it", "2024"]}, {"Values": ["no", "1"]}],
    )
    assert [one["Values"] for one in got["Partitions"]] == [["it", "2024"]]
    gone = glue.batch_delete_partition(
        DatabaseName=db,
        TableName="t",
        PartitionsToDelete=[{"Values": ["it", "2024"]}, {"Values": ["no", "1"]}],
    )
    assert [one["PartitionValues"] for one in gone["Errors"]] == [["no", "1"]]
    assert gone["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"


def test_a_partition_is_updated_moved_and_refused_where_one_is(glue, db, table):
    glue.update_partition(
        DatabaseName=db,
        TableName="t",
        PartitionValueList=["es", "2023"],
        PartitionInput=_partition(["es", "2022"], Parameters={"k": "v"}),
    )
    assert _partitions(glue, db) == ["es/2022", "es/2024", "fr/2023", "fr/2024"]
    found = glue.get_partition(DatabaseName=db, TableName="t", PartitionValues=["es", "2022"])["Partition"]
    assert found["Parameters"] == {"k": "v"}
    error = refusal(
        glue.update_partition,
        DatabaseName=db,
        TableName="t",
        PartitionValueList=["es", "2022"],
        PartitionInput=_partition(["fr", "2023"]),
    )
    assert error["Code"] == "AlreadyExistsException"
    assert (
        refusal(glue.get_partition, DatabaseName=db, TableName="t", PartitionValues=["es", "2023"])["Message"]
        == "Cannot find partition."
    )


def _statistics(name, nulls=0):
    data = {"MinimumValue": 1, "MaximumValue": 9, "NumberOfNulls": nulls, "NumberOfDistinctValues": 5}
    return {
        "ColumnName": name,
        "ColumnType": "bigint",
        "AnalyzedTime": 1_700_000_000,
        "StatisticsData": {"Type": "LONG", "LongColumnStatisticsData": data},
    }


@pytest.mark.parametrize("of", ["table", "partition"])
def test_column_statistics_are_kept_and_given_back(glue, db, table, of):
    place = {"DatabaseName": db, "TableName": "t"}
    if of == "partition":
        place["PartitionValues"] = ["es", "2023"]
    update = getattr(glue, f"update_column_statistics_for_{of}")
    get = getattr(glue, f"get_column_statistics_for_{of}")
    delete = getattr(glue, f"delete_column_statistics_for_{of}")
    answer = update(**place, ColumnStatisticsList=[_statistics("id", nulls=2), _statistics("nobody")])
    assert [one["ColumnStatistics"]["ColumnName"] for one in answer["Errors"]] == ["nobody"]
    got = get(**place, ColumnNames=["id", "city"])
    (found,) = got["ColumnStatisticsList"]
    assert found["StatisticsData"]["LongColumnStatisticsData"]["NumberOfNulls"] == 2
    assert [one["ColumnName"] for one in got["Errors"]] == ["city"]
    delete(**place, ColumnName="id")
    assert refusal(delete, **place, ColumnName="id")["Code"] == "EntityNotFoundException"


def test_statistics_go_with_their_table(glue, db):
    glue.create_table(DatabaseName=db, TableInput=_table())
    glue.update_column_statistics_for_table(
        DatabaseName=db, TableName="t", ColumnStatisticsList=[_statistics("id")]
    )
    glue.delete_table(DatabaseName=db, Name="t")
    glue.create_table(DatabaseName=db, TableInput=_table())
    got = glue.get_column_statistics_for_table(DatabaseName=db, TableName="t", ColumnNames=["id"])
    assert got["ColumnStatisticsList"] == []


def test_partition_indexes_are_declared_listed_and_deleted(glue, db, table):
    glue.create_partition_index(
        DatabaseName=db, TableName="t", PartitionIndex={"Keys": ["year"], "IndexName": "by_year"}
    )
    (index,) = glue.get_partition_indexes(DatabaseName=db, TableName="t")["PartitionIndexDescriptorList"]
    assert (index["IndexName"], index["IndexStatus"]) == ("by_year", "ACTIVE")
    assert index["Keys"] == [{"Name": "year", "Type": "int"}]
    error = refusal(
        glue.create_partition_index,
        DatabaseName=db,
        TableName="t",
        PartitionIndex={"Keys": ["id"], "IndexName": "x"},
    )
    assert error["Code"] == "InvalidInputException"
    glue.delete_partition_index(DatabaseName=db, TableName="t", IndexName="by_year")
    assert glue.get_partition_indexes(DatabaseName=db, TableName="t")["PartitionIndexDescriptorList"] == []


def test_functions_are_declared_listed_and_deleted(glue, db):
    given = {"FunctionName": "Shout", "ClassName": "com.acme.Shout", "OwnerName": "me", "OwnerType": "USER"}
    glue.create_user_defined_function(DatabaseName=db, FunctionInput=given)
    found = glue.get_user_defined_function(DatabaseName=db, FunctionName="shout")["UserDefinedFunction"]
    assert (found["FunctionName"], found["ClassName"], found["DatabaseName"]) == (
        "shout",
        "com.acme.Shout",
        db,
    )
    changed = given | {"ClassName": "com.acme.Louder"}
    glue.update_user_defined_function(DatabaseName=db, FunctionName="shout", FunctionInput=changed)
    (listed,) = glue.get_user_defined_functions(DatabaseName=db, Pattern="sh*")["UserDefinedFunctions"]
    assert listed["ClassName"] == "com.acme.Louder"
    assert glue.get_user_defined_functions(DatabaseName=db, Pattern="x.*")["UserDefinedFunctions"] == []
    error = refusal(glue.create_user_defined_function, DatabaseName=db, FunctionInput=given)
    assert error["Code"] == "AlreadyExistsException"
    glue.delete_user_defined_function(DatabaseName=db, FunctionName="shout")
    error = refusal(glue.get_user_defined_function, DatabaseName=db, FunctionName="shout")
    assert error["Code"] == "EntityNotFoundException"


def test_tables_are_found_by_text_and_by_properties(glue, db):
    glue.create_table(DatabaseName=db, TableInput=_table("ventas", Description="Sales of all shops"))
    glue.create_table(DatabaseName=db, TableInput=_table("clicks", Parameters={"classification": "json"}))
    own = [{"Key": "DatabaseName", "Value": db}]

    def found(**request):
        return [one["Name"] for one in glue.search_tables(Filters=own, **request)["TableList"]]

    assert found() == ["clicks", "ventas"]
    assert found(SearchText="shops") == ["ventas"]
    assert found(SearchText="CITY") == ["clicks", "ventas"]
    assert found(SearchText='"json"') == ["clicks"]
    assert found(SearchText='"jso"') == []
    assert found(SortCriteria=[{"FieldName": "Name", "Sort": "DESC"}]) == ["ventas", "clicks"]
    listed = glue.search_tables(Filters=[*own, {"Key": "classification", "Value": "json"}])["TableList"]
    assert [one["Name"] for one in listed] == ["clicks"]


def test_a_batch_of_tables_is_deleted_and_the_missing_are_told(glue, db):
    glue.create_table(DatabaseName=db, TableInput=_table("a"))
    answer = glue.batch_delete_table(DatabaseName=db, TablesToDelete=["A", "b"])
    assert [one["TableName"] for one in answer["Errors"]] == ["b"]
    assert glue.get_tables(DatabaseName=db)["TableList"] == []


def test_a_deleted_database_takes_its_tables_along(glue, db):
    glue.create_table(DatabaseName=db, TableInput=_table())
    glue.delete_database(Name=db)
    glue.create_database(DatabaseInput={"Name": db})
    assert glue.get_tables(DatabaseName=db)["TableList"] == []
