#!/bin/sh
# Run once by the image postgres, on an empty database: the stages' user owns its database and nothing else.
set -eu
psql --set=ON_ERROR_STOP=1 --set=password="$(cat /run/secrets/state_password)" --username="$POSTGRES_USER" <<'SQL'
CREATE ROLE wenfeng LOGIN PASSWORD :'password';
CREATE DATABASE wenfeng OWNER wenfeng ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE wenfeng FROM PUBLIC;
SQL
