# syntax=docker/dockerfile:1
# docker build --build-arg COMMIT="$(git rev-parse --short=12 HEAD)" -t atlas-audit .
# docker run --rm -e MONGODB_ATLAS_CLIENT_ID -e MONGODB_ATLAS_CLIENT_SECRET atlas-audit scan
#
# `--target ci` is the same with a shell, for GitLab and others that run their lines in the image.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# The repository itself is left out, and so nobody but the caller knows the commit.
ARG COMMIT=
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    ATLAS_AUDIT_COMMIT="$COMMIT" cargo install --locked --path . --root /out

# Certificates of authorities and a user without rights come with the base.
FROM gcr.io/distroless/cc-debian12:debug-nonroot AS ci
COPY --from=build /out/bin/atlas-audit /usr/local/bin/atlas-audit
WORKDIR /work
USER 65532
ENTRYPOINT ["atlas-audit"]

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/bin/atlas-audit /usr/local/bin/atlas-audit
WORKDIR /work
USER 65532
ENTRYPOINT ["/usr/local/bin/atlas-audit"]
