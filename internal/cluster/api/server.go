package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"

	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// server is the API server as requests reach it.
type server struct {
	rest    *rest.RESTClient // for all kinds: it knows the types of errors and of metadata alone
	host    string
	timeout time.Duration // of one request
	plugin  string        // the program of the kubeconfig that gives credentials; "" when there is none
}

func newServer(cfg *rest.Config, host string, o Options) (server, error) {
	s := server{host: host, timeout: o.Timeout}
	if cfg.ExecProvider != nil {
		s.plugin = cfg.ExecProvider.Command
	}
	way, err := rest.HTTPClientFor(cfg)
	if err != nil {
		return s, err
	}
	if o.Wrap != nil {
		way.Transport = o.Wrap(way.Transport)
	}
	way.Transport = &bounded{next: way.Transport, timeout: o.Timeout, size: maxAnswer, plugin: s.plugin != ""}
	way.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	types := runtime.NewScheme()
	types.AddUnversionedTypes(schema.GroupVersion{Version: "v1"}, &metav1.Status{})
	cfg.GroupVersion, cfg.NegotiatedSerializer = &schema.GroupVersion{}, serializer.NewCodecFactory(types).WithoutConversion()
	s.rest, err = rest.RESTClientForConfigAndClient(cfg, way)
	return s, err
}

func (s server) request(method, path string, query url.Values) *rest.Request {
	request := s.rest.Verb(method).AbsPath(path).MaxRetries(maxTries - 1)
	for name, values := range query {
		for _, value := range values {
			request.Param(name, value)
		}
	}
	return request
}

// failure gives its class to what became of a request. status is that of the answer, or
// 0: what the answer says of it itself does not count.
func (s server) failure(ctx context.Context, err error, status int) error {
	var refused *apierrors.StatusError
	if err == nil || ctx.Err() != nil || !errors.As(err, &refused) {
		return s.unreachable(ctx, err)
	}
	if status != 0 {
		refused.ErrStatus.Code = int32(status) //nolint:gosec // three digits
	}
	return classify(refused)
}

// unreachable is the error for a request that has no answer, or no whole one.
func (s server) unreachable(ctx context.Context, err error) error {
	switch {
	case err == nil || ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errLarge):
		return Fault(fmt.Sprintf("the answer of %s is larger than %d MiB", s.host, maxAnswer>>20), ErrRefused)
	case errors.Is(err, errLate):
		return Fault(fmt.Sprintf("%s did not answer within %s", s.host, s.timeout), ErrUnreachable, ErrSlow)
	case errors.Is(err, errPluginHangs):
		return Fault(fmt.Sprintf("%s, the credential plugin of the kubeconfig, did not answer within %s: it may wait for you to log in", s.plugin, s.timeout),
			errPluginHangs, ErrForbidden, errUnknownUser)
	}
	text := broken(err)
	if said, ok := strings.CutPrefix(text, noCredentials); ok && s.plugin != "" {
		return &Error{
			Classes: []error{ErrForbidden, errUnknownUser}, Cause: err,
			Text: fmt.Sprintf("%s, the credential plugin of the kubeconfig, gave no credentials: %s", s.plugin, object.OneLine(said)),
		}
	}
	return &Error{Classes: []error{ErrUnreachable}, Text: fmt.Sprintf("talking to %s: %s", s.host, text), Cause: err}
}

// noCredentials begins what client-go says when a plugin fails; there is no type for it.
const noCredentials = "getting credentials: "

// broken says what became of a connection, without the method and the URL of the
// request: the caller says what it was for.
func broken(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it closed the connection without an answer"
	}
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err
	}
	return err.Error()
}
