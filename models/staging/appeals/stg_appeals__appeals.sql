{{ staged('appeals', 'appeals') }}
