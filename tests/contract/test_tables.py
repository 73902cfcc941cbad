"""Tables of every SerDe over the wire: created by SQL, fed by S3, queried, metered."""

from __future__ import annotations

import gzip
import io
import json
import uuid
from collections.abc import Iterator

import fastavro
import pyarrow as pa
import pyarrow.orc as po
import pytest

from lakebench import Server

from .athena_session import AthenaSession


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def session(server) -> AthenaSession:
    s3 = server.client("s3")
    bucket = f"tables-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket)
    found = AthenaSession(server.client("athena"), s3, bucket)
    found.succeed(f"CREATE DATABASE {found.database}", QueryExecutionContext={"Database": "default"})
    return found


def orc_bytes(table: pa.Table) -> bytes:
    out = io.BytesIO()
    po.write_table(table, out, compression="zlib")
    return out.getvalue()


def avro_bytes(fields: list[dict[str, object]], records: list[dict[str, object]]) -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, fastavro.parse_schema({"type": "record", "name": "r", "fields": fields}), records)
    return out.getvalue()


CLOUDFRONT = b"#Version: 1.0\n2024-01-02\t03:04:05\tMAD\t512\n2024-01-02\t03:04:06\tBCN\t7\n"
STORIES = {
    "LazySimple": (
        "id int, tags array<string>, props map<string,int>",
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\\\' COLLECTION ITEMS TERMINATED BY '|' "
        "MAP KEYS TERMINATED BY ':' LINES TERMINATED BY '\\n' NULL DEFINED AS '-' STORED AS TEXTFILE",
        b"1,a|b\\,c,k:1|l:2\n-,-,-\n",
        [["1", "[a, b,c]", "{k=1, l=2}"], [None, None, None]],
    ),
    "OpenCSV": (
        "id bigint, name string, day date",
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES "
        "('separatorChar' = ';', 'quoteChar' = '\"', 'escapeChar' = '\\\\') STORED AS TEXTFILE",
        b'"1";"a;b";"19724"\n',
        [["1", "a;b", "2024-01-02"]],
    ),
    "OpenX JSON": (
        "id int, place struct<city:string>, ts timestamp",
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES "
        "('mapping.id' = 'Identifier', 'ignore.malformed.json' = 'true')",
        b'{"identifier":"7","Place":{"City":"Lugo"},"ts":1704067200}\nbroken\n',
        [["7", "{city=Lugo}", "2024-01-01 00:00:00.000"], [None, None, None]],
    ),
    "Hive JSON": (
        "id int, l array<int>",
        "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'",
        b'{"ID":7,"l":[1,null]}\n',
        [["7", "[1, null]"]],
    ),
    "Regex": (
        "d string, t string, edge string, bytes bigint",
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' WITH SERDEPROPERTIES "
        '("input.regex" = "^(?!#)([0-9-]+)\\\\t([0-9:]+)\\\\t(\\\\w+)\\\\t(\\\\d+)$")',
        CLOUDFRONT,
        [
            [None, None, None, None],
            ["2024-01-02", "03:04:05", "MAD", "512"],
            ["2024-01-02", "03:04:06", "BCN", "7"],
        ],
    ),
    "Grok": (
        "ip string, code string, ms int",
        "ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe' WITH SERDEPROPERTIES ("
        "'input.grokCustomPatterns' = 'CODE [A-Z]{2}[0-9]', "
        "'input.format' = '%{IP:ip} %{CODE:code} %{INT:ms}')",
        b"10.0.0.1 AB1 12\n",
        [["10.0.0.1", "AB1", "12"]],
    ),
    "CloudTrail": (
        "eventname string, useridentity struct<type:string>",
        "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe' STORED AS INPUTFORMAT "
        "'com.amazon.emr.cloudtrail.CloudTrailInputFormat' OUTPUTFORMAT "
        "'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'",
        json.dumps({"Records": [{"eventName": "GetObject", "userIdentity": {"type": "Root"}}]}).encode(),
        [["GetObject", "{type=Root}"]],
    ),
    "Avro": (
        "id bigint, name string",
        "STORED AS AVRO",
        avro_bytes(
            [{"name": "id", "type": "long"}, {"name": "name", "type": "string"}], [{"id": 1, "name": "x"}]
        ),
        [["1", "x"]],
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_a_table_of_each_row_format_answers_and_counts_its_objects(session, name):
    columns, how, body, rows = STORIES[name]
    session.put("t/data", body)
    session.succeed(f"CREATE EXTERNAL TABLE t ({columns}) {how} LOCATION 's3://{session.bucket}/t/'")
    assert session.rows("SELECT * FROM t") == rows
    assert session.scanned("SELECT count(*) FROM t") == len(body)


def test_an_orc_table_answers_and_counts_less_than_its_object(session):
    body = orc_bytes(pa.table({"id": list(range(5000)), "name": [f"n{at}" for at in range(5000)]}))
    session.put("t/data", body)
    session.succeed(
        f"CREATE EXTERNAL TABLE t (id bigint, name string) STORED AS ORC LOCATION 's3://{session.bucket}/t/'"
    )
    assert session.rows("SELECT name FROM t WHERE id = 7") == [["n7"]]
    assert session.scanned("SELECT count(*) FROM t") == 0
    assert 0 < session.scanned("SELECT sum(id) FROM t") < session.scanned("SELECT * FROM t") < len(body)


@pytest.mark.parametrize(
    ("key", "body", "query", "rows"),
    [
        (
            "a.orc",
            orc_bytes(pa.table({"id": [1, 2], "s": ["x", "y"]})),
            "SELECT id, s",
            [["1", "x"], ["2", "y"]],
        ),
        (
            "a.avro",
            avro_bytes([{"name": "Id", "type": "long"}], [{"Id": 1}, {"Id": 2}]),
            "SELECT id",
            [["1"], ["2"]],
        ),
        ("a.json", b'{"id":1,"n":{"x":"q"}}\n{"id":2}\n', "SELECT id, n.x", [["1", "q"], ["2", None]]),
        (
            "access.log",
            b'10.0.0.1 - ana [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326\n' * 3,
            "SELECT DISTINCT clientip, response",
            [["10.0.0.1", "200"]],
        ),
    ],
    ids=["orc", "avro", "json", "grok"],
)
def test_what_a_crawler_made_is_queried_straight_away(server, session, key, body, query, rows):
    session.put(f"crawled/{key}", body)
    glue = server.client("glue")
    name = f"crawl-{session.bucket}"
    glue.create_crawler(
        Name=name,
        Role="arn:aws:iam::123456789012:role/crawler",
        DatabaseName=session.database,
        Targets={"S3Targets": [{"Path": f"s3://{session.bucket}/crawled/"}]},
    )
    glue.start_crawler(Name=name)
    while glue.get_crawler(Name=name)["Crawler"]["State"] != "READY":
        pass
    assert session.rows(f"{query} FROM crawled") == rows


# Partition projection -------------------------------------------------------------------------


def projected(session: AthenaSession, keys: str, properties: dict[str, str]) -> None:
    given = {"projection.enabled": "true", **properties}
    told = ", ".join(f"'{key}' = '{value}'" for key, value in given.items())
    session.succeed(
        f"CREATE EXTERNAL TABLE p (id int) PARTITIONED BY ({keys}) "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION 's3://{session.bucket}/p/' TBLPROPERTIES ({told})"
    )


def test_an_hourly_projection_over_ten_years_reads_one_day(session):
    for hour in ("2020/03/01/05", "2020/03/01/23", "2020/03/02/00", "2030/01/01/00"):
        session.put(f"p/{hour}/data", b"1\n")
    projected(
        session,
        "hour string",
        {
            "projection.hour.type": "date",
            "projection.hour.format": "yyyy/MM/dd/HH",
            "projection.hour.range": "2015/01/01/00,2024/12/31/23",
            "projection.hour.interval": "1",
            "projection.hour.interval.unit": "HOURS",
            "storage.location.template": f"s3://{session.bucket}/p/${{hour}}/",
        },
    )
    day = "hour >= '2020/03/01' AND hour < '2020/03/02'"
    assert session.rows(f"SELECT hour FROM p WHERE {day} ORDER BY hour") == [
        ["2020/03/01/05"],
        ["2020/03/01/23"],
    ]
    assert session.scanned(f"SELECT id FROM p WHERE {day}") == 4
    assert session.rows("SELECT count(*) FROM p") == [["3"]]  # what lies outside the range is not read
    assert session.scanned("SELECT id FROM p WHERE substr(hour, 12) = '05'") == 2


def test_a_projection_without_template_reads_hive_folders(session):
    session.put("p/country=es/n=007/data", b"1\n")
    session.put("p/country=pt/n=008/data", b"2\n")
    session.put("p/country=fr/n=007/data", b"3\n")
    projected(
        session,
        "country string, n int",
        {
            "projection.country.type": "enum",
            "projection.country.values": "es,pt",
            "projection.n.type": "integer",
            "projection.n.range": "1,100",
            "projection.n.digits": "3",
        },
    )
    assert session.rows("SELECT id, country, n FROM p ORDER BY id") == [["1", "es", "7"], ["2", "pt", "8"]]
    assert session.rows("SELECT id FROM p WHERE n = 8") == [["2"]]
    assert session.rows("SELECT id FROM p WHERE country = 'fr'") == []
    assert session.results(session.succeed("SHOW PARTITIONS p"))["ResultSet"]["Rows"] == []


def test_a_projected_folder_may_be_named_as_it_is_or_as_hive_escapes_it(session):
    """awswrangler writes blanks and colons of a partition's value as they are, Athena's INSERT as %3A."""
    session.put("p/at=2020-01-01 01:01:01/data", b"1\n")
    session.put("p/at=2020-01-01 01%3A01%3A02/data", b"2\n")
    projected(
        session,
        "at timestamp",
        {
            "projection.at.type": "date",
            "projection.at.format": "yyyy-MM-dd HH:mm:ss",
            "projection.at.range": "2020-01-01 01:01:00,2020-01-01 01:01:03",
            "projection.at.interval": "1",
            "projection.at.interval.unit": "SECONDS",
        },
    )
    assert session.rows("SELECT id, CAST(at AS varchar) FROM p ORDER BY id") == [
        ["1", "2020-01-01 01:01:01.000"],
        ["2", "2020-01-01 01:01:02.000"],
    ]


def test_now_and_date_keys_are_of_today(session):
    today = session.rows("SELECT CAST(current_date AS varchar)")[0][0]
    session.put(f"p/d={today}/data", b"1\n")
    session.put("p/d=2001-01-01/data", b"2\n")
    projected(
        session,
        "d date",
        {
            "projection.d.type": "date",
            "projection.d.format": "yyyy-MM-dd",
            "projection.d.range": "NOW-3DAYS,NOW",
        },
    )
    assert session.rows("SELECT id, CAST(d AS varchar) FROM p WHERE d = current_date") == [["1", today]]
    assert session.rows("SELECT count(*) FROM p") == [["1"]]


def test_an_injected_column_wants_equality(session):
    session.put("p/u1/data", b"1\n")
    session.put("p/u2/data", b"2\n")
    projected(
        session,
        "device string",
        {
            "projection.device.type": "injected",
            "storage.location.template": f"s3://{session.bucket}/p/${{device}}/",
        },
    )
    assert session.rows("SELECT id, device FROM p WHERE device = 'u2'") == [["2", "u2"]]
    assert session.rows("SELECT id FROM p WHERE device IN ('u1', 'u2', 'u3') ORDER BY id") == [["1"], ["2"]]
    assert session.rows("SELECT id FROM p WHERE device = concat('u', '1')") == [["1"]]
    assert session.reason("SELECT id FROM p") == (
        "CONSTRAINT_VIOLATION: Injected projected partition column device must have only (and at least one) "
        "equality conditions in the WHERE clause!"
    )


def test_a_column_without_configuration_fails_the_query(session):
    projected(session, "a string, b string", {"projection.a.type": "enum", "projection.a.values": "x"})
    name = f"{session.database}.p"
    assert session.reason("SELECT * FROM p") == (
        f"HIVE_METASTORE_ERROR: Table {name} is configured for partition projection, but the following partition "
        f"columns are missing projection configuration: [b] (table {name})"
    )


# Buckets and hidden columns -------------------------------------------------------------------


def test_equality_on_the_bucketed_column_reads_one_bucket(session):
    for bucket in range(4):
        rows = "".join(f"{number},x\n" for number in range(bucket, 40, 4))
        session.put(f"b/{bucket:06d}_0", rows.encode())
    session.succeed(
        "CREATE EXTERNAL TABLE b (id int, s string) CLUSTERED BY (id) INTO 4 BUCKETS "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://{session.bucket}/b/'"
    )
    sizes = [len("".join(f"{n},x\n" for n in range(bucket, 40, 4))) for bucket in range(4)]
    assert session.scanned("SELECT * FROM b") == sum(sizes)
    assert session.rows("SELECT id FROM b WHERE id = 6") == [["6"]]
    assert session.scanned("SELECT id FROM b WHERE id = 6") == sizes[2]
    assert session.scanned("SELECT id FROM b WHERE id IN (1, 5, 8)") == sizes[1] + sizes[0]
    assert session.scanned("SELECT id FROM b WHERE id > 6") == sum(sizes)
    assert session.scanned('SELECT id FROM b WHERE "$bucket" = 3') == sizes[3]
    assert session.rows('SELECT DISTINCT "$bucket" FROM b WHERE id = 5') == [["1"]]


def test_objects_that_cannot_be_the_buckets_fail_the_query(session):
    session.put("b/one.csv", b"1\n")
    session.succeed(
        "CREATE EXTERNAL TABLE b (id int) CLUSTERED BY (id) INTO 4 BUCKETS "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://{session.bucket}/b/'"
    )
    assert session.reason("SELECT * FROM b") == (
        f"HIVE_INVALID_BUCKET_FILES: Hive table '{session.database}.b' is corrupt. File 'one.csv' does not match "
        "the standard naming pattern, and the number of files in the directory (1) does not match the declared "
        "bucket count (4) for partition: <UNPARTITIONED>"
    )


def test_hidden_columns_tell_of_the_object(session):
    session.put("h/d=1/a", b"1\n")
    session.put("h/d=2/b", b"2\n33\n")
    session.succeed(
        "CREATE EXTERNAL TABLE h (id int) PARTITIONED BY (d int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION 's3://{session.bucket}/h/'"
    )
    session.succeed("MSCK REPAIR TABLE h")
    place = f"s3://{session.bucket}/h/"
    assert session.rows(
        'SELECT id, "$path", "$file_size", "$partition", '
        "\"$file_modified_time\" > current_timestamp - interval '1' hour FROM h WHERE id = 1"
    ) == [["1", f"{place}d=1/a", "2", "d=1", "true"]]
    assert session.scanned(f"SELECT id FROM h WHERE \"$path\" = '{place}d=2/b'") == 5
    assert session.scanned("SELECT id FROM h WHERE \"$partition\" = 'd=1'") == 2
    typed = session.results(session.succeed('SELECT "$file_modified_time" FROM h'))
    info = typed["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [column["Type"] for column in info] == ["timestamp with time zone"]


# Partitions against their table ---------------------------------------------------------------


def test_a_partition_of_another_type_is_a_schema_mismatch(server, session):
    session.put("m/d=1/a", b"x\n")
    session.succeed(
        "CREATE EXTERNAL TABLE m (v double) PARTITIONED BY (d int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION 's3://{session.bucket}/m/'"
    )
    session.succeed("MSCK REPAIR TABLE m")
    glue = server.client("glue")
    [partition] = glue.get_partitions(DatabaseName=session.database, TableName="m")["Partitions"]
    storage = partition["StorageDescriptor"]
    storage["Columns"] = [{"Name": "v", "Type": "string"}]
    glue.update_partition(
        DatabaseName=session.database,
        TableName="m",
        PartitionValueList=["1"],
        PartitionInput={"Values": ["1"], "StorageDescriptor": storage},
    )
    assert session.reason("SELECT * FROM m") == (
        "HIVE_PARTITION_SCHEMA_MISMATCH: There is a mismatch between the table and partition schemas. The types "
        f"are incompatible and cannot be coerced. The column 'v' in table '{session.database}.m' is declared as "
        "type 'double', but partition 'd=1' declared column 'v' as type 'string'."
    )


def test_packed_text_counts_as_it_is_stored(session):
    body = gzip.compress(b"1\n" * 1000)
    session.put("z/a.gz", body)
    session.succeed(
        "CREATE EXTERNAL TABLE z (id int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION 's3://{session.bucket}/z/'"
    )
    assert session.rows("SELECT sum(id) FROM z") == [["1000"]]
    assert session.scanned("SELECT sum(id) FROM z") == len(body)


def test_a_damaged_object_fails_its_query_and_the_server_answers_on(session):
    body = orc_bytes(pa.table({"id": list(range(1000))}))
    session.put("t/data", body[: len(body) // 2])
    session.succeed(f"CREATE EXTERNAL TABLE t (id bigint) STORED AS ORC LOCATION 's3://{session.bucket}/t/'")
    assert session.reason("SELECT id FROM t").startswith("HIVE_BAD_DATA: Malformed ORC file.")
    assert session.rows("SELECT 1") == [["1"]]
