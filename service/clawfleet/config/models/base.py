"""What every section of openclaw.json shares: frozen, camelCase on disk, exact scalar types, no unknown keys.

`Section` refuses a key nobody knows; `OpenSection` (rows that other versions extend) keeps working and reports it.
Scalars are exact: the text "18789" is not a number here. Defaults live in these models and nowhere else.
"""

from typing import Annotated, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr
from pydantic.alias_generators import to_camel


class Section(BaseModel):
    """One object of the file. Read with the file's names or with Python's; never changed after loading."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )
    keeps_unknown: ClassVar[bool] = False


class OpenSection(Section):
    """An object whose unknown keys are reported and left out instead of refused."""

    keeps_unknown: ClassVar[bool] = True


def _id_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = StrictStr
Flag = StrictBool
Whole = StrictInt
Number = StrictFloat
Id = Annotated[StrictStr, BeforeValidator(_id_text)]
"""A name that people also write as a number: chat ids, sender ids."""
Seconds = Annotated[Number, Field(gt=0)]
