"""Importing a module must not make anything that later changes: server/compose.py builds all there is."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import modules

_MUTABLE_LITERALS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
_MUTABLE_TYPES = frozenset({"bytearray", "defaultdict", "deque", "dict", "list", "set"})
_IMMUTABLE_MAKERS = frozenset(
    {"ContextVar", "Enum", "NewType", "ParamSpec", "StrEnum", "TypeAdapter", "TypeVar"}
)


def test_no_module_keeps_state() -> None:
    found = [f"{module.path}:{finding}" for module in modules() for finding in _state_in(module.tree)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "sessions = {}",
        "sessions: dict[str, int] = {}",
        "waiting = deque()",
        "seen = collections.defaultdict(list)",
        "server = AsyncServer()",
        "if True:\n    peers = set()",
        "def f():\n    global count\n    count = 1",
    ],
)
def test_module_state_is_found(source: str) -> None:
    assert list(_state_in(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "LIMITS = {'a': 1}",
        "_MEANINGS: Mapping[str, int] = {}",
        "__all__ = ['a']",
        "logger = logging.getLogger(__name__)",
        "RoomId = NewType('RoomId', str)",
        "revision = '0001'",
        "def f():\n    seen = set()",
        "class A:\n    code = ErrorCode.CONFLICT",
    ],
)
def test_constants_and_locals_are_not_state(source: str) -> None:
    assert not list(_state_in(ast.parse(source)))


def _state_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield f"{node.lineno}: `global {', '.join(node.names)}`: pass it in instead"
    for statement in _run_at_import(tree.body):
        if isinstance(statement, ast.Assign | ast.AnnAssign) and _makes_state(statement):
            yield f"{statement.lineno}: `{ast.unparse(statement)[:60]}`: build it in server/compose.py and pass it in"


def _run_at_import(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in statements:
        yield statement
        if isinstance(statement, ast.If | ast.Try | ast.With | ast.For):
            yield from _run_at_import(statement.body)


def _makes_state(statement: ast.Assign | ast.AnnAssign) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if all(name.isupper() or name.startswith("__") for name in names):
        return False
    value = statement.value
    return isinstance(value, _MUTABLE_LITERALS) or (isinstance(value, ast.Call) and _makes_an_object(value))


def _makes_an_object(call: ast.Call) -> bool:
    name = ast.unparse(call.func).rpartition(".")[2]
    return name in _MUTABLE_TYPES or (name[:1].isupper() and name not in _IMMUTABLE_MAKERS)
