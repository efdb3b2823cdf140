"""The interface's own description: OpenAPI document and a page to read it."""

from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, current_app, render_template, send_from_directory

documentation = Blueprint("documentation", __name__)
# Swagger UI comes in a wheel; only the files the page needs are served.
ASSETS = frozenset({"swagger-ui.css", "swagger-ui-bundle.js"})


@documentation.get("/openapi.json")
def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    found: dict[str, Any] = current_app.extensions["truelift_openapi"].document()
    return found


@documentation.get("/docs")
def page() -> str:
    """The document as a page."""
    return render_template("documentation.html")


@documentation.get("/docs/<any('swagger-ui.css', 'swagger-ui-bundle.js'):name>")
def asset(name: str) -> Response:
    """Swagger UI's own files."""
    return send_from_directory(str(files("flask_swagger_ui") / "dist"), name)
