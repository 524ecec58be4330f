{{ staged('quality', 'scorecard_ratings') }}
