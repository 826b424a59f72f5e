# shellcheck shell=bash
# A PostgreSQL server of the tests' own: a throw-away cluster on loopback with TLS, never the system's service.
# Sourced by tests/run, which calls postgres_start once and postgres_stop on every way out.

# Where the logs go; set by tests/run.
: "${logs:?}"
postgres_pid=""
postgres_folder=""

# The newest installed server's folder of programs; empty if there is none. Debian keeps them out of PATH.
postgres_binaries() {
    local initdb
    initdb="$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)"
    [[ -z $initdb ]] || dirname "$initdb"
}

# Starts the server and exports where it is:
#   CARNET_TEST_POSTGRES             URL of a superuser, TCP, with a password; TLS is offered, not demanded
#   CARNET_TEST_POSTGRES_CA          the authority that signed the server's certificate (localhost and 127.0.0.1)
#   CARNET_TEST_POSTGRES_WRONG_CA    an authority that did not
#   CARNET_TEST_POSTGRES_OTHER_HOST  an address of the same server that its certificate does not name
#   CARNET_TEST_POSTGRES_BIN         the folder of psql
postgres_start() {
    local binaries password attempt
    # Without an owner the server's pid could not be known to be ours.
    [[ -z $postgres_pid ]] || return 0
    binaries="$(postgres_binaries)"
    password="$(openssl rand -hex 16)"
    postgres_folder="$(mktemp -d "${TMPDIR:-/tmp}/carnet-pg.XXXXXX")"
    chmod 0755 "$postgres_folder"
    postgres_certificates "$postgres_folder"
    postgres_cluster "$binaries" "$password"
    for attempt in 1 2 3 4 5; do
        local port=$((20000 + RANDOM % 12000))
        if postgres_listen "$binaries" "$port"; then
            export CARNET_TEST_POSTGRES="postgres://carnet:$password@127.0.0.1:$port/postgres"
            export CARNET_TEST_POSTGRES_CA="$postgres_folder/ca.crt"
            export CARNET_TEST_POSTGRES_WRONG_CA="$postgres_folder/wrong-ca.crt"
            export CARNET_TEST_POSTGRES_OTHER_HOST=127.0.0.2
            export CARNET_TEST_POSTGRES_BIN="$binaries"
            return 0
        fi
        echo "PostgreSQL did not start on port $port (attempt $attempt)" >&2
    done
    tail -n 20 "$logs/postgres.log" >&2
    fail "PostgreSQL does not start; its log is $logs/postgres.log"
}

postgres_stop() {
    if [[ -n $postgres_pid ]]; then
        # SIGINT is PostgreSQL's fast shutdown: it ends sessions and removes its shared memory.
        kill -INT "$postgres_pid" 2>/dev/null || true
        wait "$postgres_pid" 2>/dev/null || true
        postgres_pid=""
    fi
    if [[ -n $postgres_folder ]]; then rm -rf "$postgres_folder" && postgres_folder=""; fi
}

# PostgreSQL refuses to run as root; Debian's package brings the user `postgres`. Becomes the program itself (exec), so
# that its pid is ours, and is told by the kernel when this shell dies without a chance to stop it.
postgres_run() {
    local as_user=()
    [[ $EUID -ne 0 ]] || as_user=(--reuid=postgres --regid=postgres --init-groups)
    cd "$postgres_folder" && exec setpriv "${as_user[@]}" --pdeathsig INT env -i PATH="$PATH" LC_ALL=C.UTF-8 "$@"
}

postgres_cluster() {
    local binaries="$1" password="$2" data="$postgres_folder/data"
    mkdir -m 0700 "$data" "$postgres_folder/socket"
    (umask 077 && printf '%s' "$password" >"$postgres_folder/password")
    [[ $EUID -ne 0 ]] || chown -R postgres "$data" "$postgres_folder"/{socket,password,server.key}
    (postgres_run "$binaries/initdb" --pgdata="$data" --username=carnet --pwfile="$postgres_folder/password" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync) >"$logs/postgres.log" 2>&1 ||
        { cat "$logs/postgres.log" >&2 && fail "initdb failed"; }
    rm "$postgres_folder/password"
    cat >>"$data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1,127.0.0.2'
unix_socket_directories = '$postgres_folder/socket'
max_connections = 200
ssl = on
ssl_cert_file = '$postgres_folder/server.crt'
ssl_key_file = '$postgres_folder/server.key'
# Nothing here outlives the run.
fsync = off
synchronous_commit = off
full_page_writes = off
CONF
}

postgres_listen() {
    local binaries="$1" port="$2" waited
    postgres_run "$binaries/postgres" -D "$postgres_folder/data" -p "$port" >>"$logs/postgres.log" 2>&1 </dev/null &
    postgres_pid=$!
    for ((waited = 0; waited < 300; waited++)); do
        if ! kill -0 "$postgres_pid" 2>/dev/null; then
            postgres_pid=""
            return 1
        fi
        ! "$binaries/pg_isready" --quiet --host=127.0.0.1 --port="$port" || return 0
        sleep 0.1
    done
    kill -INT "$postgres_pid" 2>/dev/null || true
    wait "$postgres_pid" 2>/dev/null || true
    postgres_pid=""
    return 1
}

# Two authorities of two days; the keys that could sign more are deleted at once.
postgres_certificates() {
    local folder="$1"
    echo "subjectAltName = DNS:localhost, IP:127.0.0.1" >"$folder/server.ext"
    {
        postgres_authority "$folder/ca" "Carnet test authority" &&
            postgres_authority "$folder/wrong-ca" "Another test authority" &&
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=localhost" \
                -keyout "$folder/server.key" -out "$folder/server.csr" &&
            openssl x509 -req -in "$folder/server.csr" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -set_serial 1 \
                -days 2 -extfile "$folder/server.ext" -out "$folder/server.crt"
    } >"$logs/certificates.log" 2>&1 || { cat "$logs/certificates.log" >&2 && fail "openssl failed"; }
    chmod 0600 "$folder/server.key"
    rm "$folder"/{ca.key,wrong-ca.key,server.csr,server.ext}
}

postgres_authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$2" \
        -keyout "$1.key" -out "$1.crt"
}
