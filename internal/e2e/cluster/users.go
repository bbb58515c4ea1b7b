package cluster

import (
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// User can authenticate to the cluster.
type User struct {
	Name string // also names the kubeconfig, NAME.kubeconfig beside the administrator's
	Role string // a ClusterRole to bind the user to; with none he may do what everybody may

	group string
}

var (
	administrator = User{Name: "admin", group: "system:masters"}
	userName      = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
)

// ParseUsers reads a comma-separated list of NAME or NAME=CLUSTERROLE.
func ParseUsers(list string) ([]User, error) {
	var users []User
	seen := map[string]bool{administrator.Name: true}
	for _, item := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		name, role, _ := strings.Cut(item, "=")
		switch {
		case !userName.MatchString(name):
			return nil, fmt.Errorf("reading user %q: a name has lower-case letters, digits and -", item)
		case seen[name]:
			return nil, fmt.Errorf("reading user %q: the name is taken", item)
		}
		seen[name] = true
		users = append(users, User{Name: name, Role: role})
	}
	return users, nil
}

// writeTokens writes the users' tokens as kube-apiserver reads them, and returns
// them by name.
func writeTokens(path string, users []User) (map[string]string, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	tokens := map[string]string{}
	w := csv.NewWriter(f)
	for _, u := range users {
		tokens[u.Name] = rand.Text()
		record := []string{tokens[u.Name], u.Name, u.Name}
		if u.group != "" {
			record = append(record, u.group)
		}
		if err := w.Write(record); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	w.Flush()
	return tokens, errors.Join(w.Error(), f.Close())
}

// writeKubeconfigs writes NAME.kubeconfig for each token.
func (c *Cluster) writeKubeconfigs(port int, tokens map[string]string) error {
	ca, err := os.ReadFile(c.dir.certificate())
	if err != nil {
		return err
	}
	for name, token := range tokens {
		path := c.dir.file(name + ".kubeconfig")
		cfg := clientcmdapi.NewConfig()
		cfg.Clusters["e2e"] = &clientcmdapi.Cluster{
			Server:                   "https://127.0.0.1:" + strconv.Itoa(port),
			CertificateAuthorityData: ca,
		}
		cfg.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: token}
		cfg.Contexts["e2e"] = &clientcmdapi.Context{Cluster: "e2e", AuthInfo: name}
		cfg.CurrentContext = "e2e"
		if err := clientcmd.WriteToFile(*cfg, path); err != nil {
			return err
		}
		if name == administrator.Name {
			c.Kubeconfig = path
		} else {
			c.Users[name] = path
		}
	}
	return nil
}

// bindUsers binds each user to the role that he shall have.
func bindUsers(ctx context.Context, client kubernetes.Interface, users []User) error {
	for _, u := range users {
		if u.Role == "" {
			continue
		}
		binding := &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: "e2e-" + u.Name},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: u.Role},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: u.Name}},
		}
		if _, err := client.RbacV1().ClusterRoleBindings().Create(ctx, binding, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	return nil
}
