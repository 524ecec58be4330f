{{ staged('support', 'ticket_field_history') }}
