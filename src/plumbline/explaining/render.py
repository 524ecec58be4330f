"""An explanation as text, HTML or JSON."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import jinja2

from plumbline.explaining.explanation import Explanation


def as_json(explanation: Explanation) -> str:
    """All of it, days as YYYY-MM-DD."""
    return json.dumps(explanation.as_dict(), indent=2, ensure_ascii=False, default=_plain)


def as_text(explanation: Explanation) -> str:
    """For a terminal."""
    return _rendered("explanation.txt", explanation)


def as_html(explanation: Explanation) -> str:
    """One page that needs nothing else."""
    return _rendered("explanation.html", explanation)


def _rendered(template: str, explanation: Explanation) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("plumbline.explaining"),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(["html"], default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    unit = str(explanation.metric["unit"])
    environment.filters |= {"number": lambda value: _number(value, unit), "count": _count}
    return environment.get_template(template).render(**explanation.as_dict()).strip() + "\n"


def _number(value: float | Decimal | None, unit: str) -> str:
    """A value in its unit: shares as percentages with two decimals, others with up to four decimals."""
    if value is None:
        return "none"
    if unit == "share":
        return f"{100 * float(value):.2f} %"
    said = f"{float(value):,.4f}".rstrip("0").rstrip(".")
    return said if unit == "coefficient" else f"{said} {unit}"


def _count(value: float | Decimal | None) -> str:
    return "none" if value is None else f"{float(value):,.6f}".rstrip("0").rstrip(".")


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{value!r} has no place in JSON")
