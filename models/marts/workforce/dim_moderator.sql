{{ config(materialized='table', group='people', access='private') }}

with roster as (
    select * from {{ ref('int_roster') }}
),

people as (
    select
        person_id,
        person_key
    from {{ ref('int_people') }}
)

select
    people.person_key as moderator_key,
    roster.site_id,
    roster.vendor_id,
    roster.team_id,
    roster.role,
    roster.hired_on,
    roster.left_on,
    roster.valid_from,
    roster.valid_to
from roster
inner join people on roster.moderator_id = people.person_id
union all
select
    member.moderator_key,
    member.moderator_key as site_id,
    member.moderator_key as vendor_id,
    member.moderator_key as team_id,
    cast(null as varchar),
    cast(null as date),
    cast(null as date),
    date '0001-01-01',
    {{ forever() }}
from (
    select '(unmapped)' as moderator_key
    union all
    select '(automated)'
) as member
