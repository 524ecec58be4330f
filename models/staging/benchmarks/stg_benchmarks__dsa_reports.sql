{{ staged('benchmarks', 'dsa_reports') }}
