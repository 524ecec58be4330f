{{ staged('workforce', 'activity') }}
