{{ staged('transparency', 'authority_orders') }}
