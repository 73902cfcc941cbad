"""One statement on AWS: its bytes and dollars before, its rows, and nothing of it left behind."""

import json

import pytest

from .tables import make_table

ON_AWS = ("--target", "aws", "--aws", "--max-usd", "0.01")


@pytest.fixture(scope="module")
def chunks(account):
    """Table sql_t.t, and the bytes of its columns."""
    return make_table(account.client, "sql_t")


def sql(run, statement, *more, **variables):
    return run("sql", statement, "--database", "sql_t", *ON_AWS, *more, **variables)


def own_buckets(aws):
    """Those that runs made."""
    return [name for name in aws.buckets() if name.startswith("lakebench-")]


def scanned(count):
    """Has every query say that it scanned so many bytes."""

    def doctor(told):
        told["QueryExecution"].setdefault("Statistics", {})["DataScannedInBytes"] = count

    return doctor


def test_the_rows_come_after_the_account_the_plan_and_the_price(run, aws, chunks, tmp_path):
    done = sql(run, "SELECT sum(id) AS total FROM t", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [{"total": 499500}]
    assert "AWS account 123456789012, us-east-1, workgroup lakebench-" in done.stderr
    assert "since primary has no cutoff" in done.stderr
    assert f"1 query, {chunks[0] / 1024:.2f} KB scanned at most" in done.stderr
    assert "$0.000048 at most" in done.stderr, "10 MB at 5 USD a TB, the least of a query"
    assert aws.refused == []
    assert own_buckets(aws) == []
    assert list(tmp_path.glob(".lakebench/aws/*")) == []


def test_keep_leaves_the_results_and_the_workgroup(run, aws, chunks):
    done = sql(run, "SELECT 1", "--keep")
    assert done.returncode == 0, done.stderr
    [bucket] = own_buckets(aws)
    held = aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert any(one["Key"].endswith(".csv") for one in held)
    assert aws.client("athena").get_work_group(WorkGroup=bucket)["WorkGroup"]["State"] == "ENABLED"


def test_a_plan_over_the_limit_runs_nothing_and_makes_nothing(run, aws, chunks):
    done = run("sql", "SELECT 1", "--target", "aws", "--aws", "--max-usd", "0.00001")
    assert done.returncode == 1
    assert "this would be billed 0.000048 USD, over --max-usd 0.00001" in done.stderr
    assert set(aws.calls) == {"sts:GetCallerIdentity", "athena:GetWorkGroup"}


def test_a_query_that_scans_more_than_planned_ends_in_an_error_after_its_rows(run, aws, chunks):
    aws.weather.doctored["athena:GetQueryExecution"] = scanned(1 << 40)
    done = sql(run, "SELECT id FROM t WHERE id = 7", "--format", "csv")
    assert done.returncode == 1
    assert done.stdout == "id\n7\n"
    assert "stopped: so far 5.000000 USD are billed, over --max-usd 0.01" in done.stderr


def test_bytes_that_nobody_knows_are_bounded_by_the_cutoff(run, aws, chunks):
    glue = aws.client("glue")
    entry = glue.get_table(DatabaseName="sql_t", Name="t")["Table"]
    iceberg = {"Name": "ice", "StorageDescriptor": entry["StorageDescriptor"]}
    glue.create_table(DatabaseName="sql_t", TableInput=iceberg | {"Parameters": {"table_type": "ICEBERG"}})
    done = sql(run, "SELECT * FROM ice")
    assert (
        "up to the cutoff of 2.05 GB where bytes are not known: sql_t.ice is an Iceberg table" in done.stderr
    )
    assert "$0.01 at most" in done.stderr


def test_a_cutoff_above_the_limit_is_not_relied_on(run, aws, chunks):
    aws.client("athena").create_work_group(
        Name="roomy", Configuration={"BytesScannedCutoffPerQuery": 1 << 40}
    )
    done = sql(run, "SELECT 1", "--workgroup", "roomy")
    assert done.returncode == 0, done.stderr
    assert "since the cutoff of roomy, 1.00 TB, costs more than --max-usd" in done.stderr


def test_a_workgroup_that_enforces_its_place_keeps_the_results_there(run, aws, chunks):
    aws.client("s3").create_bucket(Bucket="enforced-results")
    aws.client("athena").create_work_group(
        Name="enforcing",
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "BytesScannedCutoffPerQuery": 20_000_000,
            "ResultConfiguration": {"OutputLocation": "s3://enforced-results/all/"},
        },
    )
    done = sql(run, "SELECT 1", "--workgroup", "enforcing")
    assert done.returncode == 0, done.stderr
    assert "results below s3://enforced-results/all/" in done.stderr
    assert "athena:CreateWorkGroup" not in aws.calls
    assert aws.client("s3").list_objects_v2(Bucket="enforced-results", Prefix="all/")["KeyCount"]


def test_a_ctas_whose_data_would_go_away_with_its_results_is_refused(run, aws, chunks):
    done = sql(run, "CREATE TABLE copy AS SELECT * FROM t")
    assert done.returncode == 1
    assert "the data of this CTAS would lie among its results, which are removed" in done.stderr
    assert "athena:StartQueryExecution" not in aws.calls


def test_results_need_a_bucket_of_the_runs_region(run, aws, chunks):
    aws.client("s3").create_bucket(Bucket="faraway-results")
    aws.weather.elsewhere.add("faraway-results")
    done = sql(run, "SELECT 1", "--aws-bucket", "faraway-results")
    assert done.returncode == 1
    assert "bucket faraway-results is in eu-west-1, and this run is in us-east-1" in done.stderr
    none = sql(run, "SELECT 1", "--aws-bucket", "nowhere-at-all")
    assert "there is no bucket nowhere-at-all" in none.stderr


def test_an_earlier_result_is_reused_only_when_asked_and_costs_nothing(run, aws, chunks):
    statement = ("SELECT count(*) AS n FROM t", "--output", "s3://sql_t-lake/reused/")
    first = sql(run, *statement)
    assert first.returncode == 0, first.stderr
    started = [json.loads(one.body) for one in aws.asked if one.operation == "athena:StartQueryExecution"]
    assert "ResultReuseConfiguration" not in started[0]
    again = sql(run, *statement, "--reuse-minutes", "60")
    started = [json.loads(one.body) for one in aws.asked if one.operation == "athena:StartQueryExecution"]
    by_age = {"Enabled": True, "MaxAgeInMinutes": 60}
    assert started[1]["ResultReuseConfiguration"] == {"ResultReuseByAgeConfiguration": by_age}
    assert again.returncode == 0, again.stderr


def test_a_target_of_the_file_has_its_own_ways_and_every_call_carries_them(run, aws, chunks, tmp_path):
    key = "arn:aws:kms:us-east-1:123456789012:key/1"
    tmp_path.joinpath("lakebench.toml").write_text(
        f"""
        [targets.production]
        kind = "aws"
        database = "sql_t"
        max_usd = "0.01"
        requester_pays = true
        kms_key = "{key}"
        [targets.staging]
        kind = "local"
        endpoint = "{aws.proxy}"
        database = "sql_t"
        """,
        encoding="utf-8",
    )
    asked = ("sql", "SELECT max(id) AS top FROM t", "--format", "csv")
    done = run(*asked, "--target", "production", "--aws")
    assert done.stdout.split() == ["top", "999"], done.stderr
    bodies = {one.operation: json.loads(one.body) for one in aws.asked if one.header("X-Amz-Target")}
    encryption = bodies["athena:StartQueryExecution"]["ResultConfiguration"]["EncryptionConfiguration"]
    assert encryption == {"EncryptionOption": "SSE_KMS", "KmsKey": key}
    assert bodies["athena:CreateWorkGroup"]["Configuration"]["RequesterPaysEnabled"] is True
    listed = [one.header("x-amz-request-payer") for one in aws.asked if one.operation == "s3:ListBucket"]
    assert set(listed) == {"requester"}
    aws.calls.clear()
    staged = run(*asked, "--target", "staging")
    assert staged.stdout.split() == ["top", "999"], staged.stderr
    assert "sts:GetCallerIdentity" not in aws.calls


def test_results_come_page_after_page(run, aws, chunks):
    aws.weather.short_pages = True
    done = sql(run, "SELECT id FROM t WHERE id < 7 ORDER BY id", "--format", "csv")
    assert done.stdout.split() == ["id", *"0123456"], done.stderr
    assert aws.calls.count("athena:GetQueryResults") > 4


def test_a_throttled_service_is_asked_again(run, aws, chunks):
    aws.weather.throttled = {"athena:StartQueryExecution": 1, "glue:GetTable": 1, "athena:GetQueryResults": 1}
    done = sql(run, "SELECT count(id) AS n FROM t", "--format", "csv")
    assert done.stdout.split() == ["n", "1000"], done.stderr
    assert sorted(aws.refused) == ["athena:GetQueryResults", "athena:StartQueryExecution", "glue:GetTable"]


def test_a_region_without_the_service_is_told(run, aws):
    aws.weather.unreachable.add("athena")
    done = run("sql", "SELECT 1", *ON_AWS)
    assert done.returncode == 1
    assert "athena:GetWorkGroup on primary failed" in done.stderr
    assert "on AWS: has the region this service?" in done.stderr


def test_a_session_that_expires_on_the_way_leaves_a_journal_for_the_sweep(run, aws, chunks):
    aws.weather.expires_at = "athena:GetQueryResults"
    done = sql(run, "SELECT count(*) AS n FROM t")
    assert done.returncode == 1
    assert "the session has expired; sign in again" in done.stderr
    assert "left behind: workgroup lakebench-" in done.stderr
    aws.weather.expires_at = None
    swept = run("aws", "sweep")
    assert swept.stdout.splitlines()[-1] == "all of it is gone", swept.stderr
    groups = aws.client("athena").list_work_groups()["WorkGroups"]
    assert f"lakebench-{swept.stdout.split()[1].strip(',')}" not in [one["Name"] for one in groups]


@pytest.mark.parametrize("action", ["athena:CreateWorkGroup", "glue:GetTable", "s3:CreateBucket"])
def test_a_denied_call_names_the_action_that_is_missing(run, aws, chunks, action):
    aws.weather.denied.add(action)
    before = own_buckets(aws)
    done = sql(run, "SELECT id FROM t")
    assert done.returncode == 1
    assert f"the credentials need the IAM action {action}" in done.stderr
    assert own_buckets(aws) == before
