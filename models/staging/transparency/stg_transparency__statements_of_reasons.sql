{{ staged('transparency', 'statements_of_reasons') }}
