package admit

import "strings"

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
}

var averages = map[string]string{
	"targetAverageUtilization": "target: {type: Utilization, averageUtilization: …}", "targetAverageValue": "target: {type: AverageValue, averageValue: …}",
	"metricName": "metric: {name: …}",
}

// today says what is written in place of a field that is none.
func today(of, key string) string {
	if text := formerly[of][key]; text != "" {
		return "; write " + text
	}
	if of == "meta.v1.LabelSelector" {
		return "; labels belong into matchLabels"
	}
	return ""
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
