"""The application for a WSGI server."""

import os

from api.app import create_app
from api.settings import Settings

app = create_app(Settings.from_environment(os.environ))
