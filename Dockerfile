# One image for every process of the shop; docker-compose.yml says which command each runs.
FROM python:3.11-slim-bookworm AS build
WORKDIR /shop
COPY requirements.lock .
RUN python -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r requirements.lock

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 kale && install --directory --owner=kale /outside
WORKDIR /shop
COPY --from=build /shop/.venv .venv
COPY kalecart kalecart
COPY web web
COPY workers workers
COPY scheduler scheduler
COPY commands commands
COPY local local
# The promises, which the shop shows with what proves them.
COPY docs/policy.md docs/policy.md
USER kale
ENV PATH=/shop/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2
EXPOSE 8000
CMD ["python", "-m", "web"]
