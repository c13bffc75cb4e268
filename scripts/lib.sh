# Shared by the scripts beside it; sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CARGO_LEPTOS_VERSION=0.3.11
WASM_BINDGEN_VERSION=$(sed -n 's/^wasm-bindgen = { version = "=\([0-9.]*\)".*/\1/p' Cargo.toml)
RUST_VERSION=$(sed -n 's/^rust-version = "\([0-9.]*\)"/\1/p' Cargo.toml)

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
die() { printf '\033[1;31merror:\033[0m %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The larger of two versions, to compare with.
newest() { printf '%s\n%s\n' "$1" "$2" | sort -V | tail -n 1; }

# Runs a command with the rights to install packages.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo; then sudo "$@"; else return 1; fi
}

# Says what is done and how long it took.
timed() {
  local what=$1 start=$SECONDS
  shift
  say "$what"
  "$@"
  printf '    done in %d min %02d s\n' $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60))
}

# The folder with initdb, postgres and pg_ctl, or nothing. A pg_ctl on the PATH may be a lone link into it.
postgres_bin() {
  local dir
  for dir in "${BELVEDERE_POSTGRES_BIN:-}" "$(dirname "$(readlink -f "$(command -v pg_ctl || echo /nowhere/x)")")" \
    "$(pg_config --bindir 2>/dev/null || true)" \
    $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | sort -rV); do
    if [ -n "$dir" ] && [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && [ -x "$dir/createdb" ]; then
      echo "$dir"
      return
    fi
  done
}

# Whether the toolchain in force is new enough and can build for the browser.
toolchain_fits() {
  local version sysroot
  version=$(rustc --version 2>/dev/null | cut -d' ' -f2) || return 1
  [ "$(newest "$version" "$RUST_VERSION")" = "$version" ] || return 1
  sysroot=$(rustc --print sysroot)
  compgen -G "$sysroot/lib/rustlib/wasm32-unknown-unknown/lib/libstd-*.rlib" >/dev/null
}

# Chooses the toolchain: the user's own where it fits, else the distribution's.
use_toolchain() {
  export PATH="$HOME/.cargo/bin:$PATH"
  toolchain_fits && return
  if have rustup && RUSTUP_TOOLCHAIN=stable toolchain_fits; then
    export RUSTUP_TOOLCHAIN=stable
    return
  elif have rustup && RUSTUP_TOOLCHAIN=debian toolchain_fits; then
    export RUSTUP_TOOLCHAIN=debian
  elif [ -x /usr/bin/rustc ] && PATH="/usr/bin:$PATH" toolchain_fits; then
    export PATH="/usr/bin:$PATH"
  else
    return 1
  fi
  # The distribution's rustc comes without a linker for wasm.
  local linker
  linker=$(compgen -c wasm-ld | sort -rV | head -n 1)
  [ -z "$linker" ] || export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$linker
}

# One build folder for every checkout: dependencies are compiled once.
use_target() {
  export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/belvedere/target}
  # What build scripts wrote names its folder: a build folder that was moved or copied here is worth nothing.
  if [ "$(cat "$CARGO_TARGET_DIR/location" 2>/dev/null || echo "$CARGO_TARGET_DIR")" != "$CARGO_TARGET_DIR" ]; then
    say "The build folder came from elsewhere: starting a new one"
    rm -rf "$CARGO_TARGET_DIR"
  fi
  mkdir -p "$CARGO_TARGET_DIR"
  echo "$CARGO_TARGET_DIR" >"$CARGO_TARGET_DIR/location"
  # Cargo takes an unchanged older file of this checkout for the one that another checkout built.
  if [ "$(cat "$CARGO_TARGET_DIR/checkout" 2>/dev/null)" != "$PWD" ]; then
    find src build.rs Cargo.toml migrations -type f -exec touch {} +
    pwd >"$CARGO_TARGET_DIR/checkout"
  fi
}

# Builds the server and the browser's part, optimised, with compressed copies of what browsers load: they are a third
# smaller than what the server could compress while somebody waits.
build_release() {
  cargo leptos build --release --split --precompress "$@"
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

# Starts a throw-away PostgreSQL under $work, reachable by the socket in $work/socket; removed with the script.
start_postgres() {
  local options=$1
  work=$(mktemp -d)
  pg=$(postgres_bin)
  trap stop_postgres EXIT
  chmod 755 "$work"
  mkdir "$work/socket" && chmod 777 "$work/socket"
  if [ "$(id -u)" = 0 ]; then install -d -o postgres "$work/pg"; fi
  as_postgres "$pg/initdb" -D "$work/pg" -U postgres --auth=trust -E UTF8 --locale=C.UTF-8 >/dev/null
  as_postgres "$pg/pg_ctl" -D "$work/pg" -w -l "$work/pg/log" \
    -o "-c listen_addresses='' -k $work/socket $options" start >/dev/null
}

stop_postgres() {
  as_postgres "$pg/pg_ctl" -D "$work/pg" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$work"
}

# The address of one database on it.
postgres_url() { echo "postgres://postgres@localhost/$1?host=$work/socket"; }
