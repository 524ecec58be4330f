{{ staged('exposure', 'view_samples') }}
