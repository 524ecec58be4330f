{{ staged('workforce', 'coaching_sessions') }}
