{{ config(materialized='incremental', incremental_strategy='append') }}

select
    setting,
    setting_value
from ({{ settings_sql(with_salt=not is_incremental()) }}) as settings
{% if is_incremental() %}
where setting not in (select stored.setting from {{ this }} as stored)
{% endif %}
