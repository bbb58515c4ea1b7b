package kubetest

import (
	"context"
	"strings"
	"time"
)

// between is how long to wait before looking again at what is going away.
const between = 500 * time.Millisecond

// patience is how long what garbage collection takes away may still be there.
const patience = 30 * time.Second

// awaitNoLeftovers compares what there is with what there was, until it is the same.
func (p *proof) awaitNoLeftovers(ctx context.Context) error {
	late := time.After(patience)
	for {
		now, err := p.contents(ctx, p.namespace)
		if err != nil {
			return err
		}
		left := p.new(now)
		if len(left) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return failed("left behind: %s", strings.Join(left, ", "))
		case <-time.After(between):
		}
	}
}

// new names what was not there before: in the namespace, and of a Kube that runs
// alone in the whole cluster.
func (p *proof) new(now contents) []string {
	had := map[object]bool{}
	for _, o := range p.before.Objects {
		had[o.object] = true
	}
	var left []string
	for _, o := range now.Objects {
		if (o.Namespace != "" || p.subject.Alone && !p.ofOthers(o)) && !had[o.object] && !everywhere(o.object) {
			left = append(left, o.String())
		}
	}
	return left
}

// ofOthers are objects of the whole cluster that others make while a Kube is tested: those
// of other installations, those that the cluster makes and takes away itself for its nodes
// and for volumes and addresses of any namespace, and namespaces, which people make.
func (p *proof) ofOthers(o content) bool {
	if o.Of != "" {
		return !strings.HasPrefix(o.Of, p.namespace+"/")
	}
	switch o.Kind {
	case "Node", "CSINode", "CertificateSigningRequest", "VolumeAttachment", "PersistentVolume", "IPAddress", "ResourceSlice", "Namespace":
		return true
	}
	return false
}

// everywhere are the objects that the cluster puts into every namespace.
func everywhere(o object) bool {
	return o.Kind == "ServiceAccount" && o.Name == "default" || o.Kind == "ConfigMap" && o.Name == "kube-root-ca.crt"
}
