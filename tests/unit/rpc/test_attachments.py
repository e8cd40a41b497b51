"""Only base64 pictures are pictures."""

import pytest

from clawfleet.core.errors import RequestError
from clawfleet.core.messages import Image
from clawfleet.rpc.attachments import Attachment, images_of


def test_a_picture_is_taken_as_it_is() -> None:
    item = Attachment(mime_type="image/png", content="AAAA")
    assert images_of([item]) == (Image("image/png", "AAAA"),)


@pytest.mark.parametrize(
    "item",
    [
        Attachment(mime_type="text/plain", content="AAAA"),
        Attachment(mime_type="image/png", content=1),
        Attachment(mime_type="image/png", content="A"),
    ],
)
def test_anything_else_is_refused(item: Attachment) -> None:
    with pytest.raises(RequestError):
        images_of([item])
