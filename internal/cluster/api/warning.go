package api

import (
	"net/http"
	"slices"

	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// maxWarnings bounds what one run collects.
const maxWarnings = 100

// warn keeps the warnings of the server, each text once.
func (c *Client) warn(h http.Header) {
	if len(h["Warning"]) == 0 {
		return
	}
	found, _ := utilnet.ParseWarningHeaders(h["Warning"])
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range found {
		if len(c.warnings) < maxWarnings && !slices.Contains(c.warnings, w.Text) {
			c.warnings = append(c.warnings, w.Text)
		}
	}
}

// Warnings returns what the server warned of since the last call, as in
// "policy/v1beta1 PodSecurityPolicy is deprecated". It is foreign text.
func (c *Client) Warnings() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := c.warnings
	c.warnings = nil
	return found
}
