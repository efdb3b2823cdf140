"""What marketers and analysts see in a browser."""

from flask import Flask
from flask_smorest import Api

from api.pages.documentation import documentation
from api.pages.session import pages


def register(app: Flask, api: Api) -> None:
    """Add the pages and the documentation of the interface."""
    app.extensions["truelift_openapi"] = api.spec
    app.register_blueprint(pages)
    app.register_blueprint(documentation)
