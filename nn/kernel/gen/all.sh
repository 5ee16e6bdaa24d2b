#!/bin/sh
# Writes every assembly file of package kernel; go generate there runs it.
set -eu
cd "$(dirname "$0")"
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
go build -o "$bin/gen" .
for family in $("$bin/gen" -list); do
	"$bin/gen" -pkg kernel -out "../${family}_amd64.s" -stubs "../${family}_stubs_amd64.go" "$family"
	"$bin/gen" -finish "../${family}_amd64.s"
done
go build -o "$bin/arm64" ./arm64
"$bin/arm64" ..
