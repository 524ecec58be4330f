"""The made-up platform: its queues, policies, sites and how work is spread over them.

Weights are whole numbers; a draw indexes the list in which each name is repeated by its weight. The codes are those
of seeds/reference, which a test holds against this file.
"""

from dataclasses import dataclass
from datetime import date

FIRST_DAY = date(2026, 1, 1)


@dataclass(frozen=True)
class Queue:
    """A queue: its share of arrivals, speed, the share of its decisions that is audited, and how error-prone it is."""

    weight: int
    mean_wait_seconds: int
    median_handle_seconds: int
    violative_percent: int
    audit_probability: float
    error: float


QUEUES = {
    "video_general": Queue(34, 14_000, 70, 12, 0.02, 0.03),
    "video_sensitive": Queue(16, 9_000, 95, 38, 0.1, 0.22),
    "live": Queue(6, 500, 55, 25, 0.05, 0.05),
    "comments": Queue(22, 6_000, 25, 30, 0.03, 0.05),
    "accounts": Queue(10, 20_000, 110, 35, 0.03, 0.06),
    "minor_safety": Queue(5, 1_800, 120, 55, 0.06, 0.04),
    "ads": Queue(7, 18_000, 60, 15, 0.04, 0.04),
}
ESCALATIONS = Queue(0, 3_000, 240, 60, 0.08, 0.06)
# Of those queues that a truth is about; a test holds them against seeds/reference/queues.csv.
SLA_SECONDS = {"live": 1800, "comments": 28800}
# What handling time is cut to; escalations have no cap of their own, and an hour is theirs.
HANDLE_SECONDS_CAPS = {
    "video_general": 600,
    "video_sensitive": 900,
    "live": 600,
    "comments": 300,
    "accounts": 900,
    "minor_safety": 1200,
    "ads": 600,
}
HARD_QUEUES = ("video_sensitive", "minor_safety")
# Decisions under a policy that is watched are audited at this rate at least, in strata of their own.
WATCHED = {"hate_speech": 0.4, "self_harm": 0.15, "violence": 0.08, "misinformation": 0.35}
ESCALATIONS_AUDITED = 0.3  # of all, to know whether they were due

CONTENT_TYPES = {
    "video_general": "video",
    "video_sensitive": "video",
    "live": "live",
    "comments": "text",
    "accounts": "account",
    "minor_safety": "video",
    "ads": "image",
    "escalations": "video",
}

# language -> (weight, markets in which it is posted, repeated by weight)
LANGUAGES = {
    "en": (28, ["US", "US", "GB", "PH"]),
    "es": (14, ["MX", "MX", "ES", "US"]),
    "pt": (10, ["BR"]),
    "id": (10, ["ID"]),
    "vi": (7, ["VN"]),
    "ar": (9, ["EG", "EG", "FR"]),
    "tr": (6, ["TR"]),
    "de": (6, ["DE"]),
    "fr": (6, ["FR"]),
    "tl": (4, ["PH"]),
}

POLICIES = {
    "spam": 22,
    "harassment": 15,
    "adult_nudity": 15,
    "hate_speech": 12,
    "scams": 10,
    "violence": 9,
    "misinformation": 7,
    "minor_safety": 5,
    "self_harm": 5,
}

MEASURES = {"remove": 70, "restrict": 12, "age_restrict": 10, "label": 8}


@dataclass(frozen=True)
class Site:
    """A site: who runs it, its share of moderators, and the languages worked there."""

    vendor: str
    weight: int
    time_zone: str
    languages: tuple[str, ...]


SITES = {
    "dublin": Site("in_house", 15, "Europe/Dublin", ("en", "de", "fr", "ar")),
    "kuala_lumpur": Site("in_house", 15, "Asia/Kuala_Lumpur", ("en", "id", "vi")),
    "lisbon": Site("northgate", 20, "Europe/Lisbon", ("pt", "es", "fr", "de", "tr")),
    "manila": Site("northgate", 20, "Asia/Manila", ("en", "tl", "id", "vi")),
    "bogota": Site("palmera", 15, "America/Bogota", ("es", "en", "pt")),
    "casablanca": Site("palmera", 15, "Africa/Casablanca", ("ar", "fr", "es", "tr")),
}

# Arrivals by weekday (Monday first), in percent of the mean, and by UTC hour, in percent of the day.
WEEKDAYS = [97, 96, 98, 99, 104, 106, 100]
HOURS = [3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4]
HOLIDAYS = {date(2026, 1, 1), date(2026, 4, 5), date(2026, 5, 1)}

TASKS_WITH_A_HUMAN_DECISION = 0.62  # of all decisions, the roots that a moderator sees
AUTOMATED = 0.30  # of all decisions, those that automation takes without a queue


def repeated(weights: dict[str, int]) -> list[str]:
    """Each name as often as its weight says, in the order given."""
    return [name for name, weight in weights.items() for _ in range(weight)]
