"""The least IAM policy for what the commands do on AWS.

The actions are those that the commands call, as a server posing as AWS hears them, plus what Athena and Glue
do in the caller's name (AWS: "Fine-grained access to databases and tables", "Access to Amazon S3 from
Athena").
"""

from __future__ import annotations

from typing import Any

_OWN_BUCKETS = (
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:ListBucket",
    "s3:PutBucketTagging",
    "s3:GetBucketLocation",
)
_OWN_OBJECTS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")
_READ_BUCKETS = ("s3:ListBucket", "s3:GetBucketLocation")
_WRITE_OBJECTS = ("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")
_GLUE = (
    "glue:CreateDatabase", "glue:GetDatabase", "glue:DeleteDatabase",
    "glue:CreateTable", "glue:GetTable", "glue:GetTables", "glue:DeleteTable",
    "glue:GetPartitions", "glue:BatchCreatePartition",
    "glue:CreateCrawler", "glue:GetCrawler", "glue:StartCrawler", "glue:StopCrawler", "glue:DeleteCrawler",
    "glue:ListCrawls", "glue:TagResource",
)  # fmt: skip
_ATHENA = (
    "athena:GetWorkGroup", "athena:CreateWorkGroup", "athena:DeleteWorkGroup", "athena:TagResource",
    "athena:StartQueryExecution", "athena:StopQueryExecution",
    "athena:GetQueryExecution", "athena:GetQueryResults",
)  # fmt: skip
_KMS = ("kms:GenerateDataKey", "kms:Decrypt")


def least_policy(
    *, role: str, data_bucket: str, bucket: str | None = None, kms_key: str | None = None
) -> dict[str, Any]:
    """An IAM policy document for the commands on AWS; a statement that is not needed can be left out.

    ``role`` is the crawler's. ``bucket`` is one that runs use below ``lakebench-<run id>/``; without it each
    makes its own of that name. ``data_bucket`` holds the tables that are queried, crawled and pulled, and
    takes generated data. ``kms_key`` is the key's ARN that a target names.
    """
    own = f"arn:aws:s3:::{bucket or 'lakebench-*'}"
    data = f"arn:aws:s3:::{data_bucket}"
    statements = [
        _allow("RunBuckets", _OWN_BUCKETS, own),
        _allow("RunObjects", _OWN_OBJECTS, f"{own}/lakebench-*"),
        _allow("DataBuckets", _READ_BUCKETS, data),
        _allow("ReadData", ("s3:GetObject",), f"{data}/*"),
        _allow("WriteData", _WRITE_OBJECTS, f"{data}/*"),
        _allow("Catalogue", _GLUE, "*"),
        _allow("Queries", _ATHENA, "*"),
        _allow("Whoami", ("sts:GetCallerIdentity",), "*"),
        _allow("CrawlerRole", ("iam:PassRole",), role),
    ]
    if kms_key is not None:
        statements.append(_allow("Key", _KMS, kms_key))
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(name: str, actions: tuple[str, ...], resource: str) -> dict[str, Any]:
    return {"Sid": name, "Effect": "Allow", "Action": list(actions), "Resource": resource}
