-- Question: since a policy has a new version, where did decisions get worse, beyond what happened in the rest?
--
-- dbt compile --select policy_change --vars '{changed_policy: hate_speech, changed_version: "2"}'
--
-- Reading: by site and language, the greatest fall first. `change_elsewhere` is that of all slices but this one, each
-- weighted by its audits: a fall that is only here is of people who did not take the change up, one that is
-- everywhere is of the wording. More false positives than before are the new wording read too widely; more false
-- negatives, the old one kept.
-- Limits: slices of fewer than 30 audits on a side have no row; one of many slices falls by chance, so the first row
-- is a candidate and no finding.
with slices as (
    select *
    from {{ ref('mart_policy_change_impact') }}
    where
        policy_code = {{ literal(var('changed_policy', 'hate_speech')) }}
        and policy_version = {{ literal(var('changed_version', '2')) }}
        and slice_type = 'site and language'
        and is_comparable
),

weighed as (
    select
        *,
        audits_before + audits_after as audits,
        sum(audits_before + audits_after) over () as audits_of_all,
        sum((audits_before + audits_after) * audit_accuracy_change) over () as change_of_all
    from slices
)

select
    slice,
    audits_before,
    audits_after,
    audit_accuracy_before,
    audit_accuracy_after,
    audit_accuracy_change,
    (change_of_all - audits * audit_accuracy_change) / nullif(audits_of_all - audits, 0) as change_elsewhere,
    false_positive_share_change,
    false_negative_share_change
from weighed
order by audit_accuracy_change, slice
