"""The address that the browser is to write for a page run by Streamlit's AppTest, which has no browser."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from explorer.views.parameters import written


def app_address(app: AppTest) -> dict[str, str]:
    """Query parameters of the page as it opens; what explorer/web/hosts/address.js makes of the same data."""
    data = json.loads(app.get("bidi_component")[0].proto.json)[0]
    state, parameters = data["state"], data["address"]["parameters"]
    params = {name: written(p["kind"], state[name]) for name, p in parameters.items() if state[name] != p["default"]}
    return {"dataset": state["dataset"], **params}
