//! Requests for resources: authorisation, lookup, dispatch by verb.

use std::sync::Arc;

use http::Method;

use super::path::ResourcePath;
use super::{ApiReply, ApiRequest, FieldSelector, read, review, token, watch, write};
use crate::access::{RequestAttributes, UserInfo, allows, granted_rules};
use crate::options::PolicyRule;
use crate::resource::{ApiResource, GroupResource};
use crate::state::ApiServerState;
use crate::status::StatusError;

/// A request for a resource that exists and that the caller may make.
pub struct ResourceCall<'a> {
    /// State that all requests share.
    pub shared: &'a Arc<ApiServerState>,
    /// The HTTP request.
    pub request: &'a ApiRequest,
    /// The resource.
    pub resource: Arc<ApiResource>,
    /// The path in parts.
    pub path: ResourcePath,
    /// The caller.
    pub user: &'a UserInfo,
    /// Rights of the caller.
    pub rules: Vec<PolicyRule>,
}

/// Answers a request for a resource.
pub fn handle(
    shared: &Arc<ApiServerState>,
    user: &UserInfo,
    request: &ApiRequest,
    path: ResourcePath,
) -> Result<ApiReply, StatusError> {
    let attributes = attributes(request, &path);
    let (rules, resource) = shared.store.read(|state| {
        (
            granted_rules(state, user),
            state
                .registry()
                .find(&path.group, &path.version, &path.resource),
        )
    });
    let is_self_review = matches!(
        attributes.resource.as_str(),
        "selfsubjectaccessreviews" | "selfsubjectrulesreviews" | "selfsubjectreviews"
    );
    if !(allows(&rules, &attributes) || is_self_review && user.is_authenticated()) {
        let id = GroupResource::new(&attributes.group, &attributes.full_resource());
        return Err(StatusError::forbidden(
            &id,
            &attributes.name,
            &attributes.denial(&user.name),
        ));
    }
    let resource = resource.ok_or_else(StatusError::page_not_found)?;
    let call = ResourceCall {
        shared,
        request,
        resource,
        path,
        user,
        rules,
    };
    check_shape(&call)?;
    dispatch(&call, &attributes.verb)
}

fn dispatch(call: &ResourceCall<'_>, verb: &str) -> Result<ApiReply, StatusError> {
    if call.resource.virtual_create {
        return if verb == "create" {
            review::create(call)
        } else {
            Err(StatusError::method_not_allowed(&call.resource.id))
        };
    }
    match verb {
        "create" if call.path.subresource == "token" => token::create(call),
        "get" => read::get(call),
        "list" => read::list(call),
        "watch" => watch::watch(call),
        "create" => write::create(call),
        "update" => write::update(call),
        "patch" => write::patch(call),
        "delete" => write::delete(call),
        "deletecollection" => write::delete_collection(call),
        _ => Err(StatusError::method_not_allowed(&call.resource.id)),
    }
}

/// Reads what the request wants, as access rules see it.
pub fn attributes(request: &ApiRequest, path: &ResourcePath) -> RequestAttributes {
    let is_watch = request.query.flag("watch");
    let verb = match (&request.method, path.name.is_empty()) {
        (&Method::GET | &Method::HEAD, false) => "get",
        (&Method::GET | &Method::HEAD, true) if is_watch => "watch",
        (&Method::GET | &Method::HEAD, true) => "list",
        (&Method::POST, _) => "create",
        (&Method::PUT, _) => "update",
        (&Method::PATCH, _) => "patch",
        (&Method::DELETE, false) => "delete",
        (&Method::DELETE, true) => "deletecollection",
        _ => "",
    };
    // A namespace is in itself, as far as access goes.
    let is_namespace = path.group.is_empty() && path.resource == "namespaces";
    let namespace = if is_namespace && path.namespace.is_empty() {
        &path.name
    } else {
        &path.namespace
    };
    RequestAttributes {
        verb: verb.to_owned(),
        group: path.group.clone(),
        resource: path.resource.clone(),
        subresource: path.subresource.clone(),
        namespace: namespace.clone(),
        name: if path.name.is_empty() {
            selected_name(request)
        } else {
            path.name.clone()
        },
    }
}

/// A list or watch of one name counts as a request for that name.
fn selected_name(request: &ApiRequest) -> String {
    let terms = request.query.get("fieldSelector").split(',');
    terms
        .filter_map(|term| term.strip_prefix("metadata.name="))
        .next()
        .unwrap_or_default()
        .trim_start_matches('=')
        .to_owned()
}

/// The path fits the resource: namespace only where it has one, subresources only those it has.
fn check_shape(call: &ResourceCall<'_>) -> Result<(), StatusError> {
    let (path, resource) = (&call.path, &call.resource);
    let known_subresource =
        path.subresource.is_empty() || (path.subresource == "status" && resource.status);
    let wants_namespace =
        resource.namespaced && (!path.name.is_empty() || call.request.method == Method::POST);
    let namespace_fits = if resource.namespaced {
        !(wants_namespace && path.namespace.is_empty())
    } else {
        path.namespace.is_empty()
    };
    let is_token_request = path.subresource == "token" && resource.kind == "ServiceAccount";
    if resource.virtual_create || is_token_request && call.request.method == Method::POST {
        return Ok(());
    }
    if !known_subresource || !namespace_fits {
        return Err(StatusError::page_not_found());
    }
    let allowed = match (
        &call.request.method,
        path.name.is_empty(),
        path.subresource.is_empty(),
    ) {
        (&Method::POST, is_collection, _) => is_collection,
        (&Method::PUT | &Method::PATCH, is_collection, _) => !is_collection,
        (&Method::DELETE, _, is_main) => is_main,
        _ => true,
    };
    if allowed {
        Ok(())
    } else {
        Err(StatusError::method_not_allowed(&resource.id))
    }
}

impl ResourceCall<'_> {
    /// The field selector of the query.
    pub fn field_selector(&self) -> Result<FieldSelector, StatusError> {
        FieldSelector::parse(self.request.query.get("fieldSelector"), &self.resource)
    }
}
