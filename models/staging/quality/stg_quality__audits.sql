{{ staged('quality', 'audits') }}
