#!/usr/bin/env bash
# install.sh run|test: installs the programs that the demo or the tests need and
# this machine lacks, if we are root on Debian or Ubuntu: after asking, or at once
# with YES=1 or in CI. Otherwise it says in one sentence what to install.
set -euo pipefail

for_run="postgresql ngircd"
for_test="postgresql ngircd inspircd atheme-services chromium procps npm nodejs khal"

# has PACKAGE: whether its program is here, wherever it came from.
has() {
  case $1 in
    postgresql)
      [ "$what" = run ] && [ -n "${DATABASE_URL:-}" ] && return 0
      [ -x "${PGBIN:-/nonexistent}/postgres" ] || command -v postgres >/dev/null ||
        compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || compgen -G '/usr/pgsql-*/bin/postgres' >/dev/null ||
        compgen -G '/opt/homebrew/opt/postgresql@*/bin/postgres' >/dev/null ||
        compgen -G '/usr/local/opt/postgresql@*/bin/postgres' >/dev/null ||
        compgen -G '/Applications/Postgres.app/Contents/Versions/*/bin/postgres' >/dev/null ;;
    procps) command -v ps >/dev/null ;;
    npm) command -v npm >/dev/null ;; # fetches axe-core, by which the tests in a browser judge pages, and ical.js
    nodejs) command -v node >/dev/null ;; # runs ical.js, which reads our calendars
    khal) command -v khal >/dev/null ;;   # reads them too
    ngircd | inspircd | atheme-services) command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] ;;
    chromium)
      command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
        [ -d "/Applications/Google Chrome.app" ] ;;
  esac
}

# quietly CMD…: runs it while the servers among the packages are kept from
# starting (Debian starts every server it installs; the IRC servers would take
# the port of the demo's). A policy of the machine's own is left alone.
quietly() {
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    echo "Until this is done, $policy keeps Postgres and the IRC servers from being started." >&2
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\n# Of tools/install.sh of hackfest, while it runs.\ncase $1 in ngircd|inspircd|atheme-services|postgresql*) exit 101;; esac\n' >"$policy"
    chmod 755 "$policy"
  fi
  "$@"
}

# install PACKAGE…: with apt-get. Ubuntu's Chromium has another name and is a
# snap, which a container cannot run, so the tests may have to do without.
install() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq -o Acquire::Retries=3
  local package name services=()
  for package in "$@"; do
    name=$package
    [ "$package" != chromium ] || apt-cache show chromium >/dev/null 2>&1 || name=chromium-browser
    if quietly apt-get install -y -qq -o Acquire::Retries=3 --no-install-recommends "$name" >/dev/null; then
      echo "Installed $name." >&2
      case $package in chromium | procps | npm | nodejs | khal) ;; *) services+=("$package") ;; esac
    elif [[ $package =~ ^(chromium|npm|nodejs|khal)$ ]] && [ -z "${CI:-}" ]; then
      echo "$name could not be installed; the tests that need it will be skipped." >&2
    else
      exit 1
    fi
  done
  [ ${#services[@]} -eq 0 ] || echo "No server was started. To keep them from starting with the machine: systemctl disable ${services[*]}" >&2
}

what=${1:-}
case $what in
  run) wanted=$for_run ;;
  test) wanted=$for_test ;;
  *) echo "usage: $0 run|test" >&2; exit 2 ;;
esac

lacking=()
for package in $wanted; do
  has "$package" || lacking+=("$package")
done
[ ${#lacking[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  if [ -n "${YES:-}" ] || [ -n "${CI:-}" ]; then
    install "${lacking[@]}"
    exit 0
  fi
  if [ -t 0 ]; then
    read -rp "Missing: ${lacking[*]}. Install with apt-get now? [Y/n] " answer
    case $answer in
      "" | [Yy]*)
        install "${lacking[@]}"
        exit 0
        ;;
    esac
  fi
fi

if command -v apt-get >/dev/null; then
  echo "Missing: ${lacking[*]}; install with \"apt-get install ${lacking[*]}\" as root, or let root run \"make $what YES=1\"." >&2
else
  echo "Missing: ${lacking[*]} (Postgres 15 or newer, the IRC server ngIRCd, for tests also InspIRCd 3, Atheme 7, the browser Chromium, npm, Node.js and khal); install with your package manager." >&2
fi
# The demo does without ngIRCd and says so, tests say what they skip; nothing runs without Postgres.
if [ "$what" = run ] && ! has postgresql; then
  echo "Or set DATABASE_URL to a Postgres that you have." >&2
  exit 1
fi
[ -z "${CI:-}" ] || exit 1
