"""What the browser is given for a page run by Streamlit's AppTest, which has none, and the address it is to write."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from explorer.views.parameters import written


def payload_of(app: AppTest) -> dict[str, Any]:
    """The data of the page's part in the browser."""
    [payload] = json.loads(app.get("bidi_component")[0].proto.json)
    assert isinstance(payload, dict)
    return payload


def app_address(app: AppTest) -> dict[str, str]:
    """Query parameters of the page as it opens; what explorer/web/hosts/address.js makes of the same data."""
    data = payload_of(app)
    state, parameters = data["state"], data["address"]["parameters"]
    params = {name: written(p["kind"], state[name]) for name, p in parameters.items() if state[name] != p["default"]}
    return {"dataset": state["dataset"], **params}
