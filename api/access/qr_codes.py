"""QR codes as SVG, drawn here: no other service learns the text."""

from __future__ import annotations

import io

import segno


def qr_svg(text: str, scale: int = 4) -> str:
    """Return the QR code of a text, with error correction for a camera at an angle."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=scale, xmldecl=False)
    return out.getvalue().decode()
