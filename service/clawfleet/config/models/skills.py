"""`skills`: instructions that agents find as files. Source: tools-and-sessions §13."""

from pydantic import Field

from clawfleet.config.models.base import Flag, OpenSection, Text


class SkillsLoad(OpenSection):
    """Where skills are looked for besides the usual places."""

    extra_dirs: tuple[Text, ...] = Field((), description="Further directories of skills, after all others.")


class SkillEntry(OpenSection):
    """One skill."""

    enabled: Flag = Field(True, description="Whether agents have it.")


class Skills(OpenSection):
    """Instructions that agents find as files."""

    load: SkillsLoad = Field(SkillsLoad(), description="Where they are looked for.")
    entries: dict[str, SkillEntry] = Field({}, description="Single skills by name.")
