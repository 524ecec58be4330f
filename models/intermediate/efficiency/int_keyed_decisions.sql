{{ decisions_in_context(ref('stg_moderation__decisions'), keyed=true) }}
