"""Lists of models are read in all the forms that servers use."""

from __future__ import annotations

import pytest

from clawfleet.models.offers import Offer, offers_in, shown_by_ollama

SEES = ("text", "image")


@pytest.mark.parametrize("tree", [None, "text", {}, {"data": 3}, {"error": "no"}])
def test_what_is_no_list_is_none(tree: object) -> None:
    assert offers_in(tree) is None


def test_names_are_found_wherever_they_stand_and_each_counts_once() -> None:
    rows = [{"name": "a"}, "b", {"id": ""}, {"x": 1}, 3, "b", {"key": "c"}, {"model_name": "d"}]
    assert offers_in({"models": rows}) == (Offer("a"), Offer("b"), Offer("c"), Offer("d"))
    assert offers_in(["a"]) == (Offer("a"),)


@pytest.mark.parametrize(
    ("row", "offer"),
    [
        ({"id": "m", "max_model_len": 7}, Offer("m", 7)),
        ({"id": "m", "meta": {"n_ctx_train": 7}}, Offer("m", 7)),
        ({"id": "m", "context_length": -1, "max_context_length": True}, Offer("m")),
        ({"id": "m", "loaded_context_length": 7, "max_context_length": 9}, Offer("m", 7)),
        (
            {
                "id": "m",
                "context_length": 7,
                "architecture": {"input_modalities": ["image", "text", "file"]},
                "top_provider": {"max_completion_tokens": 3},
                "supported_parameters": ["reasoning", "tools"],
            },
            Offer("m", 7, 3, SEES, True),
        ),
        ({"id": "m", "type": "vlm"}, Offer("m", input=SEES)),
        (
            {"id": "m", "type": "model", "display_name": "M", "capabilities": ["vision"]},
            Offer("m", input=SEES, name="M"),
        ),
    ],
)
def test_sizes_and_senses(row: object, offer: Offer) -> None:
    assert offers_in([row]) == (offer,)


@pytest.mark.parametrize("row", [{"id": "e", "type": "embeddings"}, {"id": "e", "model_info": {"mode": "embedding"}}])
def test_what_does_not_chat_is_left_out(row: object) -> None:
    assert offers_in([row]) == ()


def test_what_ollama_shows() -> None:
    offer, info = Offer("m"), {"llama.context_length": 7, "llama.block_count": 3}
    assert shown_by_ollama(offer, {"model_info": info}) == Offer("m", 7, input=("text",))
    shown = {
        "capabilities": ["completion", "vision", "thinking"],
        "model_info": info,
        "parameters": "num_ctx  9\nstop x",
    }
    assert shown_by_ollama(offer, shown) == Offer("m", 9, input=SEES, reasoning=True)
    assert shown_by_ollama(offer, {"capabilities": ["embedding"]}) is None
    assert shown_by_ollama(offer, None) is offer
