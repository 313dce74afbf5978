#!/bin/sh
# Who may post notifications, as an include for nginx or Caddy. Reads Microsoft's page from standard input:
# "Additional endpoints not included in the Microsoft 365 IP Address and URL Web service", the row
# "Microsoft Graph Change Notifications", as HTML, Markdown or copied text.
#
#   url=https://learn.microsoft.com/en-us/microsoft-365/enterprise/additional-office365-ip-addresses-and-urls
#   curl -fsS "$url" | sh sources.sh nginx public > sources.conf.new
#   curl -fsS "$url" | sh sources.sh caddy public > sources.caddy.new
#
# Second word: public, us-government or china. Microsoft changes the list, without a notice to you: refresh it every
# month, or leave the include out. A genuine notification is known by its client state, not by its address; an address
# that is missing here costs notifications, which only the nightly sweep brings back.
set -eu
proxy=${1:-} cloud=${2:-}
case $cloud in
public) heading='Public Cloud' ;;
us-government) heading='Microsoft Cloud for US Government' ;;
china) heading='Microsoft Cloud China' ;;
*) proxy= ;;
esac
case $proxy in
nginx | caddy) ;;
*)
    echo 'usage: sources.sh nginx|caddy public|us-government|china < page' >&2
    exit 2
    ;;
esac

# One line; from the row's name to its end; from the cloud's heading to the next one.
addresses=$(tr '\n' ' ' | awk -v heading="$heading" '{
    start = index($0, "Graph Change Notifications"); if (!start) exit
    row = substr($0, start)
    end = index(row, "TCP port 443"); if (!end) exit
    row = substr(row, 1, end - 1)
    at = index(row, heading); if (!at) exit
    row = substr(row, at + length(heading))
    next_at = index(row, "Microsoft Cloud"); if (next_at) row = substr(row, 1, next_at - 1)
    print row
}' | grep -oE '([0-9]{1,3}\.){3}[0-9]{1,3}(/[0-9]{1,2})?' | sort -u || true)

# A page that was not understood is a failure, never an empty list.
count=$(printf '%s\n' "$addresses" | grep -c . || true)
if [ "$count" -lt 4 ]; then
    echo "sources.sh: only $count addresses of $cloud found in the page: nothing written" >&2
    exit 1
fi

if [ "$proxy" = nginx ]; then
    printf '%s\n' "$addresses" | sed 's/.*/allow &;/'
    echo 'deny all;'
else
    printf '@strangers not remote_ip'
    printf ' %s' $addresses
    printf '\nhandle @strangers {\n\trespond 403\n}\n'
fi
