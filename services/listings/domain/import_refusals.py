"""Every way in which imports and exports say no.

FileEmpty, FileNotReadable (422)   nothing came, or no spreadsheet that can be read; `hint` says what to do
HeaderMissing, ColumnsMissing (422)    no row of titles, or a required column is not there
TooManyRows, TooManyColumns (422)
TooHeavy (422)                 reading it would take more memory or time than is given
WrongImportState (409)         the import has moved on
ImportRunning (409)            another import of the same business is being taken
TooManyOpenImports (409)       finish or cancel one first
ExportTooLarge (422)
"""

from __future__ import annotations

from shared.errors import Conflict, Unprocessable


class FileEmpty(Unprocessable):
    """The file has no rows below its titles, or nothing at all."""

    slug = "file-empty"
    message_id = "Berkas ini belum ada isinya. Isi jualannya di bawah baris judul, simpan, lalu kirim lagi."
    message_en = "There is nothing in this file. Fill in products below the row of titles, save it and send it again."


class FileNotReadable(Unprocessable):
    """The file is no spreadsheet that can be read. `hint`: what to do, in Indonesian; `hint_en` in English."""

    slug = "file-not-readable"
    message_id = "Berkas ini tidak dapat dibaca. {hint}"
    message_en = "This file cannot be read. {hint_en}"


class HeaderMissing(Unprocessable):
    """No row of titles was found in the first ten rows of any sheet."""

    slug = "header-missing"
    message_id = (
        "Baris judul kolom tidak ketemu. Pakai templat: nama, kategori, harga, dan seterusnya di baris pertama."
    )
    message_en = (
        "No row of column titles was found. Use the template: name, category, price and so on in the first row."
    )


class ColumnsMissing(Unprocessable):
    """Required columns are not there; `columns` names them."""

    slug = "columns-missing"
    message_id = "Kolom ini belum ada: {columns}. Tambahkan, atau salin isinya ke templat."
    message_en = "These columns are missing: {columns}. Add them, or copy your rows into the template."


class TooManyRows(Unprocessable):
    """More than `most` rows are filled in."""

    slug = "too-many-rows"
    message_id = "Isinya lebih dari {most} baris. Bagi menjadi beberapa berkas, lalu kirim satu per satu."
    message_en = "There are more than {most} rows. Split them into several files and send them one by one."


class TooManyColumns(Unprocessable):
    """More than `most` columns are filled in."""

    slug = "too-many-columns"
    message_id = "Isinya lebih dari {most} kolom. Hapus kolom yang tidak perlu, lalu kirim lagi."
    message_en = "There are more than {most} columns. Remove those that are not needed and send it again."


class TooHeavy(Unprocessable):
    """Reading the file would take more memory or time than is given."""

    slug = "file-too-heavy"
    message_id = "Berkas ini terlalu berat untuk dibaca. Salin isinya saja ke templat kosong, lalu kirim lagi."
    message_en = "This file is too heavy to be read. Copy only its rows into an empty template and send it again."


class WrongImportState(Conflict):
    """The import's state (`import_state`) does not allow that."""

    slug = "wrong-import-state"
    message_id = "Keadaan impor ini sudah berubah. Muat ulang untuk melihatnya."
    message_en = "The state of this import does not allow that. Reload to see it."


class ImportRunning(Conflict):
    """One import of a business is taken at a time."""

    slug = "import-running"
    message_id = "Impor lain untuk usaha ini sedang berjalan. Tunggu sampai selesai, lalu mulai lagi."
    message_en = "Another import of this business is running. Wait until it is done, then start again."


class TooManyOpenImports(Conflict):
    """An account may have `most` imports that are neither done nor cancelled."""

    slug = "too-many-open-imports"
    message_id = "Sudah ada {most} impor yang belum selesai. Mulai atau batalkan salah satu dulu."
    message_en = "There are {most} unfinished imports already. Start or cancel one of them first."


class ExportTooLarge(Unprocessable):
    """A business has more than `most` listings."""

    slug = "export-too-large"
    message_id = "Jualannya lebih dari {most}, terlalu banyak untuk satu berkas. Hubungi petugas Posyantek."
    message_en = "There are more than {most} listings, too many for one file. Contact the Posyantek operator."
