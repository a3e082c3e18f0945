"""Rules: comparisons of named values, such as ``a < b - 0.1 and picture == 'cat'``; all that a lesson file decides."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Value = float | str

_COMPARE: dict[type, Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_COMPUTE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul
}  # fmt: skip
_FORM = "write comparisons such as  a < b - 0.1 and picture == 'cat'"


@dataclass(frozen=True)
class Rule:
    """A comparison that holds or does not.

    Attributes:
        text: as it was written.
        names: the values that it needs.
    """

    text: str
    names: frozenset[str]

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether it holds; a value that is missing or not a number makes its comparison false.

        Args:
            values: by name; more than are needed do no harm.
        """
        return bool(_truth(ast.parse(self.text, mode="eval").body, values))


def read_rule(text: str) -> Rule:
    """Read a rule.

    Raises:
        ValueError: it is anything else than comparisons joined by ``and`` and ``or``.
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        raise ValueError(f"the rule {text!r} cannot be read; {_FORM}") from None
    if not isinstance(tree, ast.Compare | ast.BoolOp):
        raise ValueError(f"the rule {text!r} compares nothing; {_FORM}")
    _check(tree, text)
    return Rule(text, frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)))


def _check(node: ast.AST, text: str) -> None:
    allowed = (
        isinstance(node, ast.BoolOp | ast.And | ast.Or | ast.Name | ast.Load | ast.USub)
        or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub))
        or (isinstance(node, ast.Compare) and all(type(each) in _COMPARE for each in node.ops))
        or (isinstance(node, ast.BinOp) and type(node.op) in _COMPUTE)
        or (isinstance(node, ast.Constant) and type(node.value) in (int, float, str))
        or type(node) in _COMPARE
        or type(node) in _COMPUTE
    )
    if not allowed:
        raise ValueError(f"the rule {text!r} holds more than comparisons, +, - and *; {_FORM}")
    for child in ast.iter_child_nodes(node):
        _check(child, text)


def _truth(node: ast.AST, values: Mapping[str, Value]) -> bool:
    if isinstance(node, ast.BoolOp):
        found = (_truth(each, values) for each in node.values)
        return all(found) if isinstance(node.op, ast.And) else any(found)
    if not isinstance(node, ast.Compare):
        return False
    sides = [_value(each, values) for each in (node.left, *node.comparators)]
    if any(side is None or (isinstance(side, float) and math.isnan(side)) for side in sides):
        return False
    pairs = zip(node.ops, sides[:-1], sides[1:], strict=True)
    try:
        return all(_COMPARE[type(each)](left, right) for each, left, right in pairs)
    except TypeError:  # a text against a number
        return False


def _value(node: ast.AST, values: Mapping[str, Value]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return values.get(node.id)
    if isinstance(node, ast.UnaryOp):
        inside = _value(node.operand, values)
        return -inside if isinstance(inside, int | float) else None
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, values), _value(node.right, values)
        sound = isinstance(left, int | float) and isinstance(right, int | float)
        return _COMPUTE[type(node.op)](left, right) if sound else None
    return None
