"""A stand-in for the Hugging Face Hub: its HTTP interface on this machine, as far as models are pushed and pulled."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlparse

TOKEN = "hf_standin"  # noqa: S105
REPOSITORY = r"(?P<repo>[\w.-]+/[\w.-]+)"
LARGE = (".safetensors",)  # what the Hub stores apart from git


@dataclass
class Hub:
    """`files`: by repository and name; `private`: which it was told to hide; `address`: of the server."""

    address: str = ""
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    large: dict[str, bytes] = field(default_factory=dict)  # by SHA-256

    def commit(self, repo: str) -> str:
        """A name of what is there now, 40 digits as git's."""
        state = repr(sorted((name, hashlib.sha256(data).digest()) for name, data in self.files[repo].items()))
        return hashlib.sha1(state.encode(), usedforsecurity=False).hexdigest()


@contextmanager
def hub() -> Iterator[Hub]:
    """A Hub that is empty."""
    it = Hub()

    class Handler(_Handler):
        hub = it

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    it.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield it
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Keep silent."""

    def do_HEAD(self) -> None:
        self._get()

    def do_GET(self) -> None:
        self._get()

    def _get(self) -> None:
        path = unquote(urlparse(self.path).path)
        if found := re.fullmatch(rf"/api/models/{REPOSITORY}(/revision/(?P<revision>[^/]+))?", path):
            if self._may_see(found["repo"]) and self._knows(found["repo"], found["revision"]):
                self._answer(self._info(found["repo"]))
        elif found := re.fullmatch(rf"/{REPOSITORY}/resolve/(?P<revision>[^/]+)/(?P<name>.+)", path):
            if self._may_see(found["repo"]) and self._knows(found["repo"], found["revision"]):
                data = self.hub.files[found["repo"]].get(found["name"])
                if data is None:
                    self._refuse(404, "EntryNotFound")
                else:
                    sha = hashlib.sha256(data).hexdigest()
                    self._answer(data, {"X-Repo-Commit": self.hub.commit(found["repo"]), "ETag": f'"{sha}"'})
        else:
            self._refuse(404)

    def do_PUT(self) -> None:
        body = self._body()
        self.hub.large[hashlib.sha256(body).hexdigest()] = body
        self._answer({})

    def do_POST(self) -> None:
        path, body = unquote(urlparse(self.path).path), self._body()
        if path == "/api/validate-yaml":
            self._answer({"errors": [], "warnings": []})
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._refuse(401)
        elif path == "/api/repos/create":
            asked = json.loads(body)
            repo = f"{asked.get('organization') or 'me'}/{asked['name']}"
            there = repo in self.hub.files
            self.hub.files.setdefault(repo, {})
            if (asked.get("private") or asked.get("visibility") == "private") and not there:
                self.hub.private.add(repo)
            self._answer({"url": f"{self.hub.address}/{repo}"}, status=409 if there else 200)
        elif found := re.fullmatch(rf"/api/models/{REPOSITORY}/preupload/main", path):
            names = [file["path"] for file in json.loads(body)["files"]]
            modes = [{"path": name, "uploadMode": _mode(name), "shouldIgnore": False} for name in names]
            self._answer({"files": modes})
        elif found := re.fullmatch(rf"/{REPOSITORY}\.git/info/lfs/objects/batch", path):
            objects = json.loads(body)["objects"]
            ways = [{**one, "actions": {"upload": {"href": f"{self.hub.address}/large"}}} for one in objects]
            self._answer({"transfer": "basic", "objects": ways})
        elif found := re.fullmatch(rf"/api/models/{REPOSITORY}/commit/main", path):
            self._take(found["repo"], [json.loads(line) for line in body.splitlines()])
            oid = self.hub.commit(found["repo"])
            self._answer({"commitUrl": f"{self.hub.address}/{found['repo']}/commit/{oid}", "commitOid": oid})
        else:
            self._refuse(404)

    def _take(self, repo: str, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                self.hub.files[repo][value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                self.hub.files[repo][value["path"]] = self.hub.large[value["oid"]]

    def _info(self, repo: str) -> dict[str, Any]:
        files = [{"rfilename": name, "size": len(data)} for name, data in self.hub.files[repo].items()]
        return {"id": repo, "sha": self.hub.commit(repo), "siblings": files, "private": repo in self.hub.private}

    def _may_see(self, repo: str) -> bool:
        known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if repo in self.hub.files and (known or repo not in self.hub.private):
            return True
        self._refuse(404 if known else 401, "RepoNotFound")
        return False

    def _knows(self, repo: str, revision: str | None) -> bool:
        if revision in (None, "main", self.hub.commit(repo)):
            return True
        self._refuse(404, "RevisionNotFound")
        return False

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, what: Any, headers: dict[str, str] | None = None, status: int = 200) -> None:
        data = what if isinstance(what, bytes) else json.dumps(what).encode()
        self.send_response(status)
        told = {"Content-Length": str(len(data)), "Access-Control-Allow-Origin": "*", **(headers or {})}
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _refuse(self, status: int, code: str = "") -> None:
        self._answer({"error": code or "refused"}, {"X-Error-Code": code} if code else {}, status)


def _mode(name: str) -> str:
    return "lfs" if name.endswith(LARGE) else "regular"
