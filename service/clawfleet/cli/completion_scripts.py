"""The command tree as completion scripts for bash, zsh and fish. Pure.

The scripts hold the words themselves and start no Python: a completion that takes half a second is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import click

Shell = Literal["bash", "zsh", "fish"]
ROOT_FLAGS = (("--profile", "Another instance"), ("--dev", "The profile dev"))
"""Flags that are taken off the line before click sees it."""


@dataclass(frozen=True, slots=True)
class Words:
    """What can follow at one place of the command line: (word, what it is), and the values of options that have few."""

    commands: tuple[tuple[str, str], ...]
    flags: tuple[tuple[str, str], ...]
    values: Mapping[str, tuple[str, ...]]


def tree(root: click.Group) -> dict[str, Words]:
    """The words by place: `""` is the root, `"gateway status"` what follows those two."""
    found: dict[str, Words] = {}
    for place, command in _below(root, ""):
        words = _words(command)
        found[place] = words if place else Words(words.commands, (*ROOT_FLAGS, *words.flags), words.values)
    return found


def script(shell: Shell, words: Mapping[str, Words]) -> str:
    """The script for a shell."""
    return _SCRIPTS[shell](words)


def _below(command: click.Command, place: str) -> Iterator[tuple[str, click.Command]]:
    yield place, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from _below(child, f"{place} {name}".strip())


def _words(command: click.Command) -> Words:
    context = click.Context(command)
    names = command.list_commands(context) if isinstance(command, click.Group) else []
    children = [(name, command.get_command(context, name)) for name in names]  # type: ignore[attr-defined]
    options = [one for one in command.get_params(context) if isinstance(one, click.Option) and not one.hidden]
    flags = [(flag, option.help or "") for option in options for flag in option.opts if flag.startswith("--")]
    values = {
        flag: tuple(map(str, option.type.choices))
        for option in options
        if isinstance(option.type, click.Choice)
        for flag in option.opts
    }
    shown = tuple((name, child.get_short_help_str(60)) for name, child in children if child and not child.hidden)
    return Words(shown, tuple(flags), values)


def _bash(words: Mapping[str, Words]) -> str:
    def table(rows: Iterable[tuple[str, Iterable[str]]]) -> str:
        return "\n".join(f"    {_quoted(key)}) echo {_quoted(' '.join(found))} ;;" for key, found in rows)

    commands = table((place, (name for name, _ in here.commands)) for place, here in words.items() if here.commands)
    flags = table((place, (name for name, _ in here.flags)) for place, here in words.items() if here.flags)
    values = table(_choices(words))
    return f"""\
# openclaw completion for bash
_openclaw_commands() {{
  case "$1" in
{commands}
  esac
}}
_openclaw_flags() {{
  case "$1" in
{flags}
  esac
}}
_openclaw_values() {{
  case "$1" in
{values}
  esac
}}
_openclaw() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" at="" here word i
  here="$(_openclaw_commands "")"
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${{COMP_WORDS[i]}}"
    if [[ $word == --profile ]]; then ((i++)); continue; fi
    if [[ " $here " == *" $word "* ]]; then
      at="${{at:+$at }}$word"
      here="$(_openclaw_commands "$at")"
    fi
  done
  if [[ $current == -* ]]; then here="$(_openclaw_flags "$at")"; fi
  word="$(_openclaw_values "$at ${{COMP_WORDS[COMP_CWORD-1]}}")"
  COMPREPLY=($(compgen -W "${{word:-$here}}" -- "$current"))
}}
complete -o default -F _openclaw openclaw
"""


def _choices(words: Mapping[str, Words]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(place and option, the option's values) of every option that has few."""
    for place, here in words.items():
        for flag, choices in here.values.items():
            yield f"{place} {flag}", choices


_ZSH = """\
#compdef openclaw
# openclaw completion for zsh
_openclaw_here() {
  commands=() flags=()
  case "$1" in
@places@
  esac
}
_openclaw() {
  local at="" word i
  local -a commands flags values
  _openclaw_here ""
  for ((i = 2; i < CURRENT; i++)); do
    word="${words[i]}"
    if [[ $word == --profile ]]; then ((i++)); continue; fi
    if [[ $word != -* && -n "${commands[(r)${word}:*]}" ]]; then
      at="${at:+$at }$word"
      _openclaw_here "$at"
    fi
  done
  case "$at ${words[CURRENT-1]}" in
@values@
  esac
  if (( ${#values} )); then
    compadd -a values
  elif [[ "${words[CURRENT]}" == -* || ${#commands} -eq 0 ]]; then
    _describe -o 'option' flags
    _files
  else
    _describe 'command' commands
  fi
}
if [[ "${funcstack[1]}" == _openclaw ]]; then
  _openclaw "$@"
else
  (( ${+functions[compdef]} )) || { autoload -Uz compinit && compinit -i }
  compdef _openclaw openclaw
fi
"""


def _zsh(words: Mapping[str, Words]) -> str:
    places = "\n".join(
        f"    {_quoted(place)}) commands=({_rows(here.commands)}) flags=({_rows(here.flags)}) ;;"
        for place, here in words.items()
    )
    values = "\n".join(
        f"    {_quoted(key)}) values=({' '.join(map(_quoted, choices))}) ;;" for key, choices in _choices(words)
    )
    return _ZSH.replace("@places@", places).replace("@values@", values)


def _fish(words: Mapping[str, Words]) -> str:
    known = " ".join(_quoted(place) for place in words if place)
    return "\n".join(
        [
            "# openclaw completion for fish",
            "function __openclaw_at",
            f"    set -l known {known}",
            "    set -l at",
            "    set -l skip 0",
            "    for word in (commandline -opc)[2..-1]",
            "        if test $skip = 1",
            "            set skip 0",
            "            continue",
            "        end",
            '        if test "$word" = --profile',
            "            set skip 1",
            "            continue",
            "        end",
            '        if contains -- (string join -- " " $at $word) $known',
            "            set at $at $word",
            "        end",
            "    end",
            '    test "$at" = "$argv[1]"',
            "end",
            *(line for place, here in words.items() for line in _fish_rows(place, here)),
            "",
        ]
    )


def _fish_rows(place: str, here: Words) -> Iterator[str]:
    start = f"complete -c openclaw -n '__openclaw_at \"{place}\"'"
    if here.commands:
        yield f"{start} -f"
    for name, told in here.commands:
        yield f"{start} -a {name} -d {_quoted(told)}"
    for flag, told in here.flags:
        choices = f" -x -a {_quoted(' '.join(here.values[flag]))}" if flag in here.values else ""
        yield f"{start} -l {flag.removeprefix('--')} -d {_quoted(told)}{choices}"


_SCRIPTS: Mapping[Shell, Callable[[Mapping[str, Words]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}


def _rows(rows: tuple[tuple[str, str], ...]) -> str:
    return " ".join(_quoted(f"{name}:{told.replace(':', ' ')}") for name, told in rows)


def _quoted(text: str) -> str:
    """`text` in quotes that no shell looks into; what would end them looks alike."""
    return f"'{text.translate(_SOFT)}'"


_SOFT = str.maketrans({"'": "’", "\\": "/", "\n": " "})
