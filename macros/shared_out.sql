{#- A whole number shared out to rows by weights, in whole units that add up to it exactly: what each is due is
    rounded down, and the units left over go to the largest remainders (Hamilton's method of apportionment).
    A negative number is shared out as well.

    total: a whole number, the same in all rows of a group; NULL gives NULL
    share: a double, 0 to 1, that adds up to 1 in a group
    by: columns of a group
    tie: columns that settle equal remainders, unique within a group and never NULL -#}
{% macro shared_out(total, share, by, tie) -%}
    {%- set due = '(cast(' ~ total ~ ' as double) * ' ~ share ~ ')' -%}
    {%- set whole = 'cast(floor(' ~ due ~ ') as bigint)' -%}
    {{ whole }} + case
        when row_number() over (
            partition by {{ by | join(', ') }}
            order by
                {{ due }} - floor({{ due }}) desc
                {%- for column in tie %},
                {{ column }} asc nulls last
                {%- endfor %}
        ) <= {{ total }} - cast(sum({{ whole }}) over (partition by {{ by | join(', ') }}) as bigint) then 1
        else 0
    end
{%- endmacro %}
