package registrytest

import "net/http"

// Cut breaks the connection after some bytes.
type Cut struct {
	http.ResponseWriter
	Left int // bytes
}

// Write writes what is left, and ends the connection.
func (c *Cut) Write(p []byte) (int, error) {
	if len(p) > c.Left {
		_, _ = c.ResponseWriter.Write(p[:c.Left]) //nolint:errcheck // it is cut anyway
		c.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	c.Left -= len(p)
	return c.ResponseWriter.Write(p)
}
