"""Globs, configuration and types, each for itself."""

import pytest

from lakebench.catalog import parse_type
from lakebench.emulator.crawler import OutputConfiguration, compile_glob, parse_configuration
from lakebench.emulator.crawler.columns import inferred, may_be_similar, merge_types, similarity
from lakebench.emulator.crawler.csv_text import column_type, split_records
from lakebench.errors import ConfigError


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("*.csv", ["a.csv", ".csv"], ["x/a.csv", "a.csv.gz"]),
        ("**.csv", ["a.csv", "x/y/a.csv"], ["a.json"]),
        ("tmp/**", ["tmp/a", "tmp/x/y"], ["tmp2/a", "x/tmp/a"]),
        ("??.csv", ["ab.csv"], ["a.csv", "a/.csv"]),
        ("[a-c]1", ["a1", "c1"], ["d1", "A1"]),
        ("[!a]1", ["b1"], ["a1", "/1"]),
        ("*.{csv,txt}", ["a.csv", "a.txt"], ["a.csv,txt"]),
        ("{2023,2024}/*", ["2023/a"], ["2025/a", "2023/a/b"]),
        (r"a\*b", ["a*b"], ["axb"]),
        ("a.b", ["a.b"], ["axb"]),
        ("a,b", ["a,b"], ["a"]),
    ],
)
def test_an_exclusion_pattern_matches_keys_below_the_include_path(pattern, matching, other):
    glob = compile_glob(pattern)
    assert [key for key in matching if not glob.fullmatch(key)] == []
    assert [key for key in other if glob.fullmatch(key)] == []


@pytest.mark.parametrize("pattern", ["[abc", "[]", "{a,b", "{a,{b}}", "a\\", "[z-a]"])
def test_a_malformed_pattern_is_refused_by_name(pattern):
    with pytest.raises(ConfigError) as refusal:
        compile_glob(pattern)
    assert repr(pattern) in refusal.value.message


def test_no_configuration_means_the_defaults():
    assert parse_configuration(None) == parse_configuration("") == OutputConfiguration()


def test_the_whole_configuration_is_read():
    text = """{"Version": 1.0, "CreatePartitionIndex": false,
        "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"},
                          "Tables": {"AddOrUpdateBehavior": "MergeNewColumns", "TableThreshold": 5}},
        "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": 2}}"""
    assert parse_configuration(text) == OutputConfiguration(
        partitions_inherit=True,
        merge_new_columns=True,
        combine_compatible_schemas=True,
        table_level=2,
        table_threshold=5,
        partition_index=False,
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "JSON"),
        ("[]", "Configuration must be an object"),
        ('{"Version": 2}', "Version"),
        ("{}", "Version"),
        ('{"Version": 1.0, "Groping": {}}', "Groping"),
        ('{"Version": 1.0, "Grouping": []}', "Grouping"),
        ('{"Version": 1.0, "Grouping": {"TableGroupingPolicy": "All"}}', "TableGroupingPolicy"),
        ('{"Version": 1.0, "Grouping": {"TableLevelConfiguration": 0}}', "TableLevelConfiguration"),
        ('{"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": "x"}}}', "TableThreshold"),
        ('{"Version": 1.0, "CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": ["x"]}}}', "AddOrUpdate"),
        ('{"Version": 1.0, "CreatePartitionIndex": "yes"}', "CreatePartitionIndex"),
    ],
)
def test_a_configuration_that_is_not_understood_is_refused_by_member(text, named):
    with pytest.raises(ConfigError) as refusal:
        parse_configuration(text)
    assert named in refusal.value.message


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [
        ("int", "bigint", "bigint"),
        ("bigint", "double", "double"),
        ("float", "double", "double"),
        ("int", "string", "string"),
        ("date", "timestamp", "string"),
        ("boolean", "int", "string"),
        ("unknown", "date", "date"),
        ("decimal(10,2)", "decimal(12,4)", "decimal(12,4)"),
        ("decimal(10,2)", "bigint", "decimal(21,2)"),
        ("decimal(38,0)", "decimal(38,10)", "decimal(38,10)"),
        ("array<int>", "array<bigint>", "array<bigint>"),
        ("array<int>", "int", "string"),
        ("struct<a:int>", "struct<b:string>", "struct<a:int,b:string>"),
        ("struct<a:int>", "struct<a:double>", "struct<a:double>"),
        ("map<string,int>", "map<string,string>", "map<string,string>"),
    ],
)
def test_two_types_become_one(first, second, merged):
    assert merge_types(parse_type(first), parse_type(second)).hive == merged
    assert merge_types(parse_type(second), parse_type(first)).hive in {merged, "struct<b:string,a:int>"}


def test_similarity_is_the_share_of_common_columns():
    def schema(text):
        return [inferred(name, parse_type(kind)) for name, kind in (p.split(":") for p in text.split())]

    assert similarity(schema("a:int b:int"), schema("a:int b:int")) == 1.0
    assert similarity(schema("a:int b:int c:int"), schema("a:bigint b:int c:int d:int")) == 0.75
    assert similarity(schema("a:int"), schema("a:string")) == 0.0
    assert similarity([], []) == 1.0


def test_names_alone_tell_what_cannot_be_similar():
    assert may_be_similar({"a", "b", "c"}, {"a", "b", "c", "d"})
    assert not may_be_similar({"a", "b"}, {"a", "b", "c"})
    assert may_be_similar(set(), set())


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["0", "5", "-3"], "bigint"),
        (["1", ""], "bigint"),
        (["1.0", "2"], "double"),
        ([".5", "5."], "double"),
        (["1_000"], "string"),
        (["١"], "string"),
        (["NaN"], "string"),
        (["0x1f"], "string"),
        (["1e3"], "double"),
        (["1,5"], "string"),
        (["--1"], "string"),
        (["true", "false"], "string"),
        (["9" * 19], "double"),
        (["9" * 400], "double"),
        (["1\n2"], "string"),
    ],
)
def test_a_column_of_cells_has_a_type(cells, kind):
    if cells == ["1\n2"]:
        cells = ['"1\n2"']  # only a quoted cell can hold a line end
    assert column_type(cells).hive == kind


def test_records_are_split_with_quotes_kept():
    text = '1,"a,b",c\n2,"x""y",\n3,5" pipe,"open\n'
    assert split_records(text, ",") == [
        ["1", '"a,b"', "c"],
        ["2", '"x""y"', ""],
        ["3", '5" pipe', '"open'],
    ]
