# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY crates ./crates
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked -p gemini-balance \
    && install -D target/release/gemini-balance /out/gemini-balance \
    && install -d -m 0700 /out/data

# No shell, no package manager, not root; certificate roots included.
FROM gcr.io/distroless/cc-debian12:nonroot
WORKDIR /app
COPY --from=build /out/gemini-balance /usr/local/bin/gemini-balance
COPY --from=build --chown=nonroot:nonroot /out/data /app/data
ENV LISTEN=0.0.0.0:8000 LOG_FORMAT=json
EXPOSE 8000
VOLUME ["/app/data"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/usr/local/bin/gemini-balance", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/gemini-balance"]
CMD ["serve"]
