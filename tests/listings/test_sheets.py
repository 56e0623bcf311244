"""Files as people send them, read in the bounded process: formats, letters, formulas, merged cells, and files made to hurt."""

import io
import zipfile

import openpyxl
import pytest

from services.listings.domain.import_refusals import (
    ColumnsMissing,
    FileEmpty,
    FileNotReadable,
    HeaderMissing,
    TooHeavy,
    TooManyColumns,
    TooManyRows,
)
from services.listings.sheets import bounded
from services.listings.sheets.reading import read_file
from shared.errors import TooLarge

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def workbook(rows, *, change=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def zipped(files):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return written.getvalue()


HEAD = ["nama", "kategori", "harga"]
KERIPIK = {"name": "Keripik", "category": "snacks", "price_idr": 15000}
CSV = "nama{0}kategori{0}harga\r\nKeripik{0}snacks{0}15.000\r\n"


def codes(row):
    return [finding.code for finding in row.findings]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_text_of_any_program_is_read(separator, encoding):
    text = CSV.format(separator) + f'"Kue «é» ""enak"""{separator}cakes{separator}"12rb"\r\n'
    found = read_file(text.encode(encoding))
    assert [dict(row.values) for row in found.rows] == [
        KERIPIK,
        {"name": 'Kue «é» "enak"', "category": "cakes", "price_idr": 12000},
    ]


def test_separator_may_be_named_and_blank_rows_count_in_the_numbers():
    found = read_file(b'sep=;\r\n\r\nnama;kategori;harga;keterangan\r\n;;;\r\nA, B;snacks;1000;"dua\nbaris, saja"\r\n')
    assert [(row.number, row.values["name"], row.values["description"]) for row in found.rows] == [
        (5, "A, B", "dua\nbaris, saja")
    ]


def test_workbook_is_read_with_numbers_as_in_the_spreadsheet():
    raw = workbook(
        [["Daftar jualan Bu Sri"], [], HEAD, ["Keripik", "snacks", 15000], [], [None, None, " "], ["B", "x", 17.5]]
    )
    found = read_file(raw)
    assert [(row.number, row.state) for row in found.rows] == [(4, "ready"), (7, "wrong")]
    assert codes(found.rows[1]) == ["category-unknown", "ambiguous"]
    assert found.rows[1].given == {"name": "B", "category": "x", "price_idr": "17.5"}


def test_header_is_looked_for_on_every_visible_sheet():
    def change(book):
        book.create_sheet("Data")
        book["Data"].append(HEAD)
        book["Data"].append(["Keripik", "snacks", 15000])

    assert dict(read_file(workbook([["Catatan"]], change=change)).rows[0].values) == KERIPIK


def test_formula_without_a_result_is_told_and_one_with_a_result_is_taken():
    raw = workbook([HEAD, ["Keripik", "snacks", "=10000+5000"], ["B", "snacks", 1]])
    assert codes(read_file(raw).rows[0]) == ["formula"]
    # What Excel writes when it saves: the formula, and its last result.
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    files[sheet] = files[sheet].replace(b"<v></v>", b"<v>15000</v>").replace(b"<v />", b"<v>15000</v>")
    assert b"<v>15000</v>" in files[sheet]
    assert dict(read_file(zipped(files)).rows[0].values) == KERIPIK


def test_dates_errors_and_truth_are_told():
    import datetime

    raw = workbook([HEAD, [datetime.date(2026, 1, 2), "snacks", True], ["B", "snacks", "#REF!"]])
    found = read_file(raw)
    assert [codes(row) for row in found.rows] == [["date", "boolean"], ["error"]]


def test_merged_cells_are_told():
    raw = workbook(
        [HEAD, ["A", "snacks", 1000], ["B", None, 1000], ["C", "snacks", 1000]],
        change=lambda book: book.active.merge_cells("B2:B3"),
    )
    found = read_file(raw)
    assert [codes(row) for row in found.rows] == [["merged"], ["empty", "merged"], []]
    assert "B2:B3" in found.rows[0].findings[0].message


def test_repeated_names_few_rupiah_and_unknown_columns_are_told():
    found = read_file(b"nama,kategori,harga,warna\nA,snacks,1000,merah\n a ,snacks,15,\n")
    assert [codes(row) for row in found.rows] == [[], ["few-rupiah", "repeated"]]
    assert [row.state for row in found.rows] == ["ready", "ready"], "warnings keep nothing out"
    assert [(note.code, "warna" in note.message) for note in found.notes] == [("columns-unknown", True)]


def test_zip_holds_a_spreadsheet_and_its_pictures():
    sheet = b"nama,kategori,harga,foto\nA,snacks,1000,A.PNG; hilang.jpg\nB,snacks,1000,https://x.id/b.jpg\nC,snacks,1000,c.png\n"
    files = {
        "Jualan/isi.csv": sheet,
        "Jualan/foto/a.png": PNG,
        "c.png": b"bukan gambar",
        "lain.jpg": b"\xff\xd8\xff0",
        "__MACOSX/isi.csv": b"x",
        "Jualan/.DS_Store": b"x",
    }
    found = read_file(zipped(files))
    assert found.kind == "zip"
    assert found.pictures == {"a.png": PNG}
    assert [codes(row) for row in found.rows] == [["photo-missing"], [], []]
    assert [note.code for note in found.notes] == ["picture-unused", "picture-unreadable"]


NOT_TAKEN = {
    "nothing": (b"", FileEmpty),
    "blanks": (b" \r\n,,,\r\n", FileEmpty),
    "only a header": (b"nama,kategori,harga\n", FileEmpty),
    "no price": (b"nama,kategori\nA,snacks\n", ColumnsMissing),
    "words": (b"halo\nsemua\n", HeaderMissing),
    "a workbook of words": (workbook([["halo"]]), HeaderMissing),
    "an empty workbook": (workbook([]), FileEmpty),
    "old Excel": (b"\xd0\xcf\x11\xe0" + b"0" * 600, FileNotReadable),
    "PDF": (b"%PDF-1.7", FileNotReadable),
    "a picture": (PNG, FileNotReadable),
    "no archive": (b"PK\x03\x04rusak", FileNotReadable),
    "half a workbook": (workbook([HEAD])[:-30], FileNotReadable),
    "bytes": (b"\x00\x01\x02\x03" * 50, FileNotReadable),
    "an open quote": (b'nama,kategori,harga\nA,snacks,"1000\n' + b"B,snacks,1\n" * 20_000, FileNotReadable),
    "two sheets": (zipped({"a.csv": b"x", "b.csv": b"x"}), FileNotReadable),
    "no sheet": (zipped({"a.png": PNG}), FileNotReadable),
    "OpenDocument": (zipped({"mimetype": b"x", "content.xml": b"<x/>"}), FileNotReadable),
    "a row more": (CSV.format(",").encode() + b"A,snacks,1000\n" * 10_000, TooManyRows),
    "many columns": (b"nama,kategori,harga" + b",x" * 60 + b"\nA,snacks,1000" + b",1" * 60 + b"\n", TooManyColumns),
    "a wide workbook": (workbook([[*HEAD, *"x" * 60]]), TooManyColumns),
    "11 MB": (b"nama,kategori,harga\n" + b"a" * (10 * 1024**2), TooLarge),
}


@pytest.mark.parametrize(("raw", "refusal"), NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_what_cannot_be_taken_is_refused_in_words(raw, refusal):
    with pytest.raises(refusal) as told:
        read_file(raw)
    assert "{" not in told.value.message("id") + told.value.message("en")


def test_exactly_ten_thousand_rows_are_taken():
    assert len(read_file(b"nama,kategori,harga\n" + b"A,snacks,1000\n" * 10_000).rows) == 10_000


def bomb(name, size):
    return zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>", name: b"\0" * size})


@pytest.mark.parametrize(
    "raw",
    [
        bomb("xl/worksheets/sheet1.xml", 20 * 1024**2),
        zipped({f"{number}.png": b"" for number in range(2001)}),
        zipped({"a.csv": b"x", **{f"{number}.bin": bytes(40 * 1024**2) for number in range(5)}}),
    ],
    ids=["ratio", "entries", "total"],
)
def test_archive_made_to_burst_is_not_opened(raw):
    with pytest.raises(TooHeavy):
        read_file(raw)


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr">
<is><t>&b;</t></is></c></row></sheetData></worksheet>"""


def test_entities_are_not_expanded():
    raw = workbook([HEAD, ["A", "snacks", 1000]])
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with pytest.raises(FileNotReadable):
        read_file(zipped({**files, "xl/worksheets/sheet1.xml": ENTITIES}))


async def test_refusals_come_back_from_the_bounded_process():
    with pytest.raises(ColumnsMissing) as told:
        await bounded.read_sheet(b"nama,harga\nA,1\n")
    assert told.value.details == {"columns": "kategori"}
    found = await bounded.read_sheet(CSV.format(";").encode())
    assert found.rows == [[2, "ready", KERIPIK, {"name": "Keripik", "category": "snacks", "price_idr": "15.000"}, []]]


async def test_process_that_takes_too_much_is_ended_and_the_next_file_is_read(monkeypatch):
    """A sheet whose one row names the last row and column of all, thousands of times: more work than is given."""
    row = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>' + b"x" * 32_000 + b"</t></is></c></row>"
    cells = b"".join(row % (number, number) for number in range(1, 4500))
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + cells
    raw = workbook([HEAD, ["A", "snacks", 1000]])
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["xl/worksheets/sheet1.xml"] = sheet + b"</sheetData></worksheet>"
    with pytest.raises((TooHeavy, HeaderMissing)):
        await bounded.read_sheet(zipped(files))
    monkeypatch.setattr(bounded, "PATIENCE_S", 0.01)
    with pytest.raises(TooHeavy):
        await bounded.read_sheet(CSV.format(",").encode())
    monkeypatch.undo()
    assert len((await bounded.read_sheet(CSV.format(",").encode())).rows) == 1


async def test_template_explains_itself_and_is_read_again():
    book = openpyxl.load_workbook(io.BytesIO(await bounded.write_template("xlsx")))
    assert book.sheetnames == ["Jualan", "Petunjuk"]
    titles = [cell.value for cell in book["Jualan"][1]]
    assert titles == ["nama", "kategori", "harga", "satuan", "keterangan", "stok", "siap_dalam_hari", "foto"]
    choice = book["Jualan"].data_validations.dataValidation[0]
    assert (choice.type, str(choice.sqref)) == ("list", "B2:B10001")
    names = [row[0].value for row in book["Petunjuk"]["E2:E15"]]
    assert names[0] == "Keripik & camilan"
    assert None not in names
    book["Jualan"].append(["Keripik", names[0], 15000])
    written = io.BytesIO()
    book.save(written)
    assert dict(read_file(written.getvalue()).rows[0].values) == KERIPIK
    csv = await bounded.write_template("csv")
    assert csv.decode("utf-8-sig").strip() == ",".join(titles)
