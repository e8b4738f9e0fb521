"""Stripe's way of writing a tree in a form: `card[number]=…&expand[]=…`, and reading it strictly."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from stripesim.errors import InvalidParameters

PARAMETERS_MAX = 1000
DEPTH_MAX = 8
TEXT_LENGTH_MAX = 5000
METADATA_KEYS_MAX, METADATA_KEY_LENGTH_MAX, METADATA_VALUE_LENGTH_MAX = 50, 40, 500
INTEGER_DIGITS_MAX = 15


def parse(text: str) -> dict[str, Any]:
    """The tree that a form describes."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=PARAMETERS_MAX, errors="strict")
    except ValueError as error:
        raise InvalidParameters("The form could not be read.") from error
    tree: dict[str, Any] = {}
    for name, value in pairs:
        _plant(tree, name, value)
    return tree


def _plant(tree: dict[str, Any], name: str, value: str) -> None:
    path = _path(name)
    for step in path[:-1]:
        branch = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(branch, dict):
            raise InvalidParameters(f"'{name}' is given both as a value and as a hash.", param=name)
        tree = branch
    last = path[-1] or str(len(tree))
    if isinstance(tree.get(last), dict):
        raise InvalidParameters(f"'{name}' is given both as a value and as a hash.", param=name)
    tree[last] = value


def _path(name: str) -> list[str]:
    head, bracket, rest = name.partition("[")
    if not bracket:
        return [name]
    if not head or not rest.endswith("]") or rest.count("[") != rest.count("]") - 1:
        raise InvalidParameters(f"The brackets of '{name}' do not match.", param=name)
    path = [head, *rest[:-1].split("][")]
    if len(path) > DEPTH_MAX:
        raise InvalidParameters(f"'{head}' is nested too deeply.", param=head)
    return path


class Form:
    """One level of the tree. Reading says what is wrong with a value in Stripe's codes."""

    def __init__(self, tree: Mapping[str, Any], prefix: str = "") -> None:
        self._tree = tree
        self._prefix = prefix

    def __contains__(self, name: str) -> bool:
        return name in self._tree

    def __iter__(self) -> Iterator[str]:
        return iter(self._tree)

    def param(self, name: str) -> str:
        return f"{self._prefix}[{name}]" if self._prefix else name

    def allow(self, names: Collection[str]) -> None:
        for name in self._tree:
            if name not in names:
                param = self.param(name)
                message = f"The stand-in does not know the parameter '{param}'."
                raise InvalidParameters(message, code="parameter_unknown", param=param)

    def text(self, name: str, *, longest: int = TEXT_LENGTH_MAX) -> str | None:
        """A text; absent and empty are both None, as an empty value is how Stripe is told to unset one."""
        value = self._tree.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise InvalidParameters(f"'{self.param(name)}' must be a string.", param=self.param(name))
        if len(value) > longest:
            message = f"'{self.param(name)}' has more than {longest} characters."
            raise InvalidParameters(message, param=self.param(name))
        return value

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is not None:
            return value
        param = self.param(name)
        if name in self._tree:
            raise InvalidParameters(f"'{param}' is empty.", code="parameter_invalid_empty", param=param)
        raise InvalidParameters(f"Missing required parameter: {param}.", code="parameter_missing", param=param)

    def choice(self, name: str, among: Collection[str]) -> str | None:
        value = self.text(name)
        if value is not None and value not in among:
            message = f"'{self.param(name)}' must be one of {', '.join(sorted(among))}."
            raise InvalidParameters(message, param=self.param(name))
        return value

    def integer(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > INTEGER_DIGITS_MAX:
            param = self.param(name)
            raise InvalidParameters(f"Invalid integer: {param}.", code="parameter_invalid_integer", param=param)
        return int(value)

    def boolean(self, name: str) -> bool | None:
        value = self.choice(name, ("true", "false"))
        return None if value is None else value == "true"

    def hash(self, name: str) -> "Form | None":
        value = self._tree.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, dict):
            raise InvalidParameters(f"'{self.param(name)}' must be a hash.", param=self.param(name))
        return Form(value, self.param(name))

    def texts(self, name: str) -> list[str]:
        """An array of texts, written as `name[]` or `name[0]`."""
        inner = self.hash(name)
        return [] if inner is None else [inner.required(index) for index in inner]

    def metadata(self, before: Mapping[str, str] | None = None) -> dict[str, str]:
        """The metadata as it will be: given keys are set, keys given empty are unset, `metadata=` unsets all."""
        if self._tree.get("metadata") == "":
            return {}
        merged, inner = dict(before or {}), self.hash("metadata")
        for key in inner or ():
            value = inner.text(key, longest=METADATA_VALUE_LENGTH_MAX) if inner else None
            if len(key) > METADATA_KEY_LENGTH_MAX:
                raise InvalidParameters("A metadata key has more than 40 characters.", param="metadata")
            merged.pop(key, None)
            if value is not None:
                merged[key] = value
        if len(merged) > METADATA_KEYS_MAX:
            raise InvalidParameters("Metadata has more than 50 keys.", param="metadata")
        return merged
