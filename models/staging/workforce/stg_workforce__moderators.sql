{{ staged('workforce', 'moderators') }}
