package oracle

import (
	"encoding/json"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/client-go/kubernetes/scheme"
)

// custom is a version of a kind that a custom resource definition defines.
type custom struct {
	gvk        schema.GroupVersionKind
	structural *structuralschema.Structural
	strategy   rest.RESTCreateStrategy
	fault      error // of its schema
}

// definitions are the kinds that definitions among the objects define.
func definitions(objects []json.RawMessage) map[schema.GroupVersionKind]*custom {
	all := map[schema.GroupVersionKind]*custom{}
	for _, data := range objects {
		var crd apiextensionsv1.CustomResourceDefinition
		if err := json.Unmarshal(data, &crd); err != nil || crd.Kind != "CustomResourceDefinition" || crd.APIVersion != "apiextensions.k8s.io/v1" {
			continue
		}
		for _, v := range crd.Spec.Versions {
			gvk := schema.GroupVersionKind{Group: crd.Spec.Group, Version: v.Name, Kind: crd.Spec.Names.Kind}
			if v.Served && v.Schema != nil && v.Schema.OpenAPIV3Schema != nil {
				all[gvk] = define(gvk, &crd, v)
			}
		}
	}
	return all
}

func define(gvk schema.GroupVersionKind, crd *apiextensionsv1.CustomResourceDefinition, v apiextensionsv1.CustomResourceDefinitionVersion) *custom {
	c := &custom{gvk: gvk}
	var internal apiextensions.JSONSchemaProps
	if c.fault = apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, &internal, nil); c.fault != nil {
		return c
	}
	if c.structural, c.fault = structuralschema.NewStructural(&internal); c.fault != nil {
		return c
	}
	validator, _, err := validation.NewSchemaValidator(&internal)
	if c.fault = err; err != nil {
		return c
	}
	var status *apiextensions.CustomResourceSubresourceStatus
	if v.Subresources != nil && v.Subresources.Status != nil {
		status = &apiextensions.CustomResourceSubresourceStatus{}
	}
	c.strategy = customresource.NewStrategy(scheme.Scheme, crd.Spec.Scope == apiextensionsv1.NamespaceScoped, gvk, validator, nil, c.structural, status, nil, v.SelectableFields)
	return c
}

// judge judges a custom resource as the server does: unknown fields, defaults, the
// schema with its CEL rules, and lists that tell their items apart.
func (c *custom) judge(u *unstructured.Unstructured) error {
	if c.fault != nil {
		return fmt.Errorf("the schema of %s: %w", c.gvk, c.fault)
	}
	content := u.UnstructuredContent()
	unknown := pruning.PruneWithOptions(content, c.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	if len(unknown) > 0 {
		return fmt.Errorf("unknown field %q", unknown)
	}
	defaulting.Default(content, c.structural)
	if errs := listtype.ValidateListSetsAndMaps(nil, c.structural, content); len(errs) > 0 {
		return utilerrors.NewAggregate([]error{errs.ToAggregate()})
	}
	return create(u, c.strategy, c.gvk)
}
