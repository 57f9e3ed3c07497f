-- Thousands of rows in every table, so that PostgreSQL plans as it does for many: dozens for each row that is referred
-- to, some without what may be absent, some deleted, all of one tenant. What they refer to isn't there, and some hold what
-- no spec allows.
SET session_replication_role = replica;

DO $$
DECLARE
    tables CURSOR FOR SELECT oid, oid::regclass AS name FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace;
    rule name;
    columns text;
    contents text;
BEGIN
    FOR tab IN tables LOOP
        FOR rule IN SELECT conname FROM pg_constraint WHERE conrelid = tab.oid AND contype = 'c' LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', tab.name, rule);
        END LOOP;
        SELECT string_agg(quote_ident(attname), ', '), string_agg(format('(CASE %s ELSE %s END)::%s',
            CASE WHEN attname = 'deleted_at' THEN 'WHEN g % 10 > 0 THEN NULL'
                 WHEN attnotnull THEN 'WHEN g = 0 THEN NULL'
                 ELSE 'WHEN g % 4 = 0 THEN NULL' END,
            CASE WHEN attname = 'id' AND ty = 'uuid' THEN 'md5(g::text)'
                 WHEN attname = 'version' THEN '1'
                 WHEN attname = 'tenant_id' THEN format('%L', lpad('', 32, '0'))
                 WHEN ty = 'uuid' THEN format('lpad((hashtext(g || %L) & 127)::text, 32, ''0'')', attname)
                 WHEN ty = 'text' THEN '''a'' || g'
                 WHEN ty = 'boolean' THEN 'g % 1000 = 0'
                 WHEN ty = 'date' THEN '''2026-01-01''::date + g'
                 WHEN ty = 'timestamp with time zone' THEN 'to_timestamp(g * 1000.0)'
                 WHEN ty = 'jsonb' THEN '''[]'''
                 WHEN ty = 'bytea' THEN ''''''
                 ELSE 'g % 100' END,
            ty), ', ')
        INTO columns, contents
        FROM pg_attribute CROSS JOIN format_type(atttypid, NULL) AS ty
        WHERE attrelid = tab.oid AND attnum > 0 AND attidentity = '' AND attgenerated = '';
        EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM generate_series(1, 3000) AS g ON CONFLICT DO NOTHING',
            tab.name, columns, contents);
    END LOOP;
END $$;

ANALYZE;
