"""moto's Glue catalogue as Athena and the crawlers see it."""

import itertools

import pytest
from moto.backends import get_backend

from lakebench.catalog import Column, Database, Partition, S3Uri, SerDe, Storage, Table, parse_type
from lakebench.catalog.store import AlreadyExists, NotFound
from lakebench.emulator.moto.catalog import MotoCatalogStore

_numbers = itertools.count()
STORAGE = Storage(
    location=S3Uri("lake", "t/"),
    input_format="org.apache.hadoop.mapred.TextInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    serde=SerDe(
        library="org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", parameters={"field.delim": ","}
    ),
)


@pytest.fixture
def store(mount):
    store = MotoCatalogStore(mount, "123456789012", f"xx-test-{next(_numbers)}")
    store.create_database(Database(name="shop"))
    return store


def _table(name="t", **changes):
    columns = (Column(name="a", type=parse_type("int")), Column(name="b", type=parse_type("decimal(10,2)")))
    keys = (Column(name="day", type=parse_type("string")),)
    values = {
        "columns": columns,
        "partition_keys": keys,
        "storage": STORAGE,
        "parameters": {"classification": "csv"},
    }
    return Table(database="shop", name=name, **{**values, **changes})


def _partition(day):
    return Partition(values=(day,), storage=STORAGE, columns=_table().columns)


def test_databases_come_and_go_with_their_tables(store):
    store.create_database(Database(name="attic", description="old", location="s3://lake/attic/"))
    assert [one.name for one in store.databases()] == ["attic", "shop"]
    assert store.database("attic").location == "s3://lake/attic/"
    assert store.database("nowhere") is None
    with pytest.raises(AlreadyExists):
        store.create_database(Database(name="shop"))
    store.create_table(_table())
    store.delete_database("shop")
    assert store.table("shop", "t") is None
    with pytest.raises(NotFound):
        store.delete_database("shop")


def test_a_table_comes_back_as_it_was_put(store):
    store.create_table(_table())
    found = store.table("shop", "t")
    assert found.created is not None
    assert found == _table(created=found.created)
    assert store.table("shop", "u") is None
    assert store.table("nowhere", "t") is None


def test_tables_are_listed_by_name(store):
    for name in ("b", "a"):
        store.create_table(_table(name))
    assert [one.name for one in store.tables("shop")] == ["a", "b"]
    with pytest.raises(NotFound):
        store.tables("nowhere")


def test_a_table_cannot_be_made_twice_or_nowhere(store):
    store.create_table(_table())
    with pytest.raises(AlreadyExists):
        store.create_table(_table())
    store.delete_database("shop")
    with pytest.raises(NotFound):
        store.create_table(_table())


def test_an_update_adds_a_version(store):
    store.create_table(_table())
    store.update_table(_table(parameters={"k": "v"}))
    assert store.table("shop", "t").parameters == {"k": "v"}
    with pytest.raises(NotFound):
        store.update_table(_table("u"))


def test_a_dropped_table_takes_its_partitions(store):
    store.create_table(_table())
    store.create_partitions(_table(), [_partition("1")])
    store.delete_table("shop", "t")
    store.create_table(_table())
    assert store.partitions(_table()) == []
    with pytest.raises(NotFound):
        store.delete_table("shop", "u")


def test_partitions_are_all_registered_or_none(store):
    store.create_table(_table())
    store.create_partitions(_table(), [_partition("2"), _partition("1")])
    assert [one.values for one in store.partitions(_table())] == [("1",), ("2",)]
    with pytest.raises(AlreadyExists, match="2"):
        store.create_partitions(_table(), [_partition("3"), _partition("2")])
    with pytest.raises(AlreadyExists, match="4"):
        store.create_partitions(_table(), [_partition("4"), _partition("4")])
    assert len(store.partitions(_table())) == 2


def test_a_partition_is_replaced_and_removed(store):
    store.create_table(_table())
    store.create_partitions(_table(), [_partition("1"), _partition("2")])
    changed = Partition(values=("1",), storage=STORAGE, columns=(), parameters={"k": "v"})
    store.update_partition(_table(), changed)
    assert store.partitions(_table())[0] == changed
    with pytest.raises(NotFound):
        store.update_partition(_table(), _partition("9"))
    store.delete_partitions(_table(), [("1",), ("9",)])
    assert [one.values for one in store.partitions(_table())] == [("2",)]


def test_names_that_a_client_wrote_in_capitals_are_found(mount):
    region = f"xx-test-{next(_numbers)}"
    backend = get_backend("glue")["123456789012"][region]
    backend.create_database("Shop", {"Name": "Shop"})
    backend.create_table("Shop", "T", {"Name": "T", "StorageDescriptor": {}})
    store = MotoCatalogStore(mount, "123456789012", region)
    assert store.table("shop", "t").name == "t"
    with pytest.raises(AlreadyExists):
        store.create_database(Database(name="shop"))
    store.delete_table("shop", "t")
    store.delete_database("shop")
    assert store.databases() == []


def test_regions_and_accounts_share_nothing(mount):
    one = MotoCatalogStore(mount, "123456789012", "xx-one-1")
    one.create_database(Database(name="shop"))
    assert MotoCatalogStore(mount, "123456789012", "xx-two-1").databases() == []
    assert MotoCatalogStore(mount, "000000000001", "xx-one-1").databases() == []
