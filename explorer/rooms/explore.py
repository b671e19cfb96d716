"""Explore: click or drag in the latent space and see what the decoder makes of it."""

from __future__ import annotations

import streamlit as st

from explorer import assets, component, loader, state
from explorer.views.explore import RunView, explore_payload
from explorer.views.runs import RunText, run_text
from training.checkpoint import CheckpointError
from training.definitions import DEFINITIONS

COLOR_TITLES = {"label": "Class", "reconstruction": "Reconstruction", "kl": "KL", "width": "Posterior width"}
BACKGROUND_TITLES = {"nothing": "Nothing", "manifold": "Decoded manifold", "prior": "Prior contours"}
SEGMENTS = 6  # more runs than this do not fit a row of buttons


def page() -> None:
    """Lay out the page."""
    catalog = loader.catalog()
    for problem in catalog.problems:
        st.warning(problem, icon=":material/report:")
    if not catalog.datasets:
        _nothing_to_show(catalog)
        return
    runs = {dataset: list(found) for dataset, found in catalog.datasets.items()}
    for note in state.open_page(runs):
        st.toast(note, icon=":material/info:", duration="long")
    _controls(catalog, runs)
    link = state.current()
    run = catalog.datasets[link.dataset][link.run]
    try:
        count = loader.image_count(run)
        loader.load(run, "decoder")
    except CheckpointError as error:
        st.error(f"This run cannot be opened. {error}", icon=":material/error:")
        return
    if link.image is not None and link.image >= count:
        st.toast(f"image={link.image}: this run has images 0 to {count - 1}; none is selected", icon=":material/info:")
        state.drop_initial_image()
        link = state.current()
    no_gallery = loader.gallery_problem(run)
    if no_gallery:
        st.caption(no_gallery)
    views = {name: _view(found) for name, found in catalog.datasets[link.dataset].items()}
    payload = explore_payload(
        link,
        state.initial(),
        views,
        run.config.dataset["classes"],
        None if no_gallery else assets.part_url(run, "gallery"),
        f"{assets.base_path()}/assets",
        DEFINITIONS,
    )
    component.show_explore(payload)


def _controls(catalog: loader.Catalog, runs: dict[str, list[str]]) -> None:
    with st.container(key="controls", horizontal=True, gap="small"):
        st.selectbox("Data set", list(runs), key="dataset", on_change=state.choose_dataset, args=(runs,), width=120)
        titles = {name: _text(run).title for name, run in catalog.datasets[st.session_state["dataset"]].items()}
        if len(titles) <= SEGMENTS:
            st.segmented_control("Run", list(titles), key="run", format_func=titles.__getitem__, required=True)
        else:
            _choice("Run", titles, "run", 280)
    with st.container(key="appearance", horizontal=True, gap="small"):
        _choice("Colour by", COLOR_TITLES, "color_by", 152)
        _choice("Behind the points", BACKGROUND_TITLES, "background", 168)


def _choice(label: str, titles: dict[str, str], key: str, width: int) -> None:
    st.selectbox(label, list(titles), key=key, format_func=titles.__getitem__, width=width)


def _text(run: loader.Run) -> RunText:
    return run_text(run.name, run.config.training, run.config.model.posterior)


def _view(run: loader.Run) -> RunView:
    text = _text(run)
    figures = {name: run.metrics.get(name) for name in DEFINITIONS}
    return RunView(text.title, text.sentence, assets.part_url(run, "decoder"), assets.part_url(run, "latents"), figures)


def _nothing_to_show(catalog: loader.Catalog) -> None:
    st.title("No run to explore yet")
    st.markdown(
        f"There is no finished checkpoint in `{catalog.root}`. Train one, which takes under a minute, and reload:"
    )
    st.code("python -m training fit --dataset mnist5k --epochs 20 --out checkpoints/mnist5k/elbo", language="bash")
