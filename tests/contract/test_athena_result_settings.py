"""What a ResultConfiguration does to the objects that a statement leaves."""

import pytest
from botocore.exceptions import ClientError

from .athena_session import AthenaSession

KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"


@pytest.fixture
def session(athena, s3, bucket):
    made = AthenaSession(athena, s3, bucket)
    made.succeed(f"CREATE DATABASE {made.database}", QueryExecutionContext={"Database": "default"})
    yield made
    made.succeed(f"DROP DATABASE {made.database} CASCADE", QueryExecutionContext={"Database": "default"})


def _heads(session):
    keys = session.keys("")
    assert keys
    return [session.s3.head_object(Bucket=session.bucket, Key=key) for key in keys]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"EncryptionOption": "SSE_S3"}, ("AES256", None)),
        ({"EncryptionOption": "SSE_KMS", "KmsKey": KEY}, ("aws:kms", KEY)),
    ],
    ids=["SSE_S3", "SSE_KMS"],
)
@pytest.mark.parametrize(
    "sql", ["SELECT 1 AS one", "SHOW DATABASES", "CREATE TABLE made WITH (format = 'ORC') AS SELECT 1 AS one"]
)
def test_all_objects_of_a_statement_are_encrypted_as_asked(session, asked, told, sql):
    for key in session.keys(""):
        session.s3.delete_object(Bucket=session.bucket, Key=key)
    results = {"OutputLocation": session.output, "EncryptionConfiguration": asked}
    found = session.succeed(sql, ResultConfiguration=results)
    assert found["ResultConfiguration"]["EncryptionConfiguration"] == asked
    heads = _heads(session)
    assert {(head["ServerSideEncryption"], head.get("SSEKMSKeyId")) for head in heads} == {told}


def test_an_enforcing_workgroup_encrypts_whatever_the_client_says(session, athena):
    own = {"OutputLocation": session.output, "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}}
    name = f"enc-{session.bucket}"
    athena.create_work_group(
        Name=name, Configuration={"EnforceWorkGroupConfiguration": True, "ResultConfiguration": own}
    )
    found = session.succeed("SELECT 2 AS two", WorkGroup=name)
    head = session.s3.head_object(Bucket=session.bucket, Key=session.result_key(found))
    assert head["ServerSideEncryption"] == "AES256"
    athena.delete_work_group(WorkGroup=name, RecursiveDeleteOption=True)


def test_the_expected_owner_of_the_bucket_must_be_its_owner(session):
    """AWS, ResultConfiguration: where it is not, calls of S3 fail with a permissions error."""
    location = {"OutputLocation": session.output}
    session.succeed("SELECT 1", ResultConfiguration={**location, "ExpectedBucketOwner": "123456789012"})
    with pytest.raises(ClientError, match="Unable to verify/create output bucket"):
        session.start("SELECT 1", ResultConfiguration={**location, "ExpectedBucketOwner": "999999999999"})


def test_the_buckets_owner_has_full_control_of_what_it_is_given(session):
    acl = {"S3AclOption": "BUCKET_OWNER_FULL_CONTROL"}
    found = session.succeed(
        "SELECT 1", ResultConfiguration={"OutputLocation": session.output, "AclConfiguration": acl}
    )
    assert found["ResultConfiguration"]["AclConfiguration"] == acl
    told = session.s3.get_object_acl(Bucket=session.bucket, Key=session.result_key(found))
    assert [grant["Permission"] for grant in told["Grants"]] == ["FULL_CONTROL"]
    assert told["Grants"][0]["Grantee"]["ID"] == told["Owner"]["ID"]
