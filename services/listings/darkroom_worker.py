"""The darkroom's child: turns files that people send into small clean pictures. A program of its own.

`services/listings/darkroom.py` runs it with `python -I` and speaks to it by its standard input and output. It knows nothing of
the rest of the project, holds no secret, and gives up its rights before it opens the first file: what a crafted picture does to
a decoder, it does to a process that can write no file and is thrown away.

A request is a length (8 bytes, big-endian) and the file. An answer is a length (4 bytes), that much JSON, and the pictures in
the order in which the JSON names them: `{"sizes": [{"width", "height", "files": [{"format", "bytes"}]}], "dhash": n}`, or
`{"refusal": slug, …}`. With `"ends": true` the child is spent, and the next file needs another.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import math
import resource
import struct
import sys
import warnings
from pathlib import Path
from typing import Any, BinaryIO, Final

import pi_heif  # type: ignore[import-untyped]  # it has none
from PIL import AvifImagePlugin, Image, ImageCms, ImageOps

MOST_PIXELS: Final = 50_000_000
LONGEST_SIDE_PX: Final = 12_000
SHORTEST_SIDE_PX: Final = 200
MOST_MEMORY_BYTES: Final = 1024**3
MOST_CPU_S: Final = 8
"""For one picture."""

FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "HEIF")
"""JPEG stands for MPO as well: several pictures of one scene in a file, of which the first is taken."""
BEGINNINGS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")
"""How pictures begin, so that a broken one is told from what never was one. RIFF and ISO files are asked for their brand."""
BRANDS: Final = frozenset({b"avif", b"avis", b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})

BOXES_PX: Final = (360, 720)
"""Widths of the pictures made; a tall one may be twice as high."""
TIMES_AS_HIGH: Final = 2
MOST_BYTES: Final = {"AVIF": (15_000, 45_000), "WEBP": (25_000, 75_000)}
"""What a picture should weigh, by format and box; at the lowest quality it may weigh more."""
QUALITIES: Final = {"AVIF": (62, 52, 43, 34, 26), "WEBP": (78, 68, 56, 44, 32)}
HOW: Final[dict[str, dict[str, Any]]] = {
    "AVIF": {"speed": 8, "max_threads": 1, "subsampling": "4:2:0"},
    "WEBP": {"method": 4},
}
_SRGB: Final = ImageCms.createProfile("sRGB")
_WHITE: Final = (255, 255, 255)


class Refused(Exception):
    """The file is not taken; the slug of why, and figures that go with it."""

    def __init__(self, slug: str, **details: int) -> None:
        super().__init__(slug)
        self.answer = {"refusal": slug, **details}


def develop(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Make the small pictures of a file: the answer and the pictures' bytes. Raises `Refused`, `MemoryError`."""
    with _opened(data) as found:
        try:
            small = _reduced(found)
        except MemoryError:
            raise
        except Exception as error:  # a decoder fails in its own ways, and each means that the file is broken
            raise Refused("picture-broken") from error
    sizes: list[dict[str, Any]] = []
    files: list[bytes] = []
    for box_px, size in zip(BOXES_PX, _sizes(small.size), strict=False):
        picture = small if small.size == size else small.resize(size, Image.Resampling.LANCZOS)
        made = {format_: _encoded(picture, format_, BOXES_PX.index(box_px)) for format_ in HOW}
        told = [{"format": format_.lower(), "bytes": len(body)} for format_, body in made.items()]
        sizes.append({"width": size[0], "height": size[1], "files": told})
        files += made.values()
    return {"sizes": sizes, "dhash": dhash(small)}, files


def dhash(picture: Image.Image) -> int:
    """Give the 64-bit difference hash: for 8 rows of 9 grey dots, whether each dot is darker than its right neighbour."""
    grey = picture.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = (grey[row * 9 + column] < grey[row * 9 + column + 1] for row in range(8) for column in range(8))
    return sum(bit << place for place, bit in enumerate(bits))


def _opened(data: bytes) -> Image.Image:
    """Read the file's head and hold it to the limits, before a single pixel is unpacked. Raises `Refused`."""
    try:
        found = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("too-many-pixels") from None
    except MemoryError:
        raise
    except Exception as error:  # as above
        raise Refused("picture-broken" if _begins_like_a_picture(data) else "not-a-picture") from error
    width, height = found.size
    if max(width, height) > LONGEST_SIDE_PX or width * height > MOST_PIXELS:
        raise Refused("too-many-pixels")
    if min(width, height) < SHORTEST_SIDE_PX:
        raise Refused("picture-too-small", width=width, height=height)
    return found


def _begins_like_a_picture(data: bytes) -> bool:
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return data.startswith(BEGINNINGS) or is_webp or (data[4:8] == b"ftyp" and data[8:12] in BRANDS)


def _reduced(found: Image.Image) -> Image.Image:
    """Unpack the first frame no larger than it is needed, turned upright, on white, in sRGB, and with nothing but its pixels."""
    orientation = found.getexif().get(0x0112, 1)
    is_on_its_side = orientation in {5, 6, 7, 8}
    width, height = reversed(found.size) if is_on_its_side else found.size
    wanted = _sizes((width, height))[-1]
    # JPEG is unpacked at a half, quarter or eighth: a picture of 12 megapixels in a tenth of the time.
    found.draft("RGB", tuple(reversed(wanted)) if is_on_its_side else wanted)  # type: ignore[arg-type]  # a pair
    found.load()
    profile = found.info.get("icc_profile")
    picture = _without_odd_depths(found)
    factor = min(picture.width, picture.height) // (2 * min(wanted))
    if factor > 1 and picture.mode in {"L", "RGB", "CMYK"}:
        picture = picture.reduce(factor)
    picture = _in_srgb(_on_white(picture), profile)
    turn = _TURNS.get(orientation)
    picture = picture.transpose(turn) if turn is not None else picture
    picture = picture.resize(wanted, Image.Resampling.LANCZOS, reducing_gap=3.0)
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    return clean


_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What each EXIF orientation needs."""


def _without_odd_depths(picture: Image.Image) -> Image.Image:
    """Bring 16 and 32 bits a dot down to 8: Pillow's own conversion would clip them."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode == "F":
        return ImageOps.autocontrast(picture.convert("L"))
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    """Take transparency away: what shines through is white paper."""
    if not picture.has_transparency_data:
        return picture
    layer = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    ground = Image.new("RGB", layer.size, _WHITE)
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and picture.mode in {"RGB", "CMYK", "L"}:
        # A profile that is broken, or of another kind of colour, is as good as none.
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
            assert converted is not None, "it is not done in place"
            return converted
    return picture.convert("RGB")


def _sizes(size: tuple[int, int]) -> list[tuple[int, int]]:
    """Give the sizes to make of a picture, smallest first; it is never enlarged, so a small one has one only."""
    sizes: list[tuple[int, int]] = []
    for box_px in BOXES_PX:
        scale = min(1.0, box_px / size[0], TIMES_AS_HIGH * box_px / size[1])
        fitted = (max(1, math.floor(size[0] * scale + 0.5)), max(1, math.floor(size[1] * scale + 0.5)))
        if fitted not in sizes:
            sizes.append(fitted)
    return sizes


def _encoded(picture: Image.Image, format_: str, box: int) -> bytes:
    """Write a picture at the highest quality that is light enough; far too heavy a try skips the next one."""
    most_bytes, qualities = MOST_BYTES[format_][box], QUALITIES[format_]
    place = 0
    while True:
        file = io.BytesIO()
        picture.save(file, format_, quality=qualities[place], **HOW[format_])
        body = file.getvalue()
        if len(body) <= most_bytes or place == len(qualities) - 1:
            return body
        place = min(place + (2 if len(body) > most_bytes * 1.6 else 1), len(qualities) - 1)


def give_up_rights() -> None:
    """Bound memory, forbid writing files, opening many and gaining rights; be the first to go where memory runs out.

    Threads cannot be forbidden: the decoder of HEIC needs one of its own.
    """
    # Where the caller's own bounds are lower, they stay.
    for what, bound in (
        (resource.RLIMIT_AS, MOST_MEMORY_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        _, hard = resource.getrlimit(what)
        lowest = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(what, (lowest, lowest))
    if sys.platform == "linux":
        # Where memory runs out for the whole container, the picture has to go and not the service.
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
        no_new_privileges, death_signal, kill = 38, 1, 9
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        prctl(no_new_privileges, 1, 0, 0, 0)
        prctl(death_signal, kill, 0, 0, 0)


def _bound_cpu() -> None:
    """Give the next picture its share of time; whoever takes more is killed by the system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(used.ru_utime + used.ru_stime) + MOST_CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def answer(data: bytes) -> bytes:
    """Develop a file and write the answer."""
    files: list[bytes] = []
    try:
        told, files = develop(data)
    except Refused as refused:
        told = refused.answer
    except MemoryError:
        told = {"refusal": "too-many-pixels", "ends": True}
    head = json.dumps(told).encode()
    return struct.pack(">I", len(head)) + head + b"".join(files)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer one request after another until there are no more."""
    while len(head := requests.read(8)) == 8:
        (length,) = struct.unpack(">Q", head)
        _bound_cpu()
        answers.write(answer(requests.read(length)))
        answers.flush()


def main() -> None:
    """Load every decoder, give up all rights, say so, and serve."""
    pi_heif.options.DECODE_THREADS = 1
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    pi_heif.register_heif_opener()
    Image.preinit()
    Image.init()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    warnings.simplefilter("ignore", UserWarning)
    _encoded(Image.new("RGB", (8, 8)), "AVIF", 0)
    give_up_rights()
    sys.stdout.buffer.write(b"+")
    sys.stdout.buffer.flush()
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
