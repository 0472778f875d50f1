"""HTTP routes in Python sources."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.routes import routes

DECLARED = {
    "FastAPI": ('@app.get("/a", tags=["x"])\nasync def a(q: int = 1) -> str: ...\n', ["GET /a"]),
    "router": ('@router.post("")\ndef a(): ...\n', ["POST "]),
    "Flask": ('@bp.route("/a", methods=["POST"])\ndef a(): ...\n', ["ROUTE /a"]),
    "Ninja": ('@api.put("a/{id}")\ndef a(request, id: int): ...\n', ["PUT a/{id}"]),
    "Starlette": ('routes = [Route("/a", a), Route("/b", b)]\n', ["ROUTE /a", "ROUTE /b"]),
    "call": ('app.add_api_route("/a", a)\n', ["ROUTE /a"]),
    "keyword": ('@app.get(path="/a")\ndef a(): ...\n', ["GET /a"]),
    "hidden": ('@app.get("/a", include_in_schema=False)\ndef a(): ...\n', []),
    "mock": ('@mock.patch("os.path")\ndef a(): ...\n', []),
    "cache": ('@cache.get("key")\ndef a(): ...\n', []),
    "no decorator": ('app.get("/a")\n', []),
    "over lines": ('@ app.\\\nget("/a")\ndef a(): ...\n', ["GET /a"]),
    "in brackets": ('class A:\n  @(\n    app.get("/a"))\n  def a(): ...\n', ["GET /a"]),
    "spaced": ('if 1:\n\t@app . get ("/a")\n\tdef a(): ...\n', ["GET /a"]),
    "from a list": ('@[app][0].post("/a")\ndef a(): ...\n', ["POST /a"]),
    "verb on a later line": ('@app.api_route(\n  "/a").get\ndef a(): ...\n', []),
    "broken": ('@app.get("/a"\n', []),
}


@pytest.mark.parametrize("name", DECLARED)
def test_routes(name: str) -> None:
    text, titles = DECLARED[name]
    assert [route.title for route in routes(text)] == titles


def test_formatting_is_no_change() -> None:
    one = routes('@app.get("/a", x=1)\ndef a(q: int): ...\n')
    two = routes("@app.get(\n    '/a',\n    x=1,\n)\ndef a(\n    q: int,\n): return 1\n")
    assert one[0].meaning == two[0].meaning


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    assert routes("@" + text) is not None
