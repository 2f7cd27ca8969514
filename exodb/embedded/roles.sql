-- The two roles of ExoDB in PostgreSQL. Run by a superuser in ExoDB's database, as often as one likes, with psql:
--
--   exodb_owner   owns every table, sequence and function: migrates, dumps and restores
--   exodb_app     what web, worker, scheduler and commands connect as; `manage.py migrate` grants it what it needs
--
-- Passwords come from EXODB_OWNER_PASSWORD and EXODB_APP_PASSWORD; where they are not set, they stay as they are.
\set ON_ERROR_STOP on
\getenv owner_password EXODB_OWNER_PASSWORD
\getenv app_password EXODB_APP_PASSWORD

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('exodb roles')) \g /dev/null

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['exodb_owner', 'exodb_app']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE exodb_owner NOSUPERUSER CREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE exodb_app NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- The owner may try what the application may do; never the other way.
GRANT exodb_app TO exodb_owner;
\if :{?owner_password}
ALTER ROLE exodb_owner PASSWORD :'owner_password';
\endif
\if :{?app_password}
ALTER ROLE exodb_app PASSWORD :'app_password';
\endif

-- What somebody else made in our schema before there were roles becomes the owner's; extensions keep what is theirs.
SELECT format('ALTER %s %s OWNER TO exodb_owner', kind, name)
FROM (
    SELECT oid, 'pg_class'::regclass AS catalog, relowner AS owner, oid::regclass::text AS name,
        CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END
    FROM pg_class AS c
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
        -- The sequence of a column goes with its table.
        AND NOT EXISTS (
            SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype IN ('a', 'i')
                AND c.relkind = 'S'
        )
    UNION ALL
    SELECT oid, 'pg_proc'::regclass, proowner, oid::regprocedure::text, 'ROUTINE'
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS made (object, catalog, owner, name, kind)
WHERE owner <> 'exodb_owner'::regrole
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = catalog AND objid = object AND deptype = 'e') \gexec

-- Last, for a database that is the owner's is one where all of the above is done.
SELECT format('ALTER DATABASE %I OWNER TO exodb_owner', current_database()) \gexec
COMMIT;
