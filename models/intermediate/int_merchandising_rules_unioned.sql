{{ config(materialized='view') }}

select
    'seed' as origin,
    {{ merchandising_columns() }}
from {{ ref('merchandising_rules') }}
{%- if var('merchandising_table') %}

union all

select
    'table' as origin,
    {{ merchandising_columns() }}
from {{ source('merchandising', 'rules') }}
{%- endif %}
