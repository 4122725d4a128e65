#!/bin/sh
# Makes the database at the first start, and serves it on all of the container's addresses.
set -eu
data=${PGDATA:-/var/lib/users-db}
bin=/usr/lib/postgresql/15/bin
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

if [ "$(id -u)" = 0 ]; then
    # PostgreSQL refuses root; a volume may have been made by it.
    install -d -o postgres -g postgres -m 700 "$data"
    exec setpriv --reuid=postgres --regid=postgres --init-groups sh "$0"
fi

if [ ! -d "$data/15" ]; then
    new=$data/new
    rm -rf "$new"
    umask 077
    printf '%s\n' "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}" >"$data/password"
    $bin/initdb --pgdata="$new" --username="$user" --pwfile="$data/password" --auth-host=scram-sha-256 \
        --auth-local=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
    rm "$data/password"
    echo "host all all all scram-sha-256" >>"$new/pg_hba.conf"
    if [ "$database" != postgres ]; then
        echo "CREATE DATABASE \"$database\"" | $bin/postgres --single -j -D "$new" postgres >/dev/null
    fi
    # Only now: a first start that was killed half-way begins anew.
    mv "$new" "$data/15"
fi
exec $bin/postgres -D "$data/15" -c listen_addresses='*' -c unix_socket_directories=/tmp
