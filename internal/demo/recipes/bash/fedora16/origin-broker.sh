#!/bin/bash
# Turns a bare Fedora 16 into a broker of OpenShift Origin that a node can join.
#
# Target: openshift-origin
# Smallest: m1.xlarge
# Ports: 22, 53, 53/udp, 80, 443, 5672
set -eu

# Where applications get their names: NAME.DOMAIN.
DOMAIN="${DOMAIN:-cloud.example.org}"
# Networks that nodes are in.
NODES="${NODES:-10.0.0.0/8}"
# A mirror near you halves the time; without one, Fedora's own are asked.
MIRROR="${MIRROR:-}"

# An m1.large ran out of memory in the middle of the installation.
if [ "$(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo)" -lt 3500 ]; then
    echo "origin-broker: this instance is too small, start an m1.xlarge" >&2
    exit 1
fi
# The packages are built for 16; on 17 they stop at rubygem-passenger.
if ! grep -q 'release 16' /etc/fedora-release; then
    echo "origin-broker: this is not Fedora 16" >&2
    exit 1
fi

if [ -n "$MIRROR" ]; then
    sed -i -e "s|^#*baseurl=.*releases|baseurl=$MIRROR/releases|" -e 's|^mirrorlist=|#&|' /etc/yum.repos.d/fedora.repo
fi

ntpdate -u pool.ntp.org # mcollective drops what is older than a minute
hostname "broker.$DOMAIN"

yum -y install mongodb-server bind qpid-cpp-server mcollective openshift-origin-broker

# BIND first: the broker asks for its own name while it is set up.
systemctl enable named.service
systemctl start named.service
for try in $(seq 30); do
    if host "broker.$DOMAIN" 127.0.0.1 > /dev/null; then
        break
    fi
    echo "origin-broker: waiting for BIND, $try"
    sleep 2
done

iptables -I INPUT -p tcp --dport 5672 ! -s "$NODES" -j DROP

for unit in mongod qpidd openshift-origin-broker httpd; do
    systemctl enable "$unit.service"
    systemctl start "$unit.service"
done
echo "origin-broker: ready at https://broker.$DOMAIN/"
