{{ staged('support', 'satisfaction_rating') }}
