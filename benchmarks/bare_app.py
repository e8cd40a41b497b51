"""The yardstick: FastAPI with one route, under uvicorn with uvloop and httptools, nothing else."""

from __future__ import annotations

import argparse

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/readyz")
async def ready() -> dict[str, bool]:
    """The same probe as the gateway's."""
    return {"ready": True}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(app, port=parser.parse_args().port, loop="uvloop", http="httptools", log_level="warning")
