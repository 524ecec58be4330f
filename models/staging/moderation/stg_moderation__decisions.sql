{{ staged('moderation', 'decisions', also_exclude=ref('impossible_moderation__decisions')) }}
