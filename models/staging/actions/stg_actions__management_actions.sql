{{ staged('actions', 'management_actions') }}
