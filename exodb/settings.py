"""Settings, from the environment alone: `docs/operations.md` lists every variable.

Two ways to run. *Embedded* (neither DATABASE_URL nor SECRET_KEY set): friendly defaults for one machine.
*Served* (SECRET_KEY set): strict defaults, and a clear refusal to start where a needed value is missing.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
import pghistory
from celery.schedules import crontab
from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from exodb.embedded import places

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DATA_DIR = Path(env("EXODB_DATA", default=str(BASE_DIR / "var"))).resolve()
EMBEDDED = "SECRET_KEY" not in env.ENVIRON
DEBUG = env.bool("DEBUG", default=False)

SECRET_KEY = places.secret_key(DATA_DIR) if EMBEDDED else env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if EMBEDDED else [])
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is empty: name the hosts that ExoDB is served at, comma-separated.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)

INSTALLED_APPS = [
    "apps.desk.config.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "pghistory",
    "pgtrigger",
    "corsheaders",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "apps.records",
    "apps.people",
    "apps.terms",
    "apps.studies",
    "apps.vesicles",
    "apps.citations",
    "apps.claims",
    "apps.synthesis",
    "apps.documents",
    "apps.finding",
    "apps.accounts",
    "apps.curation",
    "apps.web",
    "apps.api",
    "apps.desk",
]

MIDDLEWARE = [
    "apps.web.tracing.NameRequests",
    "apps.web.metrics.CountRequests",
    "apps.api.manners.Manners",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "apps.api.manners.Cors",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.web.patience.Patience",
    "apps.accounts.sessions.InUse",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "exodb.urls"
WSGI_APPLICATION = "exodb.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- database, broker ------------------------------------------------------------------------------------------------

for needed in () if EMBEDDED else ("DATABASE_URL", "REDIS_URL"):
    if not env(needed, default=""):
        raise ImproperlyConfigured(f"{needed} is not set: with SECRET_KEY set, ExoDB is served, and needs its address.")

TESTED = env.bool("EXODB_TEST", default=False)
# This product's searches are short; on small machines parallel plans cost three times what they save.
CONNECTION = "-c max_parallel_workers_per_gather=0 -c jit=off"
# How long one question of the web server may take; the worker and commands have no such limit.
if statement_seconds := env.int("DATABASE_STATEMENT_SECONDS", default=0):
    CONNECTION += f" -c statement_timeout={statement_seconds}s"
if TESTED:
    # Tests that commit end by emptying all tables, which the database else refuses for what it keeps.
    CONNECTION += " -c exodb.may_empty=on"


def database(url: str) -> dict[str, Any]:
    """How Django connects to the address."""
    parts: dict[str, Any] = env.db_url_config(url)
    # Nothing is prepared by itself, however often it is asked; what asks for it is (apps/finding/columns.py).
    ours = {"options": CONNECTION, "prepare_threshold": 1_000_000_000}
    return {**parts, "OPTIONS": {**ours, **parts.get("OPTIONS", {})}}


# The application connects by a role that can't get round the database's rules; the owner of the schema migrates.
DATABASE_APPLICATION = database(env("DATABASE_URL", default="") or places.database_url(DATA_DIR))
DATABASE_OWNER = database(
    env("DATABASE_OWNER_URL", default="")
    or env("DATABASE_URL", default="")
    or places.database_url(DATA_DIR, places.OWNER)
)
if DATABASE_OWNER["NAME"] != DATABASE_APPLICATION["NAME"]:
    raise ImproperlyConfigured("DATABASE_URL and DATABASE_OWNER_URL must name the same database.")
DATABASES = {
    "default": {
        # Tests make databases of their own, and break each rule with all the rights that there are.
        **(DATABASE_OWNER if TESTED else DATABASE_APPLICATION),
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The search index that this host derives from the database; without one, PostgreSQL answers.
SEARCH_INDEX = Path(env("SEARCH_INDEX", default=str(DATA_DIR / "search"))).resolve()

# Each process' own. A kept page has about 10 kB; what is remembered of answers of the API is small, and of as many
# addresses as are asked.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 2_000},
    },
    "validators": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "validators",
        "OPTIONS": {"MAX_ENTRIES": 5_000},
    },
}

REDIS_URL = env("REDIS_URL", default="") or places.redis_url(DATA_DIR)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker that lost its broker can't say that it is done: the task is given out again, so it must end here.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, else it would be given out twice.
    "visibility_timeout": env.int("TASK_VISIBILITY_TIMEOUT", default=900),
    # Kombu's own defaults look for lost tasks only about every 100 s.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # A page that asks for background work must not wait for a broker that is away.
    "socket_connect_timeout": 3,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CITATIONS_TICK = env.int("CITATIONS_TICK", default=300)
CELERY_BEAT_SCHEDULE = {
    # Counts only where a grading came since.
    "agreement": {"task": "apps.curation.tasks.compute_agreement", "schedule": 300},
    # What is due, and which services are asked at all, stands in the database; this only looks.
    "citations": {
        "task": "apps.citations.tasks.tick",
        "schedule": CITATIONS_TICK,
        # A look that nobody had time for is no use later: ticks don't pile up while the worker is away.
        "options": {"expires": CITATIONS_TICK},
    },
    # Four lines a day at most, while a service stays away.
    "citations-stale": {"task": "apps.citations.tasks.warn_of_stale", "schedule": crontab(minute="17", hour="*/6")},
    "likenesses": {"task": "apps.curation.tasks.find_likenesses", "schedule": 3_600},
    "answers": {"task": "apps.curation.tasks.purge_answers", "schedule": crontab(minute="51", hour="3")},
    "autosaves": {"task": "apps.curation.tasks.purge_autosaves", "schedule": crontab(minute="41", hour="3")},
    "changes": {"task": "apps.curation.tasks.purge_changes", "schedule": crontab(minute="11", hour="4")},
    # Looks at counters of PostgreSQL, and gathers names only where something was written since.
    "names": {"task": "apps.curation.tasks.refresh_names", "schedule": 60, "options": {"expires": 60}},
    # Looks whether there is anything to do.
    "synthesis": {
        "task": "apps.synthesis.tasks.take_in_changes",
        "schedule": 2,
        "options": {"expires": 2},
    },
    "synthesis-whole": {"task": "apps.synthesis.tasks.rebuild_all", "schedule": crontab(minute="23", hour="2")},
    "study-groups": {"task": "apps.synthesis.tasks.group_studies", "schedule": 60},
    "uploads": {"task": "apps.curation.uploads.tasks.find_left_uploads", "schedule": 60},
}

# --- citation services -----------------------------------------------------------------------------------------------

CITATIONS_MAIL = env("CITATIONS_MAIL", default="")


def citation_service(name: str, address: str, rate: float) -> dict[str, Any]:
    """Where a service is, and how often a second it is asked: `CITATIONS_<NAME>_URL`, `_KEY`, `_RATE`."""
    prefix = f"CITATIONS_{name.upper()}"
    return {
        "base_url": env(f"{prefix}_URL", default=address),
        "key": env(f"{prefix}_KEY", default=""),
        "requests_per_second": env.float(f"{prefix}_RATE", default=rate),
        "contact_mail": CITATIONS_MAIL,
        "timeout": env.float("CITATIONS_TIMEOUT", default=30.0),
    }


CITATION_SERVICES = {
    "europepmc": citation_service("europepmc", "https://www.ebi.ac.uk/europepmc/webservices/rest", 5),
    "crossref": citation_service("crossref", "https://api.crossref.org", 3),
    "openalex": citation_service("openalex", "https://api.openalex.org", 5),
    "icite": citation_service("icite", "https://icite.od.nih.gov/api", 1),
    "idconv": citation_service("idconv", "https://pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1/articles", 1),
    "retraction_watch": citation_service("retraction_watch", "", 1),
}
# How long a person who adds a study waits for a service, in seconds; then they enter it by hand.
LOOKUP_TIMEOUT = env.float("LOOKUP_TIMEOUT", default=3.0)
# How stubbornly one request is repeated before the batch is put back.
CITATION_PATIENCE = {
    "attempts": env.int("CITATIONS_ATTEMPTS", default=4),
    "first": env.float("CITATIONS_FIRST_PAUSE", default=1.0),
    "longest": 30.0,
}
# Seconds that a service which does not answer at all is left in peace; longer each time.
CITATION_PAUSE = env.float("CITATIONS_PAUSE", default=300)

# --- uploads ---------------------------------------------------------------------------------------------------------

# How large a spreadsheet may be: as a file, unpacked, and in rows.
UPLOAD_BYTES = env.int("UPLOAD_BYTES", default=20_000_000)
UPLOAD_UNPACKED_BYTES = env.int("UPLOAD_UNPACKED_BYTES", default=400_000_000)
UPLOAD_ROWS = env.int("UPLOAD_ROWS", default=100_000)

# --- people ----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "apps.people.permissions.RoleBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account"
# Ends so long after the last page, or with the browser.
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_ADAPTER = "apps.accounts.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
# Nobody signs up: an administrator makes accounts, and vouches for the address.
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Failed sign-ins are counted in the database, below; a process' own memory would count for itself alone.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "reauthenticate": None}
ACCOUNT_FORMS = {"login": "apps.accounts.forms.SignInForm"}
MFA_ADAPTER = "apps.accounts.adapters.SecondFactors"
MFA_FORMS = {
    "authenticate": "apps.accounts.forms.CodeForm",
    "reauthenticate": "apps.accounts.forms.CodeAgainForm",
    "activate_totp": "apps.accounts.forms.SetUpForm",
}
MFA_TOTP_ISSUER = "ExoDB"
# The code before and the one after count too, for clocks differ; each counts once (apps/people/second_factor.py).
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Behind a proxy, its word on where a request comes from counts: the last entry of X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)

AXES_HANDLER = "apps.accounts.lockout.Lockout"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address", "username"]
AXES_FAILURE_LIMIT = env.int("LOCKOUT_FAILURES", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOCKOUT_MINUTES", default=15))
# A lock ends when it said that it would, however often somebody knocks meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "apps.accounts.lockout.address_of"
AXES_LOCKOUT_CALLABLE = "apps.accounts.lockout.locked"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "code", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- mail ------------------------------------------------------------------------------------------------------------


def mailer(url: dict[str, Any]) -> dict[str, Any]:
    """How mail is sent, from what EMAIL_URL says; nobody waits longer than ten seconds for it."""
    backend = url["EMAIL_BACKEND"]
    if not backend.endswith("smtp.EmailBackend"):
        return {"BACKEND": backend, "OPTIONS": {"file_path": url["EMAIL_FILE_PATH"]} if "filebased" in backend else {}}
    options = {
        "host": url["EMAIL_HOST"],
        "port": url["EMAIL_PORT"],
        "username": url["EMAIL_HOST_USER"],
        "password": url["EMAIL_HOST_PASSWORD"],
        "use_tls": url.get("EMAIL_USE_TLS", False),
        "use_ssl": url.get("EMAIL_USE_SSL", False),
        "timeout": 10,
    }
    return {"BACKEND": backend, "OPTIONS": {name: value for name, value in options.items() if value}}


# Without EMAIL_URL no mail is sent, and a forgotten password is an administrator's business.
MAILERS = {"default": mailer(env.email_url("EMAIL_URL"))} if env("EMAIL_URL", default="") else {}
SILENCED_SYSTEM_CHECKS = [] if MAILERS else ["mail.W001"]
DEFAULT_FROM_EMAIL = env("MAIL_FROM", default="exodb@localhost")
# Whom a person asks who can't sign in.
ACCOUNTS_CONTACT = env("ACCOUNTS_CONTACT", default="")

# --- security --------------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not EMBEDDED)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if EMBEDDED else 31_536_000)
# These bind other names of the domain, and for good: only who keeps the domain can say yes to them.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS += ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=not EMBEDDED)
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "apps.desk.door.refused"
X_FRAME_OPTIONS = "DENY"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Health checks and scrapes come from the container's own inside, by plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
METRICS_TOKEN = env("METRICS_TOKEN", default="")
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

# --- pages -----------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
FORMAT_MODULE_PATH = "exodb.formats"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
# The pictures of the curators' guide are shown in the desk, too.
STATICFILES_DIRS = [BASE_DIR / "static", ("desk/guide", BASE_DIR / "docs" / "images")]
# In development and in tests, files are served from where they are written; else they are collected first.
COLLECTED = not (DEBUG or TESTED)
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- API -------------------------------------------------------------------------------------------------------------

# How often an address may ask, and a person who is known; empty: as often as they like. Tests ask without end.
API_RATE = env("API_RATE", default="" if TESTED else "600/minute")
API_RATE_USER = env("API_RATE_USER", default="" if TESTED else "3000/minute")

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.api.bodies.Json"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_THROTTLE_CLASSES": ["apps.api.rates.Rates"],
    "DEFAULT_SCHEMA_CLASS": "apps.api.schema.Described",
    "EXCEPTION_HANDLER": "apps.api.problems.respond",
    "UNAUTHENTICATED_USER": None,
    # `format` is no parameter: what is not known is refused.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ExoDB",
    "DESCRIPTION": (
        "Curated evidence on what extracellular vesicles were shown to do in cancer and in regeneration.\n\n"
        "Only accepted evidence is here. **null means that the study does not state it or that nobody has curated "
        "it, never no**; an empty list means that none was noted, and `provenance.depth` of the study tells whether "
        "more than its abstract was read. An accession is given once and never reused.\n\n"
        "Not for clinical decisions."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "LICENSE": {"name": "Evidence: CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "TAGS": [
        {"name": "claims", "description": "What vesicles were shown to do: the evidence itself."},
        {"name": "studies", "description": "The publications and trials that it comes from."},
        {"name": "notices", "description": "Retractions, corrections, concerns: what became of the studies."},
        {"name": "sources", "description": "What released the vesicles."},
        {"name": "preparations", "description": "The vesicles of one source as one study made them."},
        {"name": "cargos", "description": "Molecules and payloads in or on vesicles."},
        {"name": "terms", "description": "The vocabularies, with their trees."},
        {"name": "releases", "description": "Numbered, immutable snapshots."},
        {"name": "drafts", "description": "What you write in your own name, with a token."},
        {"name": "about", "description": "Addresses, counts, and this description."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATION_PARAMETERS": False,
    # Explained by the vocabulary of the record, not once more at each field.
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "StudyKindEnum": "apps.studies.models.StudyKind",
        "StudyStatusEnum": "apps.studies.models.StudyStatus",
        "CargoKindEnum": "apps.vesicles.models.CargoKind",
        "ShownEnum": "apps.claims.models.Shown",
        "LevelEnum": "apps.claims.models.Level",
        "ReportedEnum": "apps.vesicles.models.Reported",
        "VesicleClassEnum": "apps.vesicles.models.VesicleClass",
    },
}
# Any site's scripts may read the API; no cookie goes with them, and nothing else is open to them.
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_ALLOW_HEADERS = [*default_headers, "if-none-match", "if-modified-since", "x-request-id"]
CORS_EXPOSE_HEADERS = [
    *("Content-Disposition", "ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"),
    *("WWW-Authenticate", "X-Request-ID"),
]

# --- history ---------------------------------------------------------------------------------------------------------

PGHISTORY_APPEND_ONLY = True
# Reading writes no history: so a public page asks nobody who reads it, and may be cached for all.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
# Who and why stand in each row of history itself, append-only as it is; a table of their own could be changed.
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()

# --- logs ------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name}{asked}: {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s",
        },
    },
    "filters": {"request": {"()": "apps.web.tracing.WithRequest"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain" if EMBEDDED else "json",
            "filters": ["request"],
        }
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    # Each tells every single task, whether or not there was anything to do; errors still come through.
    "loggers": {
        name: {"level": "WARNING"}
        for name in ("celery.app.trace", "celery.worker.strategy", "celery.worker.request", "celery.beat", "mcp")
    },
}
