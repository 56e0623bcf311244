"""Pictures as phones, and people with other intentions, send them."""

from __future__ import annotations

import base64
import io
import random
import struct
import zlib

from PIL import Image, ImageCms, ImageDraw

RED, BLUE, WHITE = (200, 30, 30), (30, 60, 200), (255, 255, 255)

# 640 × 480, red on the left and blue on the right, to be turned a quarter to the right: red comes to lie above.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAaJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAAAA"
    "AERAAAIAAQAAAAABxgABAAAAAAAAAIYAAgAAAAACTAABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZl"
    "AgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA4WlwcnAAAADBaXBjbwAAAHlodmNDAQNwAAAAkAAAAAAAWvAA/P34+AAADwNgAAEAGEABDAH/"
    "/wNwAAADAJAAAAMAAAMAWroCQGEAAQAsQgEBA3AAAAMAkAAAAwAAAwBaoAUCAeFlupJKa5uAhoMCAAADADIAAAMAAhBiAAEAB0QBwXKwYkAAAAAT"
    "Y29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAACgAAAAeAAAAAQcGl4aQAAAAADCAgIAAAACWlyb3QDAAAAGGlwbWEAAAAAAAAAAQABBYECAwSF"
    "AAAAGmlyZWYAAAAAAAAADmNkc2MAAgABAAEAAACybWRhdAAAAIIoAa8ZEGqPLLKJJvd8hTf/9/jH/X2r/ikFeKz/LGyjzqAcIcW///pBzvmdM/4V"
    "4cAAAAMACiimtzqAeoVpBGqJAAADALyAkwWo4AAHylkAAA14hwAAAwAHyZIAAH5AAAADAAEwRMAAPaAAAAMAC/EEAAU0AAADACxuUAAdEAACjcG1"
    "AAAABkV4aWYAAE1NACoAAAAIAAEBEgADAAAAAQAGAAAAAAAA"
)


def two_halves(width=640, height=480, mode="RGB"):
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    ImageDraw.Draw(image).rectangle((width // 2, 0, width, height), fill=BLUE)
    return image.convert(mode)


def written(image, format_, **how):
    file = io.BytesIO()
    image.save(file, format_, **how)
    return file.getvalue()


def jpeg(width=640, height=480, **how):
    return written(two_halves(width, height), "JPEG", **how)


def different_jpeg(number):
    """A picture unlike the others, at the cost of a few kilobytes."""
    return written(Image.new("RGB", (220, 220), (number * 29 % 256, number * 67 % 256, 90)), "JPEG")


def from_a_phone(width=4000, height=3000):
    """A photo with as much detail as one of a market stall: about 4 MB at 12 megapixels."""
    random.seed(7)
    coarse = [Image.effect_noise((400, 300), 80).resize((width, height), Image.Resampling.BICUBIC) for _ in range(3)]
    fine = Image.effect_noise((width, height), 25)
    return written(Image.blend(Image.merge("RGB", coarse), Image.merge("RGB", [fine] * 3), 0.35), "JPEG", quality=88)


def with_place():
    """A JPEG that tells where, when and with what it was taken, and lies on its side."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x0132] = "Kamera Rahasia", 6, "2026:01:02 03:04:05"
    exif.get_ifd(0x8825).update({1: "S", 2: (6.0, 10.0, 30.0), 3: "E", 4: (106.0, 49.0, 30.0)})
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>Alamat Rahasia</x:xmpmeta>"
    return jpeg(exif=exif.tobytes(), xmp=xmp, comment=b"Komentar Rahasia")


def swapping_profile():
    """A colour profile like sRGB but for its red and blue, which stand for one another."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    at = {bytes(profile[place : place + 4]): place for place in range(132, 132 + 12 * count, 12)}
    red, blue = at[b"rXYZ"], at[b"bXYZ"]
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


def bomb(width=50_000, height=50_000):
    """A PNG of some kilobytes that would unpack to gigabytes of zeros."""
    row = b"\0" * (1 + width // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><script>alert(1)</script></svg>'
ZIP = b"PK\x05\x06" + b"\0" * 18
