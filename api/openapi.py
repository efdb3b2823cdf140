"""The OpenAPI document of the routes, made when somebody first asks for it."""

from threading import Lock
from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint


class DocumentedApi(Api):  # type: ignore[misc] # flask-smorest has no types
    """flask-smorest, answering errors as problem documents and describing itself late.

    Describing more than a hundred routes takes longer than all else that a start does, and
    most processes (a worker, a command) are never asked for it.
    """

    def __init__(self, app: Flask) -> None:
        self._lock = Lock()
        self._undescribed: list[Blueprint] = []
        super().__init__(app)

    def _register_error_handlers(self) -> None:
        """Leave the errors to ``api.errors``."""

    def register_blueprint(self, blueprint: Blueprint) -> None:
        """Have the application answer these routes."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._undescribed.append(blueprint)

    def document(self) -> dict[str, Any]:
        """The OpenAPI document of all routes."""
        with self._lock:
            while self._undescribed:
                self._describe(self._undescribed.pop(0))
            found: dict[str, Any] = self.spec.to_dict()
            return found

    def _describe(self, blueprint: Blueprint) -> None:
        name = blueprint.name
        blueprint.register_views_in_doc(self, self._app, self.spec, name=name, parameters=None)
        self.spec.tag({"name": name, "description": blueprint.description})
