"""The ``.metadata`` companion, against bytes recorded on Athena and a reader of its own."""

from __future__ import annotations

from lakebench.catalog import parse_type
from lakebench.emulator.athena.columns import ROWS_COLUMN, column_infos, column_to_wire, text_columns
from lakebench.emulator.athena.metadata import encode_metadata
from lakebench.emulator.engine.protocol import ResultColumn


def fields(data: bytes) -> list[tuple[int, int | bytes]]:
    """Read protobuf's varint and length-delimited fields."""
    found: list[tuple[int, int | bytes]] = []
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = varint()
        if tag & 7 == 2:
            length = varint()
            found.append((tag >> 3, data[at : at + length]))
            at += length
        else:
            found.append((tag >> 3, varint()))
    return found


def test_an_insert_of_one_row_has_the_75_bytes_recorded_on_athena() -> None:
    data = encode_metadata("20260920_092735_00001_abcde", [ROWS_COLUMN], update_type="INSERT", update_count=1)
    assert len(data) == 75
    rows = b"\x0a\x04hive\x22\x04rows\x2a\x04rows\x32\x06bigint" + bytes.fromhex("3813400048035000")
    assert data[29:] == b"\x12\x06INSERT" + b"\x18\x01" + b"\x22\x22" + rows[:0x22]
    assert rows[0x22:] == b""


def test_an_insert_of_no_rows_still_writes_its_count() -> None:
    data = encode_metadata("q", [ROWS_COLUMN], update_type="INSERT", update_count=0)
    assert (3, 0) in fields(data)


def test_describe_has_the_152_bytes_recorded_on_athena() -> None:
    columns = text_columns("col_name", "data_type", "comment")
    assert len(encode_metadata("0" * 36, columns)) == 152


def test_show_create_table_has_the_88_bytes_recorded_on_athena() -> None:
    assert len(encode_metadata("0" * 36, text_columns("createtab_stmt"))) == 88


def test_a_select_tells_its_columns_in_order() -> None:
    columns = column_infos(
        [
            ResultColumn(name="n", type=parse_type("integer")),
            ResultColumn(name="s", type=parse_type("varchar")),
        ]
    )
    read = [dict(fields(value)) for number, value in fields(encode_metadata("q", columns)) if number == 4]
    assert read == [
        {1: b"hive", 4: b"n", 5: b"n", 6: b"integer", 7: 10, 8: 0, 9: 3, 10: 0},
        {1: b"hive", 4: b"s", 5: b"s", 6: b"varchar", 7: 2147483647, 8: 0, 9: 3, 10: 1},
    ]


def test_two_columns_without_rows_have_the_95_bytes_recorded_on_athena() -> None:
    columns = column_infos(
        [
            ResultColumn(name="n", type=parse_type("integer")),
            ResultColumn(name="s", type=parse_type("varchar")),
        ]
    )
    assert len(encode_metadata("20260924_004554_00001_abcde", columns)) == 95


def test_the_wire_always_answers_every_member_of_a_column() -> None:
    (column,) = column_infos([ResultColumn(name="b", type=parse_type("boolean"))])
    assert column_to_wire(column) == {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": "b",
        "Label": "b",
        "Type": "boolean",
        "Precision": 0,
        "Scale": 0,
        "Nullable": "UNKNOWN",
        "CaseSensitive": False,
    }
