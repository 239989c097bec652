"""HTTP headers that keep a page to itself: a strict content security policy."""

import base64
import hashlib
from collections.abc import Sequence
from http import HTTPStatus

import dash
import flask

# Before the first paint: the scheme of the page, and the clock's zone for times that the server writes.
HEAD_SCRIPT = """
(function () {
  var root = document.documentElement, scheme = null;
  try { scheme = localStorage.getItem("runoff-theme"); } catch (e) { /* storage is off: follow the system */ }
  if (scheme !== "light" && scheme !== "dark")
    scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.setAttribute("data-bs-theme", scheme);
  root.setAttribute("data-ag-theme-mode", scheme);
  var zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.cookie = "runoff-zone=" + zone + "; path=/; max-age=31536000; SameSite=Lax";
})();
"""


def content_security_policy(script_hashes: Sequence[str]) -> str:
    """Everything from this host; inline scripts by hash; inline styles, which plotly and AG Grid write."""
    digest = base64.b64encode(hashlib.sha256(HEAD_SCRIPT.encode()).digest()).decode()
    scripts = " ".join(["'self'", f"'sha256-{digest}'", *script_hashes])
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def send(app: dash.Dash) -> None:
    """Add the headers to every response; call it once all callbacks are registered."""
    policy = content_security_policy(app.csp_hashes())
    server: flask.Flask = app.server

    @server.after_request
    def add(response: flask.Response) -> flask.Response:
        if response.direct_passthrough and response.status_code == HTTPStatus.OK:
            response.direct_passthrough = False
            response.get_data()  # flask-compress, which comes next, would leave the file of a stream open
            response.close()
        response.headers.setdefault("Content-Security-Policy", policy)  # a file of others has a stricter one
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        if response.mimetype in {"text/html", "application/json"}:
            response.headers.setdefault("Cache-Control", "no-store")
            response.vary.update(["Accept-Language", "Cookie"])
        return response
