"""Workgroups whose results Athena keeps itself (AWS: managed-results)."""

import uuid

import pytest
from botocore.exceptions import ClientError

from .athena_session import AthenaSession


@pytest.fixture
def session(athena, s3, bucket):
    return AthenaSession(athena, s3, bucket)


@pytest.fixture
def workgroup(athena):
    name = f"managed-{uuid.uuid4().hex[:8]}"
    managed = {"ManagedQueryResultsConfiguration": {"Enabled": True}}
    athena.create_work_group(Name=name, Configuration={**managed, "EnforceWorkGroupConfiguration": False})
    return name


def _run(session, sql, workgroup, **more):
    context = {"Database": "default"}
    return session.succeed(
        sql, WorkGroup=workgroup, ResultConfiguration={}, QueryExecutionContext=context, **more
    )


def test_rows_come_from_get_query_results_alone(session, athena, s3, workgroup):
    found = _run(session, "SELECT 1 AS one", workgroup)
    assert "OutputLocation" not in found["ResultConfiguration"]
    assert found["ManagedQueryResultsConfiguration"] == {"Enabled": True}
    rows = session.results(found)["ResultSet"]["Rows"]
    assert [row["Data"][0]["VarCharValue"] for row in rows] == ["one", "1"]
    assert all("managed" not in bucket["Name"] for bucket in s3.list_buckets()["Buckets"])


def test_managed_results_are_never_reused(session, workgroup):
    reuse = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}}
    for _ in range(2):
        found = _run(session, "SELECT 2 AS two", workgroup, ResultReuseConfiguration=reuse)
        assert not found["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"]


def test_an_output_location_is_refused_there(session, workgroup):
    with pytest.raises(ClientError, match="managed by Athena"):
        session.start("SELECT 1", WorkGroup=workgroup)


def test_a_workgroup_goes_back_to_a_location_of_its_own(session, athena, workgroup):
    updates = {
        "ManagedQueryResultsConfigurationUpdates": {"Enabled": False},
        "ResultConfigurationUpdates": {"OutputLocation": session.output},
    }
    athena.update_work_group(WorkGroup=workgroup, ConfigurationUpdates=updates)
    found = _run(session, "SELECT 3 AS three", workgroup)
    assert found["ResultConfiguration"]["OutputLocation"].startswith(session.output)
