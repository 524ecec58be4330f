{{ staged('experiments', 'assignments') }}
