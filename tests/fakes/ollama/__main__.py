"""`python -m tests.fakes.ollama` serves the fake provider."""

from tests.fakes.ollama.app import make_app
from tests.fakes.serving import serve

if __name__ == "__main__":
    serve(make_app)
