// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "world.h"

#define APPS 6
#define TEAMS 50

void world_init(struct world *w, unsigned nodes, unsigned pods, unsigned namespaces, unsigned policies)
{
	*w = (struct world){ .nodes = nodes, .pods = pods, .namespaces = namespaces, .policies = policies };
	w->generation = mem_array(pods, sizeof(*w->generation));
	w->label = mem_array(pods, sizeof(*w->label));
}

void world_free(struct world *w)
{
	free(w->generation);
	free(w->label);
}

size_t world_count(const struct world *w, enum kind kind)
{
	switch (kind) {
	case KIND_NODE:
		return w->nodes;
	case KIND_POD:
		return w->pods;
	case KIND_NETWORKPOLICY:
		return w->policies;
	case KIND_NAMESPACE:
	case KIND_SERVICE:
	case KIND_ENDPOINTSLICE:
		return w->namespaces;
	default:
		return 0;
	}
}

/* Pods lie on nodes in order, and are spread over the namespaces. */
static unsigned node_of(const struct world *w, size_t pod)
{
	return pod / ((w->pods + w->nodes - 1) / w->nodes);
}

static unsigned ns_of(const struct world *w, size_t pod)
{
	return pod % w->namespaces;
}

/* An address of the node's /24; each replacement takes another. */
static void ip_of(const struct world *w, size_t pod, char ip[static 20])
{
	unsigned node = node_of(w, pod), per_node = (w->pods + w->nodes - 1) / w->nodes;
	unsigned host = 2 + (pod % per_node) + per_node * (w->generation[pod] % (250 / per_node));

	sprintf(ip, "10.%u.%u.%u", node >> 8, node & 255, host);
}

#define META "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\",\"uid\":\"5f6a0c1e-8d0b-4d3e-9c55-%012zu\"," \
	"\"resourceVersion\":\"%lu\",\"creationTimestamp\":\"2025-03-04T05:06:07Z\""

static size_t node_json(size_t i, unsigned long rv, char *buf)
{
	char name[32];

	sprintf(name, "node-%04zu", i);
	return sprintf(buf, META ",\"labels\":{\"kubernetes.io/hostname\":\"%s\",\"topology.kubernetes.io/zone\":\"z%zu\","
		"\"kubernetes.io/os\":\"linux\",\"node.kubernetes.io/instance-type\":\"m5.4xlarge\"}},"
		"\"spec\":{\"podCIDR\":\"10.%zu.%zu.0/24\",\"podCIDRs\":[\"10.%zu.%zu.0/24\"]},"
		"\"status\":{\"capacity\":{\"cpu\":\"16\",\"memory\":\"64Gi\",\"pods\":\"110\"},\"addresses\":["
		"{\"type\":\"InternalIP\",\"address\":\"172.16.%zu.%zu\"},{\"type\":\"Hostname\",\"address\":\"%s\"}],"
		"\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"lastHeartbeatTime\":\"2025-03-04T05:06:07Z\"}],"
		"\"nodeInfo\":{\"kernelVersion\":\"6.1.0-30-amd64\",\"osImage\":\"Debian GNU/Linux 12\"}}}",
		name, "", i, rv, name, i % 3, i >> 8, i & 255, i >> 8, i & 255, i >> 8, i & 255, name);
}

static size_t ns_json(size_t i, unsigned long rv, char *buf)
{
	char name[32];

	sprintf(name, "ns-%04zu", i);
	return sprintf(buf, META ",\"labels\":{\"kubernetes.io/metadata.name\":\"%s\",\"team\":\"t%zu\",\"env\":\"%s\"}},"
		"\"spec\":{\"finalizers\":[\"kubernetes\"]},\"status\":{\"phase\":\"Active\"}}",
		name, "", i, rv, name, i % TEAMS, i % 3 ? "prod" : "test");
}

/* What makes a pod's JSON long, and is of no use here. */
static const char filler[] =
	"\"managedFields\":[{\"manager\":\"kube-controller-manager\",\"operation\":\"Update\",\"apiVersion\":\"v1\","
	"\"time\":\"2025-03-04T05:06:07Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:metadata\":{\"f:generateName\":{},"
	"\"f:labels\":{\".\":{},\"f:app\":{},\"f:pod-template-hash\":{}},\"f:ownerReferences\":{\".\":{},"
	"\"k:{\\\"uid\\\":\\\"a8d2b1d4-6f0f-4f6e-8a87-3a3a1a0c9b11\\\"}\":{}}},\"f:spec\":{\"f:containers\":{"
	"\"k:{\\\"name\\\":\\\"app\\\"}\":{\".\":{},\"f:env\":{\".\":{},\"k:{\\\"name\\\":\\\"DB\\\"}\":{\".\":{},\"f:name\":{},"
	"\"f:value\":{}}},\"f:image\":{},\"f:imagePullPolicy\":{},\"f:livenessProbe\":{\".\":{},\"f:failureThreshold\":{},"
	"\"f:httpGet\":{\".\":{},\"f:path\":{},\"f:port\":{},\"f:scheme\":{}},\"f:periodSeconds\":{},\"f:successThreshold\":{},"
	"\"f:timeoutSeconds\":{}},\"f:name\":{},\"f:ports\":{\".\":{},\"k:{\\\"containerPort\\\":8080,\\\"protocol\\\":\\\"TCP\\\"}\":"
	"{\".\":{},\"f:containerPort\":{},\"f:name\":{},\"f:protocol\":{}}},\"f:resources\":{},\"f:terminationMessagePath\":{},"
	"\"f:terminationMessagePolicy\":{}}},\"f:dnsPolicy\":{},\"f:enableServiceLinks\":{},\"f:restartPolicy\":{},"
	"\"f:schedulerName\":{},\"f:securityContext\":{},\"f:terminationGracePeriodSeconds\":{}}}},"
	"{\"manager\":\"kubelet\",\"operation\":\"Update\",\"apiVersion\":\"v1\",\"time\":\"2025-03-04T05:06:09Z\","
	"\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:status\":{\"f:conditions\":{\"k:{\\\"type\\\":\\\"Ready\\\"}\":{\".\":{},"
	"\"f:lastProbeTime\":{},\"f:lastTransitionTime\":{},\"f:status\":{},\"f:type\":{}}},\"f:containerStatuses\":{},"
	"\"f:hostIP\":{},\"f:phase\":{},\"f:podIP\":{},\"f:podIPs\":{},\"f:startTime\":{}}},\"subresource\":\"status\"}]";

static const char container[] =
	"\"env\":[{\"name\":\"DB\",\"value\":\"postgres://db.example:5432/app\"},{\"name\":\"LOG\",\"value\":\"info\"},"
	"{\"name\":\"POD_IP\",\"valueFrom\":{\"fieldRef\":{\"apiVersion\":\"v1\",\"fieldPath\":\"status.podIP\"}}}],"
	"\"resources\":{\"limits\":{\"cpu\":\"1\",\"memory\":\"1Gi\"},\"requests\":{\"cpu\":\"100m\",\"memory\":\"256Mi\"}},"
	"\"volumeMounts\":[{\"name\":\"kube-api-access-x7k2p\",\"readOnly\":true,"
	"\"mountPath\":\"/var/run/secrets/kubernetes.io/serviceaccount\"},{\"name\":\"config\",\"mountPath\":\"/etc/app\"}],"
	"\"livenessProbe\":{\"httpGet\":{\"path\":\"/healthz\",\"port\":8080,\"scheme\":\"HTTP\"},\"timeoutSeconds\":1,"
	"\"periodSeconds\":10,\"successThreshold\":1,\"failureThreshold\":3},"
	"\"terminationMessagePath\":\"/dev/termination-log\",\"imagePullPolicy\":\"IfNotPresent\"";

static const char volumes[] =
	"\"volumes\":[{\"name\":\"kube-api-access-x7k2p\",\"projected\":{\"sources\":[{\"serviceAccountToken\":{"
	"\"expirationSeconds\":3607,\"path\":\"token\"}},{\"configMap\":{\"name\":\"kube-root-ca.crt\",\"items\":[{\"key\":\"ca.crt\","
	"\"path\":\"ca.crt\"}]}}],\"defaultMode\":420}},{\"name\":\"config\",\"configMap\":{\"name\":\"app\",\"defaultMode\":420}}],"
	"\"restartPolicy\":\"Always\",\"terminationGracePeriodSeconds\":30,\"dnsPolicy\":\"ClusterFirst\","
	"\"serviceAccountName\":\"default\",\"tolerations\":[{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":\"Exists\","
	"\"effect\":\"NoExecute\",\"tolerationSeconds\":300},{\"key\":\"node.kubernetes.io/unreachable\",\"operator\":\"Exists\","
	"\"effect\":\"NoExecute\",\"tolerationSeconds\":300}],\"priority\":0,\"enableServiceLinks\":true";

static const char conditions[] =
	"\"conditions\":[{\"type\":\"PodReadyToStartContainers\",\"status\":\"True\",\"lastProbeTime\":null,"
	"\"lastTransitionTime\":\"2025-03-04T05:06:09Z\"},{\"type\":\"Initialized\",\"status\":\"True\",\"lastProbeTime\":null,"
	"\"lastTransitionTime\":\"2025-03-04T05:06:07Z\"},{\"type\":\"Ready\",\"status\":\"True\",\"lastProbeTime\":null,"
	"\"lastTransitionTime\":\"2025-03-04T05:06:09Z\"},{\"type\":\"ContainersReady\",\"status\":\"True\",\"lastProbeTime\":null,"
	"\"lastTransitionTime\":\"2025-03-04T05:06:09Z\"}],\"containerStatuses\":[{\"name\":\"app\",\"state\":{\"running\":{"
	"\"startedAt\":\"2025-03-04T05:06:08Z\"}},\"lastState\":{},\"ready\":true,\"restartCount\":0,"
	"\"image\":\"registry.example/team/app:1.27.3\",\"imageID\":\"registry.example/team/app@sha256:"
	"6db391d1c0cfb30588ba0bf72ea999404f2764febf0f1f196acd5867ac7efa7e\","
	"\"containerID\":\"containerd://4b8a1b0c1f2f4f5f8d27b8b5a3b7ce5e0a30ea0b1d0a9b1c1d1e1f2021222324\",\"started\":true}]";

static size_t pod_json(const struct world *w, size_t i, unsigned long rv, char *buf)
{
	char name[48], ns[16], ip[20];
	unsigned node = node_of(w, i), app = (i / w->namespaces) % APPS;

	sprintf(name, "app-%u-%08zx-%05x", app, i * 2654435761u & 0xffffffff, w->generation[i]);
	sprintf(ns, "ns-%04u", ns_of(w, i));
	ip_of(w, i, ip);
	return sprintf(buf, META ",\"generateName\":\"app-%u-%08zx-\",\"labels\":{\"app\":\"app-%u\",\"tier\":\"%s\",\"version\":\"v%u\","
		"\"pod-template-hash\":\"%08x\"},\"annotations\":{\"prometheus.io/scrape\":\"true\",\"checksum/config\":"
		"\"01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b\"},\"ownerReferences\":[{\"apiVersion\":\"apps/v1\","
		"\"kind\":\"ReplicaSet\",\"name\":\"app-%u\",\"uid\":\"a8d2b1d4-6f0f-4f6e-8a87-3a3a1a0c9b11\",\"controller\":true,"
		"\"blockOwnerDeletion\":true}],%s},\"spec\":{%s,\"nodeName\":\"node-%04u\",\"containers\":[{\"name\":\"app\","
		"\"image\":\"registry.example/team/app:1.27.3\",\"ports\":[{\"name\":\"http\",\"containerPort\":8080,\"protocol\":\"TCP\"},"
		"{\"name\":\"metrics\",\"containerPort\":9090,\"protocol\":\"TCP\"}],%s}]},"
		"\"status\":{\"phase\":\"Running\",%s,\"hostIP\":\"172.16.%u.%u\",\"podIP\":\"%s\",\"podIPs\":[{\"ip\":\"%s\"}],"
		"\"startTime\":\"2025-03-04T05:06:07Z\",\"qosClass\":\"Burstable\"}}",
		name, ns, i, rv, app, i * 2654435761u & 0xffffffff, app, app % 2 ? "back" : "front", w->label[i],
		app * 0x1234567, app, filler, volumes, node, container, conditions, node >> 8, node & 255, ip, ip);
}

/* Two a namespace: isolation with friends inside, and a door for another team. */
static size_t policy_json(const struct world *w, size_t i, unsigned long rv, char *buf)
{
	char name[32], ns[16];

	sprintf(name, "policy-%zu", i / w->namespaces);
	sprintf(ns, "ns-%04zu", i % w->namespaces);
	if (i / w->namespaces % 2 == 0)
		return sprintf(buf, META "},\"spec\":{\"podSelector\":{},\"policyTypes\":[\"Ingress\",\"Egress\"],"
			"\"ingress\":[{\"from\":[{\"podSelector\":{}}]}],\"egress\":[{\"to\":[{\"podSelector\":{}},"
			"{\"namespaceSelector\":{\"matchLabels\":{\"kubernetes.io/metadata.name\":\"kube-system\"}}}]},"
			"{\"to\":[{\"ipBlock\":{\"cidr\":\"0.0.0.0/0\",\"except\":[\"10.0.0.0/8\"]}}],\"ports\":[{\"port\":443}]}]}}",
			name, ns, i, rv);
	return sprintf(buf, META "},\"spec\":{\"podSelector\":{\"matchLabels\":{\"tier\":\"front\"}},\"policyTypes\":[\"Ingress\"],"
		"\"ingress\":[{\"from\":[{\"namespaceSelector\":{\"matchLabels\":{\"team\":\"t%zu\"}},"
		"\"podSelector\":{\"matchLabels\":{\"tier\":\"back\"}}}],\"ports\":[{\"port\":\"http\"}]}]}}",
		name, ns, i, rv, (i * 7) % TEAMS);
}

static size_t service_json(size_t i, unsigned long rv, char *buf)
{
	char ns[16];

	sprintf(ns, "ns-%04zu", i);
	return sprintf(buf, META "},\"spec\":{\"type\":\"ClusterIP\",\"clusterIP\":\"10.100.%zu.%zu\","
		"\"clusterIPs\":[\"10.100.%zu.%zu\"],\"selector\":{\"tier\":\"front\"},\"ports\":[{\"name\":\"http\",\"port\":80,"
		"\"protocol\":\"TCP\",\"targetPort\":\"http\"}]}}", "front", ns, i, rv, i >> 8, i & 255, i >> 8, i & 255);
}

static size_t slice_json(const struct world *w, size_t i, unsigned long rv, char *buf)
{
	char ns[16], ip[20];
	size_t len, n = 0;

	sprintf(ns, "ns-%04zu", i);
	len = sprintf(buf, META ",\"labels\":{\"kubernetes.io/service-name\":\"front\"}},\"addressType\":\"IPv4\","
		      "\"ports\":[{\"name\":\"http\",\"port\":8080,\"protocol\":\"TCP\"}],\"endpoints\":[", "front-x", ns, i, rv);
	for (size_t pod = i; pod < w->pods; pod += w->namespaces) {
		if ((pod / w->namespaces) % APPS % 2)
			continue;
		ip_of(w, pod, ip);
		len += sprintf(buf + len, "%s{\"addresses\":[\"%s\"],\"conditions\":{\"ready\":true},\"nodeName\":\"node-%04u\","
			       "\"targetRef\":{\"kind\":\"Pod\",\"namespace\":\"%s\",\"name\":\"p-%zu\"}}", n++ ? "," : "", ip,
			       node_of(w, pod), ns, pod);
	}
	return len + sprintf(buf + len, "]}");
}

size_t world_json(const struct world *w, enum kind kind, size_t i, unsigned long rv, char buf[static WORLD_JSON_MAX])
{
	switch (kind) {
	case KIND_NODE:
		return node_json(i, rv, buf);
	case KIND_NAMESPACE:
		return ns_json(i, rv, buf);
	case KIND_POD:
		return pod_json(w, i, rv, buf);
	case KIND_NETWORKPOLICY:
		return policy_json(w, i, rv, buf);
	case KIND_SERVICE:
		return service_json(i, rv, buf);
	case KIND_ENDPOINTSLICE:
		return slice_json(w, i, rv, buf);
	default:
		return 0;
	}
}
