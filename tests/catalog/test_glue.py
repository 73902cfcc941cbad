"""Glue's wire dictionaries become catalogue values and come back whole."""

from lakebench.catalog import DataFormat, S3Uri
from lakebench.catalog.glue import partition_from_glue, partition_to_glue, table_from_glue, table_to_glue

WIRE = {
    "Name": "Ventas",
    "StorageDescriptor": {
        "Columns": [
            {"Name": "ID", "Type": "bigint"},
            {"Name": "region", "Type": "string", "Comment": "where"},
        ],
        "Location": "s3://lake/raw/ventas/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        },
        "Parameters": {"classification": "csv"},
    },
    "PartitionKeys": [{"Name": "year", "Type": "string"}],
    "TableType": "EXTERNAL_TABLE",
    "Parameters": {"classification": "csv"},
}


def test_a_table_is_read_with_lower_case_names_and_its_format():
    table = table_from_glue(WIRE, database="lake")
    assert table.name == "ventas"
    assert [column.name for column in table.columns] == ["id", "region"]
    assert table.columns[1].comment == "where"
    assert table.data_format is DataFormat.TEXT
    assert table.storage.location == S3Uri("lake", "raw/ventas/")
    assert not table.is_view


def test_a_table_comes_back_as_it_was_and_again_unchanged():
    once = table_to_glue(table_from_glue(WIRE, database="lake"))
    assert once["StorageDescriptor"]["SerdeInfo"] == WIRE["StorageDescriptor"]["SerdeInfo"]
    assert table_from_glue(once, database="lake") == table_from_glue(WIRE, database="lake")


def test_fields_that_were_never_given_stay_absent():
    """A client that sends GetTable's answer back in UpdateTable must not send an empty Owner."""
    assert "Owner" not in table_to_glue(table_from_glue(WIRE, database="lake"))
    assert "Description" not in table_to_glue(table_from_glue(WIRE, database="lake"))


def test_a_column_type_that_cannot_be_read_does_not_hide_the_table():
    wire = {"Name": "t", "StorageDescriptor": {"Columns": [{"Name": "x", "Type": "uniontype<int,string>"}]}}
    assert table_from_glue(wire, database="d").columns[0].type.name == "unknown"


def test_a_partition_survives_a_round_trip():
    wire = {"Values": ["2024"], "StorageDescriptor": WIRE["StorageDescriptor"], "Parameters": {"a": "b"}}
    partition = partition_from_glue(wire)
    assert partition.values == ("2024",)
    assert partition_from_glue(partition_to_glue(partition)) == partition
