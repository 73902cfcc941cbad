"""The story end to end on a real server: its table, its figures, its files, and what it leaves."""

import json
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lakebench import Server
from lakebench.datagen import VentasGenerator

from .conftest import COMMAND

STEPS = ["Generating", "Crawling", "Querying the CSV", "CTAS", "Querying the Parquet"]


@pytest.fixture(scope="module")
def kept(run_demo, tmp_path_factory):
    """One run that keeps everything: the process, and the folder it ran in."""
    folder = tmp_path_factory.mktemp("kept")
    return run_demo("--keep", "--json", "figures.json", cwd=folder), folder


@pytest.fixture(scope="module")
def figures(kept):
    _, folder = kept
    return json.loads((folder / "figures.json").read_text(encoding="utf-8"))


def test_it_ends_well_and_prints_the_seeds_table_first(kept):
    done, _ = kept
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "2,266 sales, seed 7, target local (us-east-1)"
    table = [line.split()[0] for line in lines[4:9]]
    assert table[0] == "Metric"
    assert table[2:] == ["Data", "Cost", "Run"]


def test_what_is_piped_has_no_escapes_and_tells_its_steps_on_stderr(kept):
    done, _ = kept
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr
    steps = [
        line for line in done.stderr.splitlines() if not line.startswith("  ")
    ]  # how long a slow one took
    assert [step for step, line in zip(STEPS, steps, strict=False) if line.startswith(step)] == STEPS


def test_selective_queries_scan_at_least_82_per_cent_less(figures):
    selective = {query["name"]: query["reduction"] for query in figures["queries"] if query["selective"]}
    assert len(selective) == 3
    assert min(selective.values()) >= 0.82, selective


def test_the_csv_is_scanned_whole_by_every_query_and_by_ctas(figures):
    size = sum(map(len, VentasGenerator().csv()))
    assert figures["layouts"]["csv"]["stored_bytes"] == size
    assert {query["csv"]["scanned_bytes"] for query in figures["queries"]} == {size}
    assert figures["ctas"]["scanned_bytes"] == size


def test_parquet_bytes_are_those_of_the_columns_in_the_file_that_was_left(kept, figures):
    _, folder = kept
    chunks = {}
    for path in (folder / "lakebench-demo/curated").glob("*.parquet"):
        footer = pq.ParquetFile(path).metadata
        for group in range(footer.num_row_groups):
            for index in range(footer.num_columns):
                chunk = footer.row_group(group).column(index)
                assert chunk.compression == "SNAPPY"
                chunks[chunk.path_in_schema] = (
                    chunks.get(chunk.path_in_schema, 0) + chunk.total_compressed_size
                )
    columns = {
        "region_category_2024": ["fecha", "region", "categoria", "total"],
        "payment_by_channel": ["canal", "metodo_pago", "total"],
        "black_friday_2025": ["fecha", "cantidad", "total"],
        "count": [],
        "select_star": list(chunks),
    }
    scanned = {query["name"]: query["parquet"]["scanned_bytes"] for query in figures["queries"]}
    assert scanned == {name: sum(chunks[column] for column in used) for name, used in columns.items()}


def test_the_crawler_found_the_seeds_string_int_and_float(figures):
    types = {column["name"]: column["type"] for column in figures["layouts"]["csv"]["columns"]}
    assert len(types) == 16
    assert {name for name, kind in types.items() if kind == "bigint"} == {
        "id_venta",
        "id_cliente",
        "cantidad",
    }
    assert {name for name, kind in types.items() if kind == "double"} == {
        "precio_unitario",
        "descuento",
        "total",
    }
    assert set(types.values()) == {"string", "bigint", "double"}
    assert figures["layouts"]["csv"]["table"] == "raw_data"
    assert figures["layouts"]["parquet"]["table"] == "ventas_parquet"


def test_the_ctas_statement_is_the_seeds_with_its_own_names(figures):
    sql = figures["ctas"]["sql"]
    assert sql.startswith('CREATE TABLE "ventas_parquet"')
    assert "format = 'PARQUET'" in sql
    assert "/curated/'" in sql
    assert sql.endswith('SELECT * FROM "raw_data"')


def test_keep_leaves_files_that_open_and_says_where(kept):
    done, folder = kept
    lake = folder / "lakebench-demo"
    assert (lake / "raw/ventas.csv").read_bytes() == b"".join(VentasGenerator().csv())
    [parquet] = (lake / "curated").glob("*.parquet")
    assert pq.ParquetFile(parquet).metadata.num_rows == 2_266
    assert json.loads((lake / "report.json").read_text(encoding="utf-8"))["schema"] == "lakebench.story"
    assert (lake / "report.md").read_text(encoding="utf-8").startswith("# 2,266 sales")
    said = done.stdout[done.stdout.index("Files:") :].split()
    assert [word for word in said if "/" in word] == [
        "lakebench-demo/raw",
        "lakebench-demo/curated",
        "lakebench-demo/report.md",
        "lakebench-demo/report.json",
    ]
    assert not list(folder.rglob("*.part"))


def test_the_same_seed_gives_the_same_figures_and_without_keep_nothing_is_left(run_demo, figures, tmp_path):
    done = run_demo("--seed", "7", "--json", str(tmp_path / "again.json"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))

    def bytes_of(figures):
        return [
            (one["name"], one["csv"]["scanned_bytes"], one["parquet"]["scanned_bytes"])
            for one in figures["queries"]
        ]

    assert bytes_of(again) == bytes_of(figures)
    assert [path.name for path in tmp_path.iterdir()] == ["again.json"]
    assert "is gone; --keep leaves it" in done.stdout


def test_spanish_is_the_seeds_own_table(run_demo):
    done = run_demo("--rows", "1_000", "--lang", "es")
    assert done.returncode == 0, done.stderr
    for words in (
        "1 000 ventas",
        "Métrica",
        "CSV (Basado en Filas)",
        "Parquet (Columnar)",
        "Mejora",
        "--keep lo deja en ficheros",
    ):
        assert words in done.stdout


def test_on_a_running_server_the_lake_stays_only_with_keep(run_demo, tmp_path):
    with Server() as server:
        done = run_demo("--endpoint", server.endpoint, "--rows", "50")
        assert done.returncode == 0, done.stderr
        assert server.client("s3").list_buckets()["Buckets"] == []
        assert server.client("glue").get_databases()["DatabaseList"] == []
        kept = run_demo("--endpoint", server.endpoint, "--rows", "50", "--keep", cwd=tmp_path)
        assert kept.returncode == 0, kept.stderr
        assert f"s3://lakebench-demo/ and Glue database lakebench_demo on {server.endpoint}" in kept.stdout
        again = run_demo("--endpoint", server.endpoint, "--rows", "50")
        assert again.returncode == 1
        assert "s3://lakebench-demo/raw/raw_data/ holds objects already" in again.stderr
        tables = server.client("glue").get_tables(DatabaseName="lakebench_demo")["TableList"]
        assert {table["Name"] for table in tables} == {"raw_data", "ventas_parquet"}


def test_a_terminal_gets_bars_and_colour(clean_environment, tmp_path):
    main, child = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "--rows", "100"],
        cwd=tmp_path,
        env={**clean_environment, "TERM": "xterm-256color", "COLUMNS": "100"},
        stdout=child,
        stderr=child,
    )
    os.close(child)
    seen = b""
    while True:
        try:
            chunk = os.read(main, 65_536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    os.close(main)
    assert process.wait(30) == 0
    assert b"\x1b[" in seen
    assert "━".encode() in seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_in_mid_run_leaves_no_server_and_no_files(clean_environment, tmp_path, number):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [*COMMAND, "--rows", "3_000_000", "--keep"],
        cwd=tmp_path,
        env={**clean_environment, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stderr.readline().startswith("Generating")
    children = _wait_for_children(process.pid)
    time.sleep(0.5)
    process.send_signal(number)
    out, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert errors.splitlines()[-1] == "stopped; the server and its lake are gone"
    assert "Traceback" not in errors
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    assert list(temporary.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["tmp"]


def _wait_for_children(pid):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            return children
        time.sleep(0.05)
    raise AssertionError("the demo started no server")
