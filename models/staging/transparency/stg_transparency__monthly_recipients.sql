{{ staged('transparency', 'monthly_recipients') }}
