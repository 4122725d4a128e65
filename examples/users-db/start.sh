#!/bin/sh
# Makes the database at the first start, and serves it on all of the container's addresses.
set -eu
data=/var/lib/users-db
bin=/usr/lib/postgresql/15/bin
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

as_postgres() {
    setpriv --reuid=postgres --regid=postgres --init-groups "$@"
}

if [ ! -s "$data/PG_VERSION" ]; then
    mkdir -p "$data"
    chown postgres:postgres "$data"
    password=$(mktemp)
    printf '%s\n' "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}" >"$password"
    chown postgres "$password"
    as_postgres $bin/initdb --pgdata="$data" --username="$user" --pwfile="$password" \
        --auth-host=scram-sha-256 --auth-local=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
    rm -f "$password"
    echo "host all all all scram-sha-256" >>"$data/pg_hba.conf"
    if [ "$database" != postgres ]; then
        echo "CREATE DATABASE \"$database\"" |
            as_postgres $bin/postgres --single -j -D "$data" postgres >/dev/null
    fi
fi
exec setpriv --reuid=postgres --regid=postgres --init-groups $bin/postgres -D "$data" \
    -c listen_addresses='*' -c unix_socket_directories=/tmp
