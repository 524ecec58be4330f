-- Sites and vendors that no seed knows are a member of their own, as everywhere.
with roster as (
    {{ roster() }}
)

select
    roster.moderator_id,
    coalesce(sites.site_id, '(unmapped)') as site_id,
    coalesce(vendors.vendor_id, '(unmapped)') as vendor_id,
    roster.team_id,
    roster.role,
    roster.languages,
    roster.hired_on,
    roster.left_on,
    roster.valid_from,
    roster.valid_to
from roster
left join {{ ref('sites') }} as sites on roster.site_id = sites.site_id
left join {{ ref('vendors') }} as vendors on roster.vendor_id = vendors.vendor_id
