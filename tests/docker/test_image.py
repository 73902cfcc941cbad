"""The image without an engine: its build steps, its user, its read-only root; and the compose file's rules.

Nothing here needs docker. What only an engine can tell (the base image, the network between two containers) is
left to ``make image``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
LAST_STAGE = DOCKERFILE.rpartition("\nFROM ")[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
NOBODY = 65534
# A mount namespace of its own, in which all is read-only but /tmp's stand-in and the volume ($1 and $2).
READ_ONLY = """
mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,bind,ro / || exit 66
shift; exec "$@"
"""


def words_of(instruction):
    """The words of an instruction of the last stage that is written as JSON."""
    (text,) = re.findall(rf"(?m)^{instruction} (\[.*\])$", LAST_STAGE)
    return yaml.safe_load(text)


def health_check():
    """The code of the health check."""
    (text,) = re.findall(r"(?m)^HEALTHCHECK .*CMD (\[.*\])$", LAST_STAGE)
    command = yaml.safe_load(text)
    assert command[:2] == ["python", "-c"]
    return command[2]


def copied():
    """The files and folders that the first stage takes from the build context."""
    found = re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", DOCKERFILE)
    return [name for line in found for name in line.split()]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """What the image has at /opt/lakebench: the wheel, made and installed by the image's own step.

    The dependencies are those of the environment that runs the tests, which were installed from the same lock.
    """
    folder = tmp_path_factory.mktemp("image")
    context, prefix = folder / "build", folder / "opt"
    for name in copied():
        target = context / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(prefix), "platbase": str(prefix)}))
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        ours = "lakebench" in package.name or package.suffix == ".pth"
        if not ours and not (site / package.name).exists():
            (site / package.name).symlink_to(package)
    quick = {**os.environ, "PIP_NO_COMPILE": "1"}
    subprocess.run(["sh", "docker/install.sh", "lakebench", prefix], cwd=context, env=quick, check=True)
    open_to_all(prefix)
    return prefix


def open_to_all(path):
    """Let the unprivileged user pass: pytest's folders are for their owner alone."""
    for folder in (path, *path.parents):
        if folder.stat().st_uid == os.getuid() and str(folder) != "/":
            folder.chmod(folder.stat().st_mode | 0o055)


def passable_to_all(path):
    """Whether anybody may reach a file."""
    return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)


def unprivileged_user():
    """Nobody, if we may become nobody and nobody may reach the interpreter; else ourselves, without capabilities."""
    return NOBODY if os.geteuid() == 0 and passable_to_all(Path(sys.executable)) else os.getuid()


@pytest.fixture
def volume(tmp_path):
    """A folder of the user's own, as /data is in the image."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    if unprivileged_user() == NOBODY:
        open_to_all(tmp_path)
        os.chown(data, NOBODY, NOBODY)
    return data


def unprivileged(command, volume, **options):
    """Start it with no rights, and with nothing writable but the volume if we may mount."""
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(volume), "PYTHONDONTWRITEBYTECODE": "1"}
    user = unprivileged_user()
    if may_mount():
        as_user = ["setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
        if user == NOBODY:
            as_user += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        command = ["unshare", "-m", "sh", "-c", READ_ONLY, "sh", volume, *as_user, *command]
    elif user != os.getuid():
        options |= {"user": NOBODY, "group": NOBODY, "extra_groups": ()}
    return subprocess.Popen(command, cwd="/", env=environment, text=True, **options)


def may_mount():
    """Whether a root of its own can be given to a process here."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None or shutil.which("unshare") is None:
        return False
    probe = ["unshare", "-m", "sh", "-c", READ_ONLY, "sh", "/tmp", "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def test_the_environment_has_the_wheel_and_not_the_sources(image):
    code = "import lakebench.version as v; print(v.__file__, v.__version__)"
    done = subprocess.run(
        [image / "bin/python", "-c", code], capture_output=True, text=True, cwd="/", check=True
    )
    assert done.stdout.startswith(str(image))


def test_the_entry_point_serves_without_rights_over_a_read_only_root(image, volume):
    command = [image / "bin" / words_of("ENTRYPOINT")[0], *words_of("CMD")]
    command = [str(volume) if word == "/data" else word for word in command]
    command[command.index("0.0.0.0")] = "127.0.0.1"
    server = unprivileged([*command, "--port", "0"], volume, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        greeting = server.stdout.readline()
        assert " at http://127.0.0.1:" in greeting, greeting + server.stderr.read()
        port = greeting.strip().rpartition(":")[2]
        while server.stdout.readline() != "Ready.\n":
            assert server.poll() is None
        code = health_check().replace("4566", port)
        assert unprivileged([image / "bin/python", "-c", code], volume).wait(60) == 0
        endpoint = ("--endpoint", f"http://127.0.0.1:{port}")
        demo = unprivileged(
            [image / "bin/lakebench", "demo", "--rows", "200", *endpoint], volume, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        printed, errors = demo.communicate(timeout=120)
        assert (demo.returncode, "Data scanned" in printed) == (0, True), errors
        owners = {path.stat().st_uid for path in volume.rglob("*")}
        assert owners == {unprivileged_user()}
    finally:
        server.terminate()
        server.communicate(timeout=60)
    sick = unprivileged([image / "bin/python", "-c", code], volume, stderr=subprocess.DEVNULL)
    assert sick.wait(60) != 0


def test_only_what_the_image_is_built_of_goes_to_the_builder():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert all(any(name == one or name.startswith(f"{one}/") for one in kept) for name in copied())
    assert all((ROOT / one).exists() for one in kept)


def test_the_image_runs_as_a_numbered_user_and_makes_up_no_digest():
    assert re.search(r"(?m)^USER 10001:10001$", LAST_STAGE)
    assert "useradd --uid 10001" in LAST_STAGE
    (base,) = re.findall(r"(?m)^ARG PYTHON_IMAGE=(\S+)$", DOCKERFILE)
    assert re.fullmatch(r"python:3\.\d+-slim", base)
    assert re.findall(r"(?m)^FROM (\S+)", DOCKERFILE) == ["${PYTHON_IMAGE}"] * 2
    assert "--require-hashes -r requirements/runtime.lock" in (ROOT / "docker/install.sh").read_text()


@pytest.mark.parametrize("name", ["lakebench", "demo"])
def test_both_services_have_no_rights_and_a_read_only_root(name):
    service = COMPOSE["services"][name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service["tmpfs"] == ["/tmp"]


def test_the_server_is_reachable_from_this_machine_alone_and_keeps_a_named_volume():
    server = COMPOSE["services"]["lakebench"]
    assert all(port.startswith("127.0.0.1:") for port in server["ports"])
    volume, _, place = server["volumes"][0].partition(":")
    assert (volume in COMPOSE["volumes"], place) == (
        True,
        server["command"][server["command"].index("--data-dir") + 1],
    )


def test_the_demo_waits_for_a_healthy_server_and_both_sides_know_its_name():
    demo, server = COMPOSE["services"]["demo"], COMPOSE["services"]["lakebench"]
    assert demo["depends_on"] == {"lakebench": {"condition": "service_healthy"}}
    assert demo["restart"] == "no"
    host = re.fullmatch(r"http://(\w+):4566", demo["environment"]["LAKEBENCH_ENDPOINT"])[1]
    assert host == demo["environment"]["LAKEBENCH_ALLOWED_HOSTS"]
    assert server["command"][server["command"].index("--allow-host") + 1] == host


# The keys of the Compose Specification that this file uses, with what each may be.
SHAPES = {
    "build": str, "image": str, "command": list, "init": bool, "read_only": bool, "tmpfs": list, "cap_drop": list,
    "security_opt": list, "ports": list, "volumes": list, "stop_grace_period": str, "restart": str,
    "pull_policy": str, "environment": dict, "depends_on": dict, "healthcheck": dict,
}  # fmt: skip


def test_the_compose_file_has_the_keys_of_the_specification_alone():
    assert set(COMPOSE) == {"services", "volumes"}
    for service in COMPOSE["services"].values():
        for key, value in service.items():
            assert isinstance(value, SHAPES[key]), key
    named = {
        one.partition(":")[0]
        for service in COMPOSE["services"].values()
        for one in service.get("volumes", ())
    }
    assert named == set(COMPOSE["volumes"])
    needed = {name for service in COMPOSE["services"].values() for name in service.get("depends_on", ())}
    assert needed <= set(COMPOSE["services"])


def test_docker_compose_itself_takes_the_file_where_it_is_there():
    command = ["docker", "compose"]
    there = (
        shutil.which("docker")
        and not subprocess.run([*command, "version"], capture_output=True, check=False).returncode
    )
    if not there:
        pytest.skip("docker compose is not on this machine")
    done = subprocess.run(
        [*command, "-f", ROOT / "docker-compose.yml", "config", "--services"], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, set(done.stdout.split())) == (0, {"lakebench", "demo"}), done.stderr
