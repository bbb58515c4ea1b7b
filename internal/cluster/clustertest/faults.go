package clustertest

import "net/http"

// Before lets the test see each request before it is answered: it may change what
// is there, or answer with a status; 0 is as usual. nil ends that.
func (s *Server) Before(do func(r *http.Request) int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = do
}

// Deny lets the server say, when it is asked, that the user may do nothing with a
// resource. It does not keep it from being done.
func (s *Server) Deny(resource string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denied = append(s.denied, resource)
}
