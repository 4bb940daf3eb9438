"""Budgets: what fits a screen can be read. There is no list of exceptions; over budget means split by intention."""

import ast
from collections.abc import Iterator

from tests.architecture.sources import Module, modules

MODULE_LINES = 400
BODY_LINES = 40
PARAMETERS = 7
UNTELLING_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "misc"})
SHADOWING_NAMES = frozenset({"http", "socket", "logging", "types"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_modules_fit_their_budget() -> None:
    over = [
        f"{module.path}:1: {module.lines} lines, budget {MODULE_LINES}: split by intention"
        for module in modules()
        if module.lines > MODULE_LINES
    ]
    assert not over, "\n".join(over)


def test_function_bodies_fit_their_budget() -> None:
    over = [
        f"{module.path}:{function.lineno}: {function.name} has {length} lines, budget {BODY_LINES}: split by intention"
        for module, function in _functions()
        if (length := _body_lines(function)) > BODY_LINES
    ]
    assert not over, "\n".join(over)


def test_functions_take_few_parameters() -> None:
    over = [
        f"{module.path}:{function.lineno}: {function.name} takes {count} parameters, budget {PARAMETERS}:"
        " split by intention, or give what belongs together a class"
        for module, function in _functions()
        if (count := _parameters(function)) > PARAMETERS
    ]
    assert not over, "\n".join(over)


def test_module_names_tell_their_content() -> None:
    wrong = [
        f"{module.path}: the name says nothing of its content: split by intention and name the parts"
        for module in modules()
        if UNTELLING_NAMES & set(module.path.with_suffix("").parts)
    ]
    assert not wrong, "\n".join(wrong)


def test_module_names_do_not_shadow_the_standard_library() -> None:
    wrong = [
        f"{module.path}: shadows a module of the standard library; name what it is for"
        for module in modules()
        if module.path.stem in SHADOWING_NAMES
    ]
    assert not wrong, "\n".join(wrong)


def test_a_body_is_counted_without_its_docstring() -> None:
    function = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    a = 1\n\n    return a\n').body[0]
    assert isinstance(function, ast.FunctionDef)
    assert _body_lines(function) == 3


def _functions() -> Iterator[tuple[Module, Function]]:
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, Function):
                yield module, node


def _body_lines(function: Function) -> int:
    """From the first statement after the docstring to the last line, blanks and comments between them included."""
    statements = function.body if ast.get_docstring(function) is None else function.body[1:]
    if not statements:
        return 0
    return (function.end_lineno or function.lineno) - statements[0].lineno + 1


def _parameters(function: Function) -> int:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return sum(argument.arg not in {"self", "cls"} for argument in named)
