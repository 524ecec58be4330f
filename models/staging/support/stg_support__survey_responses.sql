{{ staged('support', 'survey_responses') }}
