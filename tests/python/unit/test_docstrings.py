"""Public functions of plumbline.statistics say what goes in, what comes out and what is refused."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable

import pytest

import plumbline.statistics


def public_functions() -> list[Callable[..., object]]:
    found = []
    for module in pkgutil.walk_packages(plumbline.statistics.__path__, "plumbline.statistics."):
        if module.name.endswith(".frames"):  # checks of input, for the modules themselves
            continue
        loaded = importlib.import_module(module.name)
        functions = [value for value in vars(loaded).values() if inspect.isfunction(value)]
        found += [one for one in functions if one.__module__ == loaded.__name__ and not one.__name__.startswith("_")]
    return found


@pytest.mark.parametrize("function", public_functions(), ids=lambda function: function.__name__)
def test_arguments_results_and_errors_are_said(function: Callable[..., object]) -> None:
    text = inspect.getdoc(function) or ""
    for section in ("Args:", "Returns:", "Raises:"):
        assert section in text
    for name in inspect.signature(function).parameters:
        assert f"    {name}: " in text


def test_there_are_functions_to_look_at() -> None:
    assert len(public_functions()) > 25
