# The portal as one static program, run by a user without rights, on a small
# image that has wget for the health check, a shell for the operator, and bash,
# which says whether it can read a recipe.
#
#     docker build --build-arg VERSION="$(git describe --tags --match 'v*' 2>/dev/null || echo dev)" -t hackfest .
#
# docs/operating.md says how to run it; docker-compose.yml does so beside a Postgres.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY internal internal
COPY migrations migrations
COPY static static
COPY templates templates
COPY web web
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /out/hackfest ./cmd/hackfest

FROM alpine:3.22
RUN apk add --no-cache bash ca-certificates
COPY --from=build /out/hackfest /usr/local/bin/hackfest
# The time zones are in the program. A new volume takes over owner and mode of this folder.
RUN mkdir -m 700 /var/lib/hackfest && chown 65532:65532 /var/lib/hackfest

USER 65532:65532
ENV HOME=/var/lib/hackfest \
    HACKFEST_DATA_DIR=/var/lib/hackfest \
    HACKFEST_LISTEN=0.0.0.0:8080 \
    HACKFEST_LOG=json
VOLUME /var/lib/hackfest
EXPOSE 8080
STOPSIGNAL SIGTERM
# /healthz answers while Postgres is away too: then pages say so, and the bot goes on.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["/usr/local/bin/hackfest"]
CMD ["serve"]
