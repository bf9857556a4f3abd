"""What runs Careleaf elsewhere: Dockerfile, compose, proxy, systemd, Kubernetes, alerts and dashboard."""

import configparser
import json
import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from bot.schema import Kind
from bot.web import metrics
from deploy.lock import BUILD, RUNTIME
from tests.conftest import ROOT
from tests.image_steps import read_steps

DEPLOY = ROOT / "deploy"
KUBERNETES = "1.33"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
STEPS = read_steps(ROOT / "Dockerfile")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OURS = ("careleaf-1", "careleaf-2", "proxy")


def manifest(kind: str) -> dict[str, Any]:
    found = [one for path in MANIFESTS if (one := yaml.safe_load(path.read_text(encoding="utf-8")))["kind"] == kind]
    assert len(found) == 1
    return dict(found[0])


def step(name: str) -> str:
    """Return the last step of a name: that of the image itself."""
    return [arguments for one, arguments in STEPS if one == name][-1]


def test_the_image_runs_as_nobody_and_says_whether_it_is_healthy() -> None:
    assert step("USER") == "10001:10001"
    assert "/readyz" in step("HEALTHCHECK")
    assert json.loads(step("ENTRYPOINT")) == ["/careleaf/bin/careleaf"]
    last = max(place for place, (name, _) in enumerate(STEPS) if name == "FROM")
    assert [name for name, _ in STEPS[last:]].count("COPY") == 1, "only the environment comes from the build"


def test_the_image_installs_by_hash_only_and_holds_model_and_index() -> None:
    runs = [arguments for name, arguments in STEPS if name == "RUN"]
    installs = [run for run in runs if "pip install" in run]
    for run in installs:
        assert "--require-hashes" in run or "--no-index" in run
    for lock in (RUNTIME, BUILD):
        assert any(lock.relative_to(ROOT).as_posix() in run for run in installs)
    assert any("careleaf index" in run for run in runs)
    assert not any(word in " ".join(runs) for word in ("curl", "wget", "git clone"))


def test_what_the_image_copies_is_there_and_reaches_the_builder() -> None:
    shown = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"]
    sources = [
        source
        for name, arguments in STEPS
        if name == "COPY" and "--from" not in arguments
        for source in arguments.split()[:-1]
    ]
    assert len(sources) > 5
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [source for source in sources if source.split("/")[0] not in shown] == []


def test_compose_has_two_replicas_store_rates_and_a_proxy() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"careleaf-1", "careleaf-2", "proxy", "postgres", "redis"}
    assert services["careleaf-1"] == services["careleaf-2"]
    environment = services["careleaf-1"]["environment"]
    settings = {name for name in environment if name.startswith("CARELEAF_")}
    documented = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert [name for name in settings if f"`{name}`" not in documented] == []


def test_only_the_proxy_is_reached_from_outside() -> None:
    services, networks = COMPOSE["services"], COMPOSE["networks"]
    assert [name for name, service in services.items() if service.get("ports")] == ["proxy"]
    reached = {name for name, service in services.items() if "outside" in service["networks"]}
    assert reached == {"proxy"}
    assert all(network["internal"] for name, network in networks.items() if name != "outside")
    assert "back" not in services["proxy"]["networks"]


@pytest.mark.parametrize("name", OURS)
def test_every_service_of_ours_is_held_small(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    if name != "proxy":
        assert service["mem_limit"]
        assert service["pids_limit"]


def test_no_answer_waits_for_the_store_or_for_redis() -> None:
    for name in OURS:
        assert not {"postgres", "redis"} & set(COMPOSE["services"][name].get("depends_on", {}))


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_a_manifest_keeps_the_published_schema(path: Path) -> None:
    kubernetes_validate.validate(yaml.safe_load(path.read_text(encoding="utf-8")), KUBERNETES, strict=True)


def test_the_published_schema_finds_a_fault() -> None:
    spoilt = manifest("Deployment")
    spoilt["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(spoilt, KUBERNETES, strict=True)


def test_a_pod_is_held_small() -> None:
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["resources"]["limits"]["memory"]


def test_probes_ask_what_the_application_answers() -> None:
    (container,) = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == container["startupProbe"]["httpGet"]["path"] == "/healthz"


def test_manifests_speak_of_the_same_pods() -> None:
    labels = manifest("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert manifest("Deployment")["spec"]["selector"]["matchLabels"] == labels
    assert manifest("Service")["spec"]["selector"] == labels
    assert manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == labels
    scaled = manifest("HorizontalPodAutoscaler")["spec"]
    assert scaled["scaleTargetRef"]["name"] == manifest("Deployment")["metadata"]["name"]
    assert scaled["minReplicas"] == 2


def test_the_unit_keeps_the_service_in_its_own_folder() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((DEPLOY / "careleaf.service").read_text(encoding="utf-8"))
    service = unit["Service"]
    assert service["ExecStart"].endswith("/careleaf serve")
    assert service["DynamicUser"] == service["NoNewPrivileges"] == service["ProtectHome"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["Restart"] == "always"


def served_metrics() -> set[str]:
    """Return every series name that /metrics serves."""
    ours = [one for one in vars(metrics).values() if isinstance(one, MetricWrapperBase)]
    names = set()
    for one in ours:
        kind = type(one).__name__
        base = one._name
        names |= {
            "Counter": {f"{base}_total"},
            "Gauge": {base},
            "Histogram": {f"{base}_bucket", f"{base}_sum", f"{base}_count"},
        }[kind]
    return names


def rules() -> list[dict[str, Any]]:
    written = yaml.safe_load((DEPLOY / "prometheus/careleaf.rules.yaml").read_text(encoding="utf-8"))
    return [rule for group in written["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    written: dict[str, Any] = json.loads((DEPLOY / "grafana/careleaf.json").read_text(encoding="utf-8"))
    return written


def expressions() -> list[str]:
    shown = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    return [rule["expr"] for rule in rules()] + shown


@pytest.mark.parametrize("expression", expressions())
def test_an_expression_asks_for_metrics_that_are_served(expression: str) -> None:
    asked = set(re.findall(r"\bcareleaf_\w+", expression))
    assert asked or 'up{job="careleaf"}' in expression
    assert asked - served_metrics() == set()
    for kind in re.findall(r'kind="(\w+)"', expression):
        assert kind in set(Kind)
    assert expression.count("(") == expression.count(")")


def test_each_metric_is_shown_or_watched() -> None:
    asked = {re.sub(r"_bucket$", "", name) for one in expressions() for name in re.findall(r"\bcareleaf_\w+", one)}
    served = {re.sub(r"_(bucket|sum|count)$", "", name) for name in served_metrics()}
    assert served - asked == set()


def test_an_alert_says_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names)) >= 5
    described = (ROOT / "docs/deployment.md").read_text(encoding="utf-8")
    for rule in rules():
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["action"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert f"`{rule['alert']}`" in described


def test_panels_of_the_dashboard_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        squares = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not squares & taken, panel["title"]
        taken |= squares


def proxy_setting(name: str) -> str:
    """Return what the proxy's file sets."""
    text = (DEPLOY / "haproxy.cfg").read_text(encoding="utf-8")
    return next(line.strip().removeprefix(name).strip() for line in text.splitlines() if line.strip().startswith(name))


def test_the_proxy_sends_slow_clients_away() -> None:
    assert proxy_setting("timeout http-request") == "10s"
    assert proxy_setting("option http-buffer-request") == ""


def test_the_proxy_does_not_take_a_busy_replica_for_a_dead_one() -> None:
    assert proxy_setting("timeout check") == "2s"


def test_the_proxy_watches_readiness_and_asks_again_elsewhere() -> None:
    assert proxy_setting("option httpchk") == "GET /readyz"
    assert {"empty-response", "500", "503"} <= set(proxy_setting("retry-on").split())
    assert "/api/v1/feedback" in proxy_setting("http-request disable-l7-retry")
    assert proxy_setting("http-request deny") == "deny_status 404 if { path /metrics }"
