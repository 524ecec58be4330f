"""Who moderates: the roster, its moves, what people are like, and who is there for a language on a day."""

import duckdb

from plumbline.sample import plants, world

# What a moderator is like, by number.
KIND = "case i % 5 when 0 then 'fast' when 1 then 'careful' else 'balanced' end"
COACHING_ARM = """case i % 12
    when 3 then 'coached' when 9 then 'uncoached' when 5 then 'bad_month_coached' when 11 then 'bad_month' end"""


def make_people(connection: duckdb.DuckDBPyConnection, *, seed: int, moderators: int, days: int) -> None:
    """Make `people` (one row a moderator) and add their rows to the pending roster (one a moderator and period).

    A tenth are hired during the sample, most of Casablanca at once and nobody at Bogotá, a twentieth change team half
    way, a twentieth leave. Each has a type (fast, careful, balanced), and whether and how they are coached.
    """
    sites = world.repeated({name: site.weight for name, site in world.SITES.items()})
    connection.execute(
        """
        create table site as
        select * from (select unnest($1) as site_id, unnest($2) as vendor_id, unnest($3) as time_zone)
        """,
        [
            list(world.SITES),
            [site.vendor for site in world.SITES.values()],
            [site.time_zone for site in world.SITES.values()],
        ],
    )
    connection.execute(
        f"""
        create table people as
        with placed as (
            select
                i,
                'M' || lpad(cast(i as varchar), 5, '0') as moderator_id,
                $sites[1 + (i * 7) % len($sites)] as site_id,
                draw($seed, 'hired', i, 0) as hired_draw,
                draw($seed, 'moves', i, 0) as move_draw,
                draw($seed, 'tenure', i, 0) as tenure_draw
            from range($moderators) as r(i)
        )
        select
            i, moderator_id, site_id, vendor_id, time_zone,
            site_id || '-' || cast(1 + i % 3 as varchar) as team_id,
            cast(case
                when site_id = 'casablanca' and hired_draw < 0.7 then $first + cast($wave + i % $wave_days as integer)
                when hired_draw < 0.1 and site_id <> 'bogota'
                    then $first + cast(1 + floor(tenure_draw * $days * 0.6) as integer)
                else $first - cast(30 + floor(tenure_draw * 900) as integer)
            end as date) as hired_on,
            case when move_draw < 0.05 and $first + cast($days // 2 as integer) > hired_on
                then cast($first + cast($days // 2 as integer) as date) end as moved_on,
            case when move_draw > 0.95 and $first + cast($days * 2 // 3 as integer) > hired_on
                then cast($first + cast($days * 2 // 3 as integer) as date) end as left_on,
            {KIND} as kind,
            {COACHING_ARM} as coaching_arm,
            hash($seed, 'arm', i) % 2 = 1 as is_treated
        from placed inner join site using (site_id)
        """,
        {
            "sites": sites, "seed": seed, "moderators": moderators, "first": world.FIRST_DAY, "days": days,
            "wave": plants.HIRING_WAVE, "wave_days": plants.HIRING_WAVE_ENDS - plants.HIRING_WAVE + 1,
        },
    )  # fmt: skip
    connection.execute(
        """
        create table speaks as
        select moderator_id, i, site_id, vendor_id, hired_on, left_on, unnest(language_list) as language
        from people inner join (
            select unnest($1) as site_id, unnest($2) as language_list
        ) using (site_id)
        """,
        [list(world.SITES), [list(site.languages) for site in world.SITES.values()]],
    )
    connection.execute(
        """
        insert into pending_moderators by name
        with periods as (
            select *, hired_on as valid_from, team_id as team from people
            union all
            select *, moved_on, site_id || '-9' from people where moved_on is not null
            union all
            select *, left_on, team_id from people where left_on is not null
        )
        select
            moderator_id, valid_from, site_id, vendor_id, team as team_id,
            case when i % 25 = 0 then 'lead' else 'moderator' end as role,
            (select string_agg(language, ',' order by language) from speaks where speaks.moderator_id = p.moderator_id)
                as languages,
            cast(1 as decimal(9, 4)) as fte, hired_on,
            case when valid_from = left_on then left_on end as left_on,
            cast(null as date) as valid_to,
            greatest(valid_from, $first) as landed_on,
            'plain' as fate
        from periods as p
        """,
        {"first": world.FIRST_DAY},
    )


def present_by_language(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `present`, who works on each day of `day_load` for a language, in seats from 0, and `staff`, how many.

    Pool 1 is who is asked first for hard queues: Northgate's people, or all where it has none for the language. Rows,
    not lists: a join that carries lists copies a whole list for each of its rows.
    """
    connection.execute(
        """
        create or replace table present as
        with there as (
            select day, language, moderator_id, i, site_id, vendor_id,
                bool_or(vendor_id = 'northgate') over (partition by day, language) as has_northgate
            from day_load inner join speaks on hired_on <= day and (left_on is null or left_on > day)
        ), pooled as (
            select *, 0 as pool from there
            union all
            select *, 1 from there where vendor_id = 'northgate' or not has_northgate
        )
        select day, language, pool, moderator_id, i as moderator_number, site_id,
            row_number() over (partition by day, language, pool order by i) - 1 as seat
        from pooled;
        create or replace table staff as select day, language, pool, count(*) as seats from present group by all
        """
    )
