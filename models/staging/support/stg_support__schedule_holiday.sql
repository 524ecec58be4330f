{{ staged('support', 'schedule_holiday') }}
