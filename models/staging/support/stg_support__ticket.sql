{{ staged('support', 'ticket') }}
