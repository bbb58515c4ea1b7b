package admit

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/kinds"
)

// formerly is what is written today for a field of an older version of an API, or for one
// that is often written in the wrong way, by type and field.
var formerly = map[string]map[string]string{
	"networking.v1.IngressBackend": {
		"serviceName": "service: {name: …}", "servicePort": "service: {port: {number: …}}",
	},
	"networking.v1.IngressSpec":           {"backend": "defaultBackend"},
	"autoscaling.v2.ResourceMetricSource": averages,
	"autoscaling.v2.PodsMetricSource":     averages,
	"autoscaling.v2.ObjectMetricSource":   {"targetValue": "target: {type: Value, value: …}", "metricName": "metric: {name: …}"},
	"autoscaling.v2.ExternalMetricSource": {"targetValue": "target: {type: Value, value: …}", "targetAverageValue": "target: {type: AverageValue, averageValue: …}", "metricName": "metric: {name: …}"},
	"autoscaling.v2.HorizontalPodAutoscalerSpec": {
		"targetCPUUtilizationPercentage": "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: …}}}]",
	},
	"apiextensions.v1.CustomResourceDefinitionSpec": {
		"validation": "schema in each of versions", "subresources": "it in each of versions", "additionalPrinterColumns": "it in each of versions", "version": "versions",
	},
	"apiextensions.v1.CustomResourceColumnDefinition": {"JSONPath": "jsonPath"},
	"apps.v1.StatefulSetSpec":                         {"strategy": "updateStrategy"},
	"apps.v1.DaemonSetSpec":                           {"strategy": "updateStrategy"},
	"apps.v1.DeploymentSpec":                          {"updateStrategy": "strategy"},
	"core.v1.SecretVolumeSource":                      {"name": "secretName"},
	"core.v1.SecretProjection":                        {"secretName": "name"},
	"core.v1.ConfigMapVolumeSource":                   {"configMapName": "name"},
	"core.v1.ConfigMapProjection":                     {"configMapName": "name"},
	"core.v1.PersistentVolumeClaimVolumeSource":       {"name": "claimName"},
}

var averages = map[string]string{
	"targetAverageUtilization": "target: {type: Utilization, averageUtilization: …}", "targetAverageValue": "target: {type: AverageValue, averageValue: …}",
	"metricName": "metric: {name: …}",
}

// today says what is written in place of a field that is none, or where it belongs.
func today(of, key string) string {
	if text := formerly[of][key]; text != "" {
		return "; write " + text
	}
	switch {
	case of == "meta.v1.LabelSelector":
		return "; labels belong into matchLabels"
	case of == "core.v1.SecurityContext" && isField("core.v1.PodSecurityContext", key):
		return "; it belongs into the securityContext of the pod"
	case of == "core.v1.PodSecurityContext" && isField("core.v1.SecurityContext", key):
		return "; it belongs into the securityContext of a container"
	}
	return ""
}

func isField(of, key string) bool {
	t, ok := kinds.TypeOf(of)
	return ok && len(t.Field(key)) > 0
}

// hidden says of a name, or a text, what nobody sees in it.
func hidden(s string) string {
	switch {
	case strings.HasPrefix(s, "\u00a0"):
		return "; it begins with a no-break space: write blanks"
	case strings.ContainsAny(s, "“”„‘’"):
		return `; its quotes are typographic ones, a part of it: write " or none`
	case strings.TrimSpace(s) != s:
		return "; it begins or ends with a blank"
	}
	return ""
}
