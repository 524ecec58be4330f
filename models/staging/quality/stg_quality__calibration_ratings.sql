{{ staged('quality', 'calibration_ratings') }}
