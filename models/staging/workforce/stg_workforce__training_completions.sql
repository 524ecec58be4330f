{{ staged('workforce', 'training_completions') }}
