"""Runs a function in JavaScript on whole arrays, sent and brought back as bytes: as numbers they would take seconds."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from playwright.sync_api import Page

from tests.javascript import JavaScript

CALL = """
async (given) => {
  const kinds = { "|u1": Uint8Array, "<f4": Float32Array, "<f8": Float64Array };
  const arrays = Object.fromEntries(Object.entries(given).map(([name, value]) => {
    if (!value?.kind) return [name, value];
    return [name, new kinds[value.kind](Uint8Array.from(atob(value.bytes), (c) => c.charCodeAt(0)).buffer)];
  }));
  const packed = (value) => {
    if (!ArrayBuffer.isView(value)) return value;
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return { kind: Object.keys(kinds).find((name) => value instanceof kinds[name]), bytes: btoa(text) };
  };
  const found = await (%s)(arrays);
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, packed(value)]));
}
"""


def compute(place: Page | JavaScript, function: str, **given: Any) -> dict[str, Any]:
    """What the JavaScript `function` gives for one object: in it and in the object it gives, arrays are typed and flat.

    It runs in a page, or in Deno where it needs none. Arrays of uint8, float32 and float64 are passed; whatever else
    is passed goes as JSON.
    """
    found = place.evaluate(CALL % function, {name: _packed(value) for name, value in given.items()})
    return {name: _unpacked(value) for name, value in found.items()}


def _packed(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    return {"kind": value.dtype.str, "bytes": base64.b64encode(np.ascontiguousarray(value)).decode()}


def _unpacked(value: Any) -> Any:
    if not isinstance(value, dict) or "kind" not in value:
        return value
    return np.frombuffer(base64.b64decode(value["bytes"]), value["kind"]).copy()  # which torch may take
