"""`python -m tests.fakes.telegram` serves the fake Bot API."""

from tests.fakes.serving import serve
from tests.fakes.telegram.app import make_app

if __name__ == "__main__":
    serve(make_app)
