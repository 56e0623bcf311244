-- Run once by the superuser when the data folder is new (psql). Makes the database and its owner, who may make the services'
-- roles and schemas but is no superuser; `python -m services migrate` does the rest as that owner, so no container of ours
-- ever has the superuser's password.
\set ON_ERROR_STOP on
\set owner_password `cat /run/secrets/owner_password`

CREATE ROLE urunbeli_owner LOGIN CREATEROLE NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS PASSWORD :'owner_password';
CREATE DATABASE urunbeli OWNER urunbeli_owner TEMPLATE template0 ENCODING 'UTF8';

-- Whoever has a role of ours may connect to our database, and to no other.
REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;
REVOKE TEMPORARY ON DATABASE urunbeli FROM PUBLIC;
