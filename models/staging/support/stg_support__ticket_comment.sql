{{ staged('support', 'ticket_comment') }}
