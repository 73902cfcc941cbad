"""A local session reaches its endpoint and nothing else; an aws session never reaches a local one."""

import pytest

from lakebench.client import aws_session, local_session, open_session
from lakebench.client.guard import guard_to_aws, is_loopback, origin_of
from lakebench.config import Target, TargetKind
from lakebench.errors import ConfigError, GuardError


def _send_elsewhere(client, url):
    """Turn every request of a client to another URL, as a redirect does, just before it is signed."""

    def turn(request, **_):
        request.url = url

    client.meta.events.register("before-sign", turn)


@pytest.mark.parametrize(
    "url",
    [
        "https://s3.amazonaws.com/",
        "https://lake.s3.eu-west-1.amazonaws.com/raw/ventas.csv",
        "https://athena.us-east-1.amazonaws.com/",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/",
        "http://localhost.example.com/",
    ],
)
def test_a_request_for_another_host_is_stopped_before_any_connection(recorder, url):
    client = local_session(recorder.endpoint).s3
    _send_elsewhere(client, url)
    with pytest.raises(GuardError, match="stopped a request to"):
        client.list_buckets()
    assert recorder.requests == []


@pytest.mark.parametrize("service", ["s3", "glue", "athena", "sts", "iam"])
def test_every_service_is_guarded(recorder, service):
    client = local_session(recorder.endpoint).client(service)
    assert client.meta.endpoint_url == recorder.endpoint
    _send_elsewhere(client, f"https://{service}.us-east-1.amazonaws.com/")
    call = {
        "s3": "list_buckets",
        "glue": "get_databases",
        "athena": "list_work_groups",
        "sts": "get_caller_identity",
        "iam": "list_roles",
    }
    with pytest.raises(GuardError):
        getattr(client, call[service])()


@pytest.mark.parametrize("bucket", ["lake", "lake.with.dots", "UPPER_case"])
def test_buckets_stay_in_the_path(recorder, bucket):
    local_session(recorder.endpoint).s3.put_object(Bucket=bucket, Key="raw/a.csv", Body=b"x")
    [(method, path, headers)] = recorder.requests
    assert (method, path.partition("?")[0]) == ("PUT", f"/{bucket}/raw/a.csv")
    assert f"http://{headers['Host']}" == recorder.endpoint


def test_a_redirect_to_another_host_is_not_followed(recorder):
    recorder.status = 301
    recorder.headers = {
        "Location": "https://lake.s3.eu-west-1.amazonaws.com/",
        "x-amz-bucket-region": "eu-west-1",
    }
    recorder.body = (
        b"<Error><Code>PermanentRedirect</Code><Message>m</Message>"
        b"<Endpoint>lake.s3.eu-west-1.amazonaws.com</Endpoint><Bucket>lake</Bucket></Error>"
    )
    client = local_session(recorder.endpoint).s3
    with pytest.raises((GuardError, client.exceptions.ClientError)):
        client.list_objects_v2(Bucket="lake")
    assert {f"http://{headers['Host']}" for _, _, headers in recorder.requests} == {recorder.endpoint}


def test_the_users_variables_files_and_proxies_do_not_leak_in(recorder, monkeypatch, tmp_path):
    config = tmp_path / "config"
    config.write_text("[profile real]\nregion = eu-west-3\nendpoint_url = http://127.0.0.1:1\n")
    for name, value in {
        "AWS_PROFILE": "real",
        "AWS_CONFIG_FILE": str(config),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real-token",
        "AWS_DEFAULT_REGION": "eu-west-3",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    local_session(recorder.endpoint).s3.list_buckets()
    [(_, _, headers)] = recorder.requests
    assert "Credential=AKIALAKEBENCHLOCAL00/" in headers["Authorization"]
    assert "/us-east-1/s3/" in headers["Authorization"]
    assert "real" not in str(headers).lower()


def test_a_profile_that_does_not_exist_does_not_matter_to_a_local_session(recorder, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    local_session(recorder.endpoint).s3.list_buckets()
    assert len(recorder.requests) == 1


@pytest.mark.parametrize(
    "endpoint", ["http://10.0.0.7:4566", "https://s3.amazonaws.com", "http://lake.internal:1"]
)
def test_an_endpoint_off_this_machine_is_refused_unless_listed(endpoint):
    with pytest.raises(ConfigError, match="not on this machine"):
        local_session(endpoint)
    host = endpoint.split("//")[1].split(":")[0]
    assert local_session(endpoint, allowed_hosts=(host,)).endpoint.startswith(endpoint)


@pytest.mark.parametrize("endpoint", ["", "127.0.0.1:4566", "ftp://127.0.0.1", "http://127.0.0.1:port"])
def test_an_endpoint_that_is_no_url_is_refused(endpoint):
    with pytest.raises(ConfigError, match="not an endpoint URL"):
        local_session(endpoint)


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ATHENA"])
def test_target_aws_stops_when_a_variable_points_elsewhere(variable):
    with pytest.raises(ConfigError, match=f"{variable} is set to http://127.0.0.1:4566") as refused:
        aws_session(environ={variable: "http://127.0.0.1:4566"})
    assert f"unset {variable}" in refused.value.hint


def test_target_aws_stops_when_the_profile_points_elsewhere(monkeypatch, tmp_path):
    config = tmp_path / "config"
    config.write_text("[profile lake]\nendpoint_url = http://127.0.0.1:4566\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    with pytest.raises(ConfigError, match="the AWS profile sets endpoint_url"):
        aws_session(profile="lake", environ={})


def test_target_aws_names_a_profile_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigError, match="no-such-profile"):
        aws_session(profile="no-such-profile", environ={})


def test_an_aws_session_is_guarded_against_any_other_host(recorder, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIALAKEBENCHLOCAL00")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    client = aws_session(environ={}).s3
    _send_elsewhere(client, recorder.endpoint)
    with pytest.raises(GuardError, match="target aws only talks to AWS"):
        client.list_buckets()
    assert recorder.requests == []


@pytest.mark.parametrize(
    "url",
    ["http://s3.amazonaws.com/", "https://s3.amazonaws.com.evil.example/", "https://evilamazonaws.com/"],
)
def test_hosts_that_only_look_like_aws_are_not_aws(url):
    class Request:
        pass

    request = Request()
    request.url = url
    with pytest.raises(GuardError):
        guard_to_aws(request)


def test_a_local_target_without_an_endpoint_says_how_to_get_one():
    with pytest.raises(ConfigError, match="no endpoint") as refused:
        open_session(Target(kind=TargetKind.LOCAL))
    assert "lakebench serve" in refused.value.hint


def test_origins_are_compared_with_their_port_written():
    assert origin_of("HTTP://LOCALHOST/x") == "http://localhost:80"
    assert origin_of("http://[::1]:4566") == "http://[::1]:4566"
    assert is_loopback("127.8.9.1")
    assert not is_loopback("128.0.0.1")
