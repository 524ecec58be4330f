{{ staged('support', 'ticket_links') }}
