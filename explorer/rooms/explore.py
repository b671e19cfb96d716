"""Explore: click or drag in the latent space and see what the decoder makes of it."""

from __future__ import annotations

import streamlit as st

from explorer import assets, component, loader, state
from explorer.views.explore import RunView, explore_payload
from explorer.views.runs import run_text
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
    problem = loader.gallery_problem(run)
    if problem:
        st.caption(problem)
    views = {name: _view(found) for name, found in catalog.datasets[link.dataset].items()}
    payload = explore_payload(
        link,
        state.initial(),
        views,
        run.config.dataset["classes"],
        None if problem else assets.part_url(run, "gallery"),
        f"{assets.base_path()}/assets",
        DEFINITIONS,
    )
    component.show_explore(payload)


def _controls(catalog: loader.Catalog, runs: dict[str, list[str]]) -> None:
    with st.container(key="controls", horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.selectbox("Data set", list(runs), key="dataset", on_change=state.choose_dataset, args=(runs,), width=140)
        found = catalog.datasets[st.session_state["dataset"]]
        titles = {name: run_text(name, run.config.training, run.config.model.posterior).title for name, run in found.items()}
        if len(titles) <= SEGMENTS:
            st.segmented_control("Run", list(titles), key="run", format_func=titles.__getitem__, required=True)
        else:
            st.selectbox("Run", list(titles), key="run", format_func=titles.__getitem__, width=280)
        with st.container(key="appearance", horizontal=True, gap="medium", width="content"):
            st.selectbox("Colour by", list(COLOR_TITLES), key="color_by", format_func=COLOR_TITLES.__getitem__, width=160)
            st.selectbox(
                "Behind the points",
                list(BACKGROUND_TITLES),
                key="background",
                format_func=BACKGROUND_TITLES.__getitem__,
                width=176,
            )


def _view(run: loader.Run) -> RunView:
    text = run_text(run.name, run.config.training, run.config.model.posterior)
    figures = {name: run.metrics.get(name) for name in DEFINITIONS}
    return RunView(text.title, text.sentence, assets.part_url(run, "decoder"), assets.part_url(run, "latents"), figures)


def _nothing_to_show(catalog: loader.Catalog) -> None:
    st.title("No run to explore yet")
    st.markdown(f"There is no finished checkpoint in `{catalog.root}`. Train one, which takes under a minute, and reload:")
    st.code("python -m training fit --dataset mnist5k --epochs 20 --out checkpoints/mnist5k/elbo", language="bash")
