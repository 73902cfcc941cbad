"""All that clients can see of a server's state, without the times and the names that chance gave."""

import hashlib
import json
import re

_CHANCE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{8}_\d{6}_\d{5}_[a-z0-9]{5}"
    r'|(?<="transient_lastDdlTime": ")\d+'
)
_TIMES = {
    *("CreateTime", "UpdateTime", "CreationTime", "LastModifiedTime", "LastUpdated", "LastAccessTime"),
    *("CreationDate", "LastModified", "ResponseMetadata"),
}


def observe(lake):
    """The state as JSON: equal texts are equal states. Raises AssertionError for an object that is not whole."""
    state = {
        "buckets": {one["Name"]: _bucket(lake.s3, one["Name"]) for one in lake.s3.list_buckets()["Buckets"]},
        "databases": {
            one["Name"]: {"database": one, "tables": _tables(lake.glue, one["Name"])}
            for one in lake.glue.get_databases()["DatabaseList"]
        },
        "classifiers": lake.glue.get_classifiers()["Classifiers"],
        "crawlers": lake.glue.get_crawlers()["Crawlers"],
        "workgroups": _workgroups(lake.athena),
    }
    return _CHANCE.sub("*", json.dumps(_timeless(state), sort_keys=True, indent=1, default=str))


def executions(lake):
    """The states of all executions, oldest first."""
    ids = lake.athena.list_query_executions()["QueryExecutionIds"]
    return [
        lake.athena.get_query_execution(QueryExecutionId=one)["QueryExecution"]["Status"]["State"]
        for one in reversed(ids)
    ]


def _bucket(s3, bucket):
    listed = s3.list_object_versions(Bucket=bucket)
    versions = [
        [one["Key"], one["IsLatest"], one["Size"], _content(s3, bucket, one)]
        for one in listed.get("Versions", [])
    ]
    return {
        "versions": sorted(_CHANCE.sub("*", json.dumps(one)) for one in versions),
        "markers": [[one["Key"], one["IsLatest"]] for one in listed.get("DeleteMarkers", [])],
        "keys": len(s3.list_objects_v2(Bucket=bucket).get("Contents", [])),
        "versioning": s3.get_bucket_versioning(Bucket=bucket).get("Status"),
        "uploads": [
            [one["Key"], _parts(s3, bucket, one)]
            for one in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        ],
    }


def _content(s3, bucket, version):
    options = {"VersionId": version["VersionId"]}
    found = s3.get_object(Bucket=bucket, Key=version["Key"], **options)
    body = found["Body"].read()
    md5 = hashlib.md5(body).hexdigest()
    assert len(body) == version["Size"]
    assert version["ETag"].strip('"') == md5 or "-" in version["ETag"]
    tags = []
    if "TagCount" in found:
        tags = s3.get_object_tagging(Bucket=bucket, Key=version["Key"], **options)["TagSet"]
    named_by_chance = _CHANCE.search(version["Key"])
    return [None if named_by_chance else md5, found["Metadata"], tags]


def _parts(s3, bucket, upload):
    listed = s3.list_parts(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    return [[one["PartNumber"], one["Size"], one["ETag"]] for one in listed.get("Parts", [])]


def _tables(glue, database):
    found = {}
    for table in glue.get_tables(DatabaseName=database)["TableList"]:
        at = {"DatabaseName": database, "TableName": table["Name"]}
        partitions = glue.get_partitions(**at)["Partitions"]
        found[table["Name"]] = {
            "table": table,
            "versions": sorted(one["VersionId"] for one in glue.get_table_versions(**at)["TableVersions"]),
            "partitions": sorted(partitions, key=lambda one: one["Values"]),
        }
    return found


def _workgroups(athena):
    found = {}
    for one in athena.list_work_groups()["WorkGroups"]:
        name = one["Name"]
        found[name] = {
            "workgroup": one,
            "named": len(athena.list_named_queries(WorkGroup=name)["NamedQueryIds"]),
            "prepared": [
                athena.get_prepared_statement(StatementName=each["StatementName"], WorkGroup=name)
                for each in athena.list_prepared_statements(WorkGroup=name)["PreparedStatements"]
            ],
        }
    return found


def _timeless(value):
    if isinstance(value, dict):
        return {key: _timeless(one) for key, one in value.items() if key not in _TIMES}
    if isinstance(value, list):
        return [_timeless(one) for one in value]
    return value
