"""Forms with files (multipart/form-data, RFC 7578), read from a body whose size the edge has held to its limit."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message

MOST_PARTS = 60
_MOST_HEAD_BYTES = 4096
_MOST_FIELD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was chosen: its name as the browser tells it, without folders, and its bytes."""

    name: str
    content: bytes


def parse(content_type: str, raw: bytes) -> tuple[list[tuple[str, str]], dict[str, SentFile]]:
    """Read the fields, and the files by their fields' names; a field left empty is no file. Raises `ValueError`."""
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not 1 <= len(boundary) <= 70:
        raise ValueError("no boundary")
    fields: list[tuple[str, str]] = []
    files: dict[str, SentFile] = {}
    parts = (b"\r\n" + raw).split(b"\r\n--" + boundary.encode("ascii"), MOST_PARTS + 2)
    if len(parts) > MOST_PARTS + 2 or len(parts) < 2 or not parts[-1].startswith(b"--"):
        raise ValueError("not whole")
    for part in parts[1:-1]:
        head, found, body = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not found or len(head) > _MOST_HEAD_BYTES:
            raise ValueError("a part without a head")
        name, file_name = _names(head.decode())
        if file_name is None:
            if len(body) > _MOST_FIELD_BYTES:
                raise ValueError("a field too long")
            fields.append((name, body.decode()))
        elif body or file_name:
            files[name] = SentFile(file_name.replace("\\", "/").rpartition("/")[2], body)
    return fields, files


def _names(head: str) -> tuple[str, str | None]:
    """Give a part's name and its file's, from the line `Content-Disposition: form-data; name="…"; filename="…"`."""
    for line in head.split("\r\n"):
        key, _, value = line.partition(":")
        if key.strip().lower() == "content-disposition":
            said = Message()
            said["content-disposition"] = value.strip()
            name = said.get_param("name", header="content-disposition")
            file_name = said.get_param("filename", header="content-disposition")
            if isinstance(name, str):
                return name, file_name if isinstance(file_name, str) or file_name is None else file_name[2]
    raise ValueError("a part without a name")
