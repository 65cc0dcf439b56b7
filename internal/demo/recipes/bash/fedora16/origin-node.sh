#!/bin/bash
# Turns a bare Fedora 16 into a node that joins a broker of OpenShift Origin.
#
# Target: openshift-origin
# Smallest: m1.xlarge
# Ports: 22, 80, 443
set -eu

BROKER="${BROKER:?the private address of the broker}"
DOMAIN="${DOMAIN:-cloud.example.org}"
# Space for each application, in MB.
QUOTA=1024

ntpdate -u pool.ntp.org # mcollective drops what is older than a minute
echo "$BROKER broker.$DOMAIN" >> /etc/hosts

# Each application is a system user; without quotas one of them can fill the
# disk. / has to be mounted with them before quotacheck runs.
sed -i -e 's|^\(\S\+\s\+/\s\+\S\+\s\+\)\(\S\+\)|\1\2,usrquota|' /etc/fstab
mount -o remount /
quotacheck -cmug / || echo "origin-node: quotas need a restart on this image" >&2

yum -y install mcollective rhc-node cronie
cat > /etc/mcollective/server.cfg <<CONF
connector = qpid
plugin.qpid.host = broker.$DOMAIN
CONF
echo "$QUOTA" > /etc/openshift-quota

for unit in cgconfig cgred mcollective httpd; do
    systemctl enable "$unit.service"
    systemctl start "$unit.service"
done
