"""What is planted in the made-up platform: for each effect where and when it is, why it is what happens, and its twin.

Days are numbers from `world.FIRST_DAY`. A twin is a slice as like the planted one as can be, in which nothing happens:
what finds an effect there is wrong. The SQL of this package reads the constants; docs/sample.md is made from `PLANTS`.
"""

from dataclasses import dataclass

# The day on which version 2 of the hate speech policy is in force (seeds/reference/policies.csv).
POLICY_CHANGE = 102
# These two, NEWEST_FIRST and STALE_GUIDELINE are Mondays, so that weekly marts have a before and an after.
MIX_SHIFT = 102
SHIFT = 60  # a Monday
AUTOMATION_TAKES_EASY = 123
HIRING_WAVE, HIRING_WAVE_ENDS = 80, 86
SPIKE, SPIKE_ENDS = 150, 152
ABSORBED, ABSORBED_ENDS = 60, 62
INCIDENT, INCIDENT_ENDS = 165, 166
NEWEST_FIRST = 144
STALE_GUIDELINE = 109
COACHING = 100
BAD_MONTH = 70
EXPERIMENT, EXPERIMENT_ENDS = 31, 73

# Numbers of moderators, people.i: two of Manila, of the balanced type (i % 5 of 2) and in no arm of coaching (i % 12).
SKIPPER, SKIPPER_TWIN = 22, 37
LENIENT_AUDITOR = 7


@dataclass(frozen=True)
class Plant:
    """One planted effect: its name in truths.json, what happens, why it is what happens, where, and the quiet twin."""

    name: str
    what: str
    why: str
    where: str
    twin: str
    needs_inference: bool = False


PLANTS = (
    Plant(
        "policy_change_at_one_site",
        "Accuracy on hate speech in Spanish falls at Lisbon once version 2 of the policy is in force.",
        "A site that was not trained applies the old wording.",
        "policy hate_speech, language es, site lisbon, from 2026-04-13",
        "the same policy and language at Bogotá",
        needs_inference=True,
    ),
    Plant(
        "mix_shift",
        "Accuracy of English falls while that of every queue improves: general video becomes sensitive video.",
        "Harder work grows faster than people get better; the total hides both.",
        f"language en, from day {MIX_SHIFT}",
        "language pt, which improves as much and keeps its mix",
    ),
    Plant(
        "automation_takes_easy_items",
        f"From day {AUTOMATION_TAKES_EASY} a classifier decides easy comments; those left to people take longer and go "
        "wrong more often.",
        "Automation takes what is easy first, so the people who are left look worse than they are.",
        "queue comments",
        "queue ads, as easy and hard as before",
    ),
    Plant(
        "hiring_wave",
        "Casablanca hires many at once; handling takes longer until they have learnt.",
        "A learning curve looks like a decline of a site.",
        "site casablanca, from day 80",
        "site bogota, of the same vendor, hires nobody more",
    ),
    Plant(
        "sla_breach",
        "Live streams come in at several times the volume for three days, and wait beyond their service level.",
        "An event draws viewers and reports faster than shifts can be moved.",
        "queue live, days 150 to 152",
        "queue comments has twice its volume on days 60 to 62 and keeps its service level",
    ),
    Plant(
        "cohort_turnaround",
        "Accounts are worked newest first and hard ones are left: the time of closed tasks falls, fewer of those that "
        "came in are ever decided.",
        "A target on the time of closed tasks is met by not closing the old ones.",
        f"queue accounts, from day {NEWEST_FIRST}",
        "queue ads",
    ),
    Plant(
        "shift_over_midnight",
        "A day at Manila begins eight hours before that of UTC: its shifts lie in two days of UTC.",
        "Hours are paid by the day of the site; decisions counted by another day are divided by other people's hours.",
        f"site manila, day {SHIFT}",
        "site dublin, whose winter days are those of UTC",
    ),
    Plant(
        "site_that_requeues",
        "Kuala Lumpur sends every seventh task back to its queue.",
        "Where speed is paid and a skip costs nothing, hard items go round.",
        "site kuala_lumpur",
        "site dublin",
    ),
    Plant(
        "moderator_who_skips",
        "One moderator skips most hard items, and looks fast.",
        "Cherry-picking: what is measured is what was kept.",
        f"moderator M{SKIPPER:05}",
        f"moderator M{SKIPPER_TWIN:05} of the same site, who skips as all do",
    ),
    Plant(
        "three_types_of_moderator",
        "A fifth is fast and careless, a fifth slow and careful, the rest between.",
        "People trade speed for care each in their own way.",
        "by moderator",
        "within a type speed and care go together no further",
        needs_inference=True,
    ),
    Plant(
        "experiment_with_effect",
        "Blurred thumbnails make handling an eighth shorter for the moderators treated.",
        "Less looking away from what one need not see.",
        "experiment blur_thumbnails",
        "experiment second_look, in which nothing changes",
        needs_inference=True,
    ),
    Plant(
        "experiment_with_broken_ratio",
        "More units are in the treated arm than were planned.",
        "Assignment that depends on what loads first: the arms are not comparable.",
        "experiment evidence_panel",
        "experiment second_look, split as planned",
        needs_inference=True,
    ),
    Plant(
        "coaching_that_works",
        "Moderators who were coached on day 100 make half as many errors after it.",
        "Coaching on a cause that is the moderator's own.",
        "moderators whose number is 3 of 12",
        "those of 9 of 12, as error-prone and not coached",
        needs_inference=True,
    ),
    Plant(
        "coaching_of_the_lowest",
        "The lowest scorers of a month are coached, and score as before that month, which they would have done anyway.",
        "Regression to the mean: who is picked for a bad month has a better one next.",
        "moderators whose number is 5 of 12, days 70 to 99",
        "those of 11 of 12, with the same bad month and no coaching",
        needs_inference=True,
    ),
    Plant(
        "targeted_audits",
        "Audits picked on suspicion find many errors; pooled with drawn ones they make accuracy far too low.",
        "What is picked because it looks wrong is wrong more often.",
        "all human decisions",
        "the audits that were drawn, weighted",
    ),
    Plant(
        "auditor_error",
        "Auditors miss some violations and see some that are not there: sensitivity 0.94, specificity 0.97.",
        "Audit truth is a judgement, too.",
        "all audits of one reviewer",
        "adjudicators, who do not err",
        needs_inference=True,
    ),
    Plant(
        "lenient_auditor",
        "One auditor, at one site, lets half of the errors pass.",
        "Who audits colleagues beside them wants no quarrel.",
        "auditor QA007, site bogota",
        "the other auditors of that site",
        needs_inference=True,
    ),
    Plant(
        "vendor_disputes_everything",
        "Palmera disputes nearly every error, and most are struck: final accuracy is far above initial.",
        "Where errors cost money, each is contested, and a tired arbiter gives in.",
        "vendor palmera",
        "vendor northgate, which disputes some and wins few",
    ),
    Plant(
        "better_vendor_on_harder_queues",
        "Northgate errs less than in-house on the same work, and more over all, since it has the harder queues.",
        "Work is given to who can do it; the total punishes them.",
        "vendor northgate beside in_house",
        "within a queue the sign is the same everywhere",
        needs_inference=True,
    ),
    Plant(
        "approvals_nobody_audited",
        "Audits of advertising are drawn from violations only: recall cannot be estimated.",
        "The frame was made of what was reported.",
        "queue ads",
        "queue accounts, drawn from all decisions",
    ),
    Plant(
        "errors_all_false_negatives",
        "Self-harm is missed and never wrongly found: what people decide as self-harm is, much "
        "of what is self-harm they do not see.",
        "Content that is coded looks harmless, and nobody removes it by mistake.",
        "policy self_harm",
        "policy violence, with errors of both kinds",
    ),
    Plant(
        "stale_guideline",
        "Moderators and auditors go by the same outdated guideline: audits are good; appeals are won and users "
        "unhappy.",
        "Audits measure agreement with the guideline, not with the world.",
        f"policy misinformation, market MX, from day {STALE_GUIDELINE}",
        "the same policy in market ID",
    ),
    Plant(
        "incident",
        "Scams flood accounts in the United States for two days: reports and tasks at many times the usual.",
        "A campaign starts before anyone has a name for it.",
        "policy scams, market US, days 165 and 166",
        "policy scams, market GB",
        needs_inference=True,
    ),
    Plant(
        "configuration_faults",
        "Of the settings that queues should have one is missing, one wrong and one set ten days late.",
        "Settings are changed by hand, at night, in a tool that asks no second person.",
        "queues live, video_sensitive and comments",
        "queues video_general, accounts, minor_safety and ads, set as expected",
    ),
)
