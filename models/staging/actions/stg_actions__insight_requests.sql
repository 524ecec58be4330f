{{ staged('actions', 'insight_requests') }}
