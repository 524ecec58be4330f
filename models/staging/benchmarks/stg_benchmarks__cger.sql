{{ staged('benchmarks', 'cger') }}
