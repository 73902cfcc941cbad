"""The least IAM policy for what the commands do on AWS.

The actions are those that the runs against a server posing as AWS call, plus what Athena and Glue do in the
caller's name (AWS: "Fine-grained access to databases and tables", "Access to Amazon S3 from Athena").
"""

from __future__ import annotations

from typing import Any

_S3_BUCKETS = (
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:ListBucket",
    "s3:PutBucketTagging",
    "s3:GetBucketLocation",
)
_S3_OBJECTS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")
_GLUE = (
    "glue:CreateDatabase", "glue:GetDatabase", "glue:DeleteDatabase",
    "glue:CreateTable", "glue:GetTable", "glue:GetTables", "glue:DeleteTable", "glue:GetPartitions",
    "glue:CreateCrawler", "glue:GetCrawler", "glue:StartCrawler", "glue:StopCrawler", "glue:DeleteCrawler",
    "glue:TagResource",
)  # fmt: skip
_ATHENA = (
    "athena:GetWorkGroup", "athena:CreateWorkGroup", "athena:DeleteWorkGroup", "athena:TagResource",
    "athena:StartQueryExecution", "athena:StopQueryExecution",
    "athena:GetQueryExecution", "athena:GetQueryResults",
)  # fmt: skip


def least_policy(*, role: str, bucket: str | None = None) -> dict[str, Any]:
    """An IAM policy document for ``demo`` on AWS; ``role`` is the crawler's, ``bucket`` one that is there.

    Without a bucket the run makes one named ``lakebench-<run id>``.
    """
    name = bucket or "lakebench-*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            _allow("Buckets", _S3_BUCKETS, f"arn:aws:s3:::{name}"),
            _allow("Objects", _S3_OBJECTS, f"arn:aws:s3:::{name}/lakebench-*"),
            _allow("Catalogue", _GLUE, "*"),
            _allow("Queries", _ATHENA, "*"),
            _allow("Whoami", ("sts:GetCallerIdentity",), "*"),
            _allow("CrawlerRole", ("iam:PassRole",), role),
        ],
    }


def _allow(name: str, actions: tuple[str, ...], resource: str) -> dict[str, Any]:
    return {"Sid": name, "Effect": "Allow", "Action": list(actions), "Resource": resource}
