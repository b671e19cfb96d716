"""What a file is that cannot be read as a picture, told by its first bytes, so that it can be named as such."""

from __future__ import annotations

SNIFFED = 512  # bytes that are looked at
CONVERT = "which cannot be read here: convert it to JPEG or PNG"
# Brands of files made of boxes (ISO 14496-12).
HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
AVIF = (b"avif", b"avis")
BEGINNINGS = (
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", f"a JPEG XL picture, {CONVERT}"),
    (b"\xff\x0a", f"a JPEG XL picture, {CONVERT}"),
    (b"v/1\x01", f"an OpenEXR picture, {CONVERT}"),
    (b"#?RADIANCE", f"a Radiance HDR picture, {CONVERT}"),
    (b"8BPS", f"a Photoshop picture, {CONVERT}"),
    (b"SIMPLE  =", "a FITS file, not a picture that can be read here; put its arrays in a file for npz:FILE"),
    (b"\x93NUMPY", "a NumPy array, not a picture; put its images in one file and use npz:FILE"),
    (b"\x89HDF\r\n", "an HDF5 file, not a picture; put its images in one file and use npz:FILE"),
    (b"PAR1", "a Parquet file, not a picture; use parquet:FILE"),
    (b"PK\x03\x04", "an archive, not a picture; unpack it"),
    (b"\x1f\x8b", "an archive, not a picture; unpack it"),
    (b"%PDF", "a PDF document, not a picture"),
    (b"%!PS", "a PostScript drawing, not a picture made of pixels"),
)


def what_it_is(beginning: bytes) -> str:
    """In words, a file that begins so and that Pillow does not know."""
    if not beginning:
        return "empty file"
    if beginning[4:8] == b"ftyp":
        brands = {beginning[8:12], *(beginning[at : at + 4] for at in range(16, 64, 4))}
        if brands & set(AVIF):
            return "an AVIF picture that is damaged, or that this Pillow cannot read (11.3 and later can)"
        if brands & set(HEIF):
            return f"a HEIC picture, {CONVERT}"
        return "a film, not a picture"
    if beginning[128:132] == b"DICM":
        return f"a DICOM picture, {CONVERT}"
    for known, what in BEGINNINGS:
        if beginning.startswith(known):
            return what
    if b"<svg" in beginning.lower():
        return "an SVG drawing, not a picture made of pixels: convert it to PNG"
    return "not a picture"
