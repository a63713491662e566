//! Types and functions in WIT's own notation.

use wit_parser::{Function, Interface, Resolve, Type, TypeDef, TypeDefKind, TypeId, WorldItem};

/// The types that an interface defines, without those it takes over by `use`.
pub(super) fn own_types<'a>(
    resolve: &'a Resolve,
    interface: &'a Interface,
) -> impl Iterator<Item = (&'a str, &'a TypeDef)> {
    let types = interface.types.iter();
    types
        .filter_map(|(name, id)| Some((name.as_str(), resolve.types.get(*id)?)))
        .filter(|(_, definition)| !matches!(definition.kind, TypeDefKind::Type(Type::Id(_))))
}

/// `name: func(a: b) -> c`
pub(super) fn signature(resolve: &Resolve, function: &Function) -> String {
    let parameters = function.params.iter();
    let parameters: Vec<String> = parameters
        .map(|it| format!("{}: {}", it.name, name(resolve, &it.ty)))
        .collect();
    let result = function.result.as_ref();
    let result = result.map(|it| format!(" -> {}", name(resolve, it)));
    format!(
        "{}: func({}){}",
        function.name,
        parameters.join(", "),
        result.unwrap_or_default()
    )
}

/// How a type is written where it is used.
pub(super) fn name(resolve: &Resolve, ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::U8 => "u8".to_owned(),
        Type::U16 => "u16".to_owned(),
        Type::U32 => "u32".to_owned(),
        Type::U64 => "u64".to_owned(),
        Type::S8 => "s8".to_owned(),
        Type::S16 => "s16".to_owned(),
        Type::S32 => "s32".to_owned(),
        Type::S64 => "s64".to_owned(),
        Type::F32 => "f32".to_owned(),
        Type::F64 => "f64".to_owned(),
        Type::Char => "char".to_owned(),
        Type::String => "string".to_owned(),
        Type::ErrorContext => "error-context".to_owned(),
        Type::Id(id) => defined(resolve, *id),
    }
}

fn defined(resolve: &Resolve, id: TypeId) -> String {
    let Some(definition) = resolve.types.get(id) else {
        return String::new();
    };
    if let Some(name) = &definition.name {
        return name.clone();
    }
    let name = |ty: &Type| name(resolve, ty);
    let or_none = |ty: &Option<Type>| ty.as_ref().map_or_else(|| "_".to_owned(), name);
    match &definition.kind {
        TypeDefKind::List(element) => format!("list<{}>", name(element)),
        TypeDefKind::Option(value) => format!("option<{}>", name(value)),
        TypeDefKind::Result(it) => format!("result<{}, {}>", or_none(&it.ok), or_none(&it.err)),
        TypeDefKind::Tuple(tuple) => {
            let types: Vec<String> = tuple.types.iter().map(name).collect();
            format!("tuple<{}>", types.join(", "))
        }
        other => other.as_str().to_owned(),
    }
}

/// `cluster-validation` for an interface of the package.
pub(super) fn item(resolve: &Resolve, item: &WorldItem) -> Option<String> {
    let WorldItem::Interface { id, .. } = item else {
        return None;
    };
    resolve.interfaces.get(*id)?.name.clone()
}
