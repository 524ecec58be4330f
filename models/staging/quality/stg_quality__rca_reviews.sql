{{ staged('quality', 'rca_reviews') }}
