"""Make docs/architecture.svg, the picture of docs/architecture.md: `python -m docs.make_architecture`."""

from __future__ import annotations

from pathlib import Path

PICTURE = Path(__file__).parent / "architecture.svg"
WIDTH, HEIGHT = 1180, 640
INK, MUTED, LINE, ROOM = "#1c2430", "#566070", "#c5ccd6", "#f3f5f8"
IMAGE, CODE = "#b54708", "#0f62b4"  # the way of one image, the way of one z

# A room: its folder or file, what it is for, and its box (x, y, width, height).
Box = tuple[int, int, int, int]
BUILDINGS: dict[str, tuple[str, Box]] = {
    "training/": ("learns", (16, 56, 324, 552)),
    "checkpoints/": ("plain files: the contract", (372, 56, 188, 552)),
    "explorer/": ("Python: looks up, lays out", (592, 56, 252, 552)),
    "explorer/web/": ("browser: decodes, draws, drags", (876, 56, 288, 552)),
}
ROOMS: dict[str, tuple[str, Box]] = {
    "training/data/": ("images x in [0, 1], labels, splits", (32, 104, 292, 56)),
    "training/aevb.py": ("the loop: minibatch, epsilon, step", (32, 192, 292, 56)),
    "training/model/": ("q(z|x), p(x|z), layers, networks", (32, 280, 292, 56)),
    "training/objective.py": ("w_rec · reconstruction + w_kl · KL", (32, 368, 292, 56)),
    "training/measure/": ("ELBO, log p(x), distances, variances", (32, 456, 292, 56)),
    "training/checkpoint.py": ("writes whole or not at all; reads", (32, 536, 292, 56)),
    "explorer/screens/": ("one file a page: its switches", (608, 104, 220, 56)),
    "explorer/views/": ("pure: arrays in, words out", (608, 208, 220, 56)),
    "explorer/routes/": ("arrays, answers, uploads", (608, 432, 220, 56)),
    "explorer/loader.py": ("the door to checkpoints", (608, 536, 220, 56)),
    "explorer/web/hosts/": ("the one that knows Streamlit", (892, 104, 256, 56)),
    "explorer/web/pages/": ("one folder a page", (892, 176, 256, 56)),
    "explorer/web/plane/": ("camera, gestures, points", (892, 248, 256, 56)),
    "explorer/web/run/": ("a run: its latents, its decoder", (892, 320, 256, 56)),
    "explorer/web/network/": ("the forward pass", (892, 392, 256, 56)),
    "explorer/web/maths/": ("densities, the ELBO, paths", (892, 464, 256, 56)),
    "explorer/web/dom/": ("canvas, theme, life cycle", (892, 536, 256, 56)),
}
FILES = (
    "config.json",
    "model.safetensors",
    "latents.safetensors",
    "trajectory.safetensors",
    "history.jsonl",
    "metrics.json",
    "README.md",
    "gallery.safetensors",
)
# Polylines with an arrow at their end, and the words beside them at a point.
Arrow = tuple[str, list[tuple[int, int]], str, tuple[int, int]]
ARROWS: list[Arrow] = [
    (IMAGE, [(100, 160), (100, 192)], "x", (108, 181)),
    (IMAGE, [(100, 248), (100, 280)], "x, epsilon", (108, 269)),
    (IMAGE, [(100, 336), (100, 368)], "mu, sigma, z, logits", (108, 357)),
    (IMAGE, [(264, 368), (264, 352), (333, 352), (333, 220), (324, 220)], "gradient", (270, 366)),
    (MUTED, [(32, 228), (24, 228), (24, 564), (32, 564)], "", (0, 0)),
    (MUTED, [(100, 512), (100, 536)], "metrics", (108, 528)),
    (MUTED, [(324, 564), (372, 564)], "", (0, 0)),
    (CODE, [(560, 564), (608, 564)], "", (0, 0)),
    (CODE, [(718, 536), (718, 488)], "weights, latents", (726, 516)),
    (CODE, [(828, 460), (860, 460), (860, 348), (892, 348)], "", (0, 0)),
    (MUTED, [(718, 208), (718, 160)], "words, payload", (726, 188)),
    (MUTED, [(828, 124), (892, 124)], "", (0, 0)),
    (MUTED, [(892, 142), (828, 142)], "", (0, 0)),
    (CODE, [(1120, 232), (1120, 248)], "", (0, 0)),
    (CODE, [(1120, 304), (1120, 320)], "", (0, 0)),
    (CODE, [(1120, 376), (1120, 392)], "", (0, 0)),
]
STEPS: list[tuple[str, int, tuple[int, int]]] = [
    *((IMAGE, number, place) for number, place in enumerate([(52, 132), (52, 220), (52, 308), (52, 396)], 1)),
    *((CODE, number, place) for number, place in enumerate([(392, 564), (628, 564), (628, 460), (912, 348)], 1)),
    *((CODE, number, place) for number, place in enumerate([(912, 276), (912, 204), (912, 420), (912, 564)], 5)),
]


def _text(x: int, y: int, words: str, size: int = 13, color: str = INK, weight: int = 400) -> str:
    escaped = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{color}">{escaped}</text>'


def _rect(box: Box, fill: str, radius: int = 8) -> str:
    x, y, width, height = box
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{fill}" stroke="{LINE}"/>'


def _arrow(arrow: Arrow) -> list[str]:
    color, points, words, (x, y) = arrow
    path = " ".join(f"{px},{py}" for px, py in points)
    head = {IMAGE: "image", CODE: "code", MUTED: "muted"}[color]
    line = f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2" marker-end="url(#{head})"/>'
    return [line, _text(x, y, words, 12, color)] if words else [line]


def _step(step: tuple[str, int, tuple[int, int]]) -> str:
    color, number, (x, y) = step
    dot = f'<circle cx="{x}" cy="{y}" r="11" fill="{color}"/>'
    return f'{dot}<text x="{x}" y="{y + 4}" font-size="12" fill="#fff" text-anchor="middle">{number}</text>'


def picture() -> str:
    """The picture as SVG."""
    heads = "".join(
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 8 4 0 8z" fill="{color}"/></marker>'
        for name, color in (("image", IMAGE), ("code", CODE), ("muted", MUTED))
    )
    parts = [f"<defs>{heads}</defs>", f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    parts += [_text(16, 30, "The way of one image, from data set to gradient", 15, IMAGE, 600)]
    parts += [_text(592, 30, "The way of one z, from checkpoint to pixel", 15, CODE, 600)]
    for name, (what, box) in BUILDINGS.items():
        parts += [_rect(box, ROOM, 12), _text(box[0] + 16, box[1] + 24, name, 15, INK, 600)]
        parts += [_text(box[0] + 16, box[1] + 41, what, 12, MUTED)]
    for row, file in enumerate(FILES):
        parts.append(_text(400, 160 + 30 * row, file))
    parts.append(_text(388, 132, "<data set>/<run>/", 13, INK, 600))
    for name, (what, box) in ROOMS.items():
        short = name.removeprefix("training/").removeprefix("explorer/").removeprefix("web/")
        parts += [_rect(box, "#fff"), _text(box[0] + 40, box[1] + 24, short, 14, INK, 600)]
        parts += [_text(box[0] + 40, box[1] + 43, what, 12, MUTED)]
    parts += [line for arrow in ARROWS for line in _arrow(arrow)] + [_step(step) for step in STEPS]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="system-ui, sans-serif" aria-label="The rooms of the project and the ways through them">'
    )
    return "\n".join([opening, *parts, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
