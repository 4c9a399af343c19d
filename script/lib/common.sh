# Sourced by script/*: what they share.

die() {
    echo "$*" >&2
    exit 2
}

# The comment block at the head of a script is its help text.
usage() {
    sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$1"
}
