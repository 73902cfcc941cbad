"""Athena's operations beyond queries: capacity, notebooks, and Spark that is refused clearly (AWS: API reference)."""

import uuid

import pytest
from botocore.exceptions import ClientError


def refusal(call, **request):
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return caught.value.response["Error"]


@pytest.fixture
def name():
    return f"n-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def workgroup(athena, name):
    athena.create_work_group(Name=name)
    return name


@pytest.fixture
def reservation(athena, name):
    athena.create_capacity_reservation(Name=name, TargetDpus=24, Tags=[{"Key": "team", "Value": "data"}])
    return name


def _reservation(athena, name):
    return athena.get_capacity_reservation(Name=name)["CapacityReservation"]


def test_a_reservation_is_active_and_listed(athena, reservation):
    found = _reservation(athena, reservation)
    assert (found["Status"], found["TargetDpus"], found["AllocatedDpus"]) == ("ACTIVE", 24, 24)
    listed = athena.list_capacity_reservations()["CapacityReservations"]
    assert found in listed


def test_a_reservation_has_tags(athena, reservation):
    arn = f"arn:aws:athena:us-east-1:123456789012:capacity-reservation/{reservation}"
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "data"}]


def test_a_reservation_is_resized_cancelled_and_only_then_deleted(athena, reservation):
    athena.update_capacity_reservation(Name=reservation, TargetDpus=48)
    assert _reservation(athena, reservation)["AllocatedDpus"] == 48
    assert "cancelled" in refusal(athena.delete_capacity_reservation, Name=reservation)["Message"]
    athena.cancel_capacity_reservation(Name=reservation)
    found = _reservation(athena, reservation)
    assert (found["Status"], found["AllocatedDpus"]) == ("CANCELLED", 0)
    assert refusal(athena.update_capacity_reservation, Name=reservation, TargetDpus=24)
    athena.delete_capacity_reservation(Name=reservation)
    assert "does not exist" in refusal(athena.get_capacity_reservation, Name=reservation)["Message"]


def test_a_reservation_of_a_name_that_is_taken_is_refused(athena, reservation):
    taken = refusal(athena.create_capacity_reservation, Name=reservation, TargetDpus=24)
    assert taken["Code"] == "InvalidRequestException"


def test_workgroups_are_assigned_to_one_reservation_each(athena, reservation, name):
    athena.create_work_group(Name=f"w-{name}")
    assignments = [{"WorkGroupNames": [f"w-{name}"]}]
    athena.put_capacity_assignment_configuration(
        CapacityReservationName=reservation, CapacityAssignments=assignments
    )
    got = athena.get_capacity_assignment_configuration(CapacityReservationName=reservation)
    assert got["CapacityAssignmentConfiguration"] == {
        "CapacityReservationName": reservation,
        "CapacityAssignments": assignments,
    }
    athena.create_capacity_reservation(Name=f"{name}-2", TargetDpus=24)
    error = refusal(
        athena.put_capacity_assignment_configuration,
        CapacityReservationName=f"{name}-2",
        CapacityAssignments=assignments,
    )
    assert reservation in error["Message"]


def test_an_unknown_workgroup_is_not_assigned(athena, reservation):
    error = refusal(
        athena.put_capacity_assignment_configuration,
        CapacityReservationName=reservation,
        CapacityAssignments=[{"WorkGroupNames": ["nobody"]}],
    )
    assert error["Message"] == "WorkGroup is not found."


def test_a_notebook_is_kept_as_it_was_given(athena, workgroup):
    document = '{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}'
    made = athena.import_notebook(WorkGroup=workgroup, Name="first", Payload=document, Type="IPYNB")
    exported = athena.export_notebook(NotebookId=made["NotebookId"])
    assert exported["Payload"] == document
    assert exported["NotebookMetadata"]["WorkGroup"] == workgroup
    athena.update_notebook(NotebookId=made["NotebookId"], Payload='{"cells": [1]}', Type="IPYNB")
    assert athena.export_notebook(NotebookId=made["NotebookId"])["Payload"] == '{"cells": [1]}'


def test_notebooks_are_listed_renamed_and_deleted(athena, workgroup):
    ids = [athena.create_notebook(WorkGroup=workgroup, Name=n)["NotebookId"] for n in ("b", "a")]
    athena.update_notebook_metadata(NotebookId=ids[0], Name="c-late")
    listed = athena.list_notebook_metadata(WorkGroup=workgroup)["NotebookMetadataList"]
    assert [one["Name"] for one in listed] == ["a", "c-late"]
    filtered = athena.list_notebook_metadata(WorkGroup=workgroup, Filters={"Name": "late"})
    assert [one["NotebookId"] for one in filtered["NotebookMetadataList"]] == [ids[0]]
    assert refusal(athena.create_notebook, WorkGroup=workgroup, Name="a")
    assert athena.list_notebook_sessions(NotebookId=ids[0])["NotebookSessionsList"] == []
    athena.delete_notebook(NotebookId=ids[0])
    assert "does not exist" in refusal(athena.get_notebook_metadata, NotebookId=ids[0])["Message"]


def test_spark_is_refused_clearly(athena, workgroup):
    error = refusal(athena.start_session, WorkGroup=workgroup, EngineConfiguration={"MaxConcurrentDpus": 2})
    assert "Spark" in error["Message"]
    assert athena.list_sessions(WorkGroup=workgroup)["Sessions"] == []


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("get_session", {"SessionId": "s"}),
        ("get_session_status", {"SessionId": "s"}),
        ("terminate_session", {"SessionId": "s"}),
        ("list_executors", {"SessionId": "s"}),
        ("list_calculation_executions", {"SessionId": "s"}),
        ("start_calculation_execution", {"SessionId": "s", "CodeBlock": "1"}),
        ("get_calculation_execution", {"CalculationExecutionId": "c"}),
        ("get_calculation_execution_code", {"CalculationExecutionId": "c"}),
        ("get_calculation_execution_status", {"CalculationExecutionId": "c"}),
        ("stop_calculation_execution", {"CalculationExecutionId": "c"}),
    ],
)
def test_sessions_and_calculations_are_not_found(athena, operation, request_):
    assert refusal(getattr(athena, operation), **request_)["Code"] == "ResourceNotFoundException"


def test_what_is_not_built_is_refused_with_a_declared_error(athena, glue):
    error = refusal(athena.get_resource_dashboard, ResourceARN="arn:aws:athena:us-east-1:1:workgroup/x")
    assert error["Code"] == "InvalidRequestException"
    assert "GetResourceDashboard" in error["Message"]
    error = refusal(glue.get_blueprint, Name="b")
    assert error["Code"] == "InvalidInputException"
