"""The data dir: one server at a time, nothing lost, nothing left behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from lakebench.emulator.storage.data_dir import DataDir
from lakebench.errors import LaunchError

HOLD = """
import sys
from pathlib import Path
from lakebench.emulator.storage.data_dir import DataDir
held = DataDir.open(Path(sys.argv[1])) if len(sys.argv) > 1 else DataDir.temporary()
print(held.root, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder():
    started = []

    def hold(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield hold
    for process in started:
        process.kill()
        process.communicate()


def test_it_is_made_for_its_owner_alone(tmp_path):
    with DataDir.open(tmp_path / "new" / "lake") as made:
        assert made.root.stat().st_mode & 0o777 == 0o700
        assert {path.name for path in made.root.iterdir()} == {
            "lock",
            "token",
            "objects",
            "tmp",
            "scratch",
        }


def test_a_second_holder_is_refused_by_pid(tmp_path, holder):
    process, _ = holder(tmp_path)
    with pytest.raises(LaunchError, match=f"in use by another server, pid {process.pid}") as caught:
        DataDir.open(tmp_path)
    assert "--data-dir" in caught.value.hint


def test_the_lock_of_a_killed_holder_is_free(tmp_path, holder):
    process, _ = holder(tmp_path)
    process.kill()
    process.wait()
    DataDir.open(tmp_path).close()


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_that_cannot_be_written_is_named(tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(LaunchError, match=f"{tmp_path}/{place} cannot be written"):
        DataDir.open(tmp_path / place)


def test_half_uploads_and_scratch_are_swept_at_start(tmp_path):
    with DataDir.open(tmp_path) as first:
        (first.tmp / "half").write_text("x")
        (first.scratch / "query").mkdir()
    with DataDir.open(tmp_path) as second:
        assert list(second.tmp.iterdir()) == list(second.scratch.iterdir()) == []
        assert second.lost is None


def test_payloads_without_an_index_are_moved_aside_each_time(tmp_path):
    for number in range(2):
        with DataDir.open(tmp_path) as data_dir:
            (data_dir.objects / "ab").mkdir()
            (data_dir.objects / "ab" / f"payload{number}").write_text("precious")
    with DataDir.open(tmp_path) as last:
        assert (last.lost.count, last.lost.size) == (1, 8)
        assert str(last.lost.directory) in last.notes[0]
        assert sorted(path.name for path in (tmp_path / "lost").rglob("payload*")) == ["payload0", "payload1"]
        assert list(last.objects.iterdir()) == []


def test_a_temporary_one_is_gone_when_closed():
    made = DataDir.temporary()
    (made.objects / "x").write_text("x")
    made.close()
    made.close()
    assert not made.root.exists()


def test_temporary_ones_of_killed_servers_are_swept_and_those_in_use_are_not(holder):
    killed, killed_root = holder()
    _, used_root = holder()
    killed.kill()
    killed.wait()
    with DataDir.temporary():
        assert not Path(killed_root).exists()
        assert Path(used_root).exists()
